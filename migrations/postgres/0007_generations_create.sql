-- Runs of a model. no is the short number that the journal uses and is never used again.
-- reply_message_id is reserved here; the message itself appears when the run ends, if it wrote any text.
create table generations (
    no bigint generated always as identity,
    id uuid not null,
    conversation_id uuid not null,
    user_id uuid not null,
    user_message_id uuid not null,
    reply_message_id uuid not null,
    persona_id uuid,
    status text not null,
    owner_instance uuid not null,
    owner_boot uuid not null,
    error jsonb,
    model text,
    finish_reason text,
    prompt_tokens bigint,
    completion_tokens bigint,
    last_seq bigint not null default 0,
    ended_rev bigint not null default 0,
    created_at timestamptz not null,
    started_at timestamptz,
    first_token_at timestamptz,
    ended_at timestamptz,
    constraint generations_pk primary key (no),
    constraint generations_id_unique unique (id),
    constraint generations_reply_unique unique (reply_message_id),
    constraint generations_conversation_fk foreign key (conversation_id) references conversations (id) on delete cascade,
    constraint generations_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint generations_message_fk foreign key (user_message_id) references messages (id) on delete cascade,
    constraint generations_persona_fk foreign key (persona_id) references personas (id) on delete set null,
    constraint generations_status_word check (status in
        ('queued', 'starting', 'streaming', 'completed', 'stopped', 'interrupted', 'failed', 'cancelled')),
    constraint generations_end_time check ((ended_at is null) = (status in ('queued', 'starting', 'streaming'))),
    constraint generations_counts check (last_seq >= 0 and ended_rev >= 0)
);
create unique index generations_one_active on generations (conversation_id)
    where status in ('queued', 'starting', 'streaming');
create index generations_newest_idx on generations (conversation_id, no desc);
create index generations_message_idx on generations (user_message_id);
