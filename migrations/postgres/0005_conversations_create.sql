-- Conversations. rev grows by one with each durable change, under the row's lock, so that the order of
-- commits is the order of revs. head_message_id ends the path that the person reads; it has no foreign
-- key, because messages point back here.
create table conversations (
    id uuid not null,
    user_id uuid not null,
    persona_id uuid,
    title text not null default '',
    status text not null default 'active',
    rev bigint not null default 0,
    head_message_id uuid,
    message_count bigint not null default 0,
    last_message_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    constraint conversations_pk primary key (id),
    constraint conversations_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint conversations_persona_fk foreign key (persona_id) references personas (id) on delete set null,
    constraint conversations_title_length check (char_length(title) <= 200),
    constraint conversations_status_word check (status in ('active', 'archived', 'deleted')),
    constraint conversations_deleted_word check ((status = 'deleted') = (deleted_at is not null)),
    constraint conversations_counts check (rev >= 0 and message_count >= 0)
);
create index conversations_recent_idx on conversations (user_id, updated_at desc, id desc) where deleted_at is null;
create index conversations_created_idx on conversations (user_id, created_at desc);
create index conversations_active_idx on conversations (status, last_message_at desc);
