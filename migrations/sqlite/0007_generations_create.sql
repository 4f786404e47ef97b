-- Runs of a model. no is the short number that the journal uses and is never used again.
-- reply_message_id is reserved here; the message itself appears when the run ends, if it wrote any text.
create table generations (
    no integer primary key autoincrement,
    id blob not null,
    conversation_id blob not null,
    user_id blob not null,
    user_message_id blob not null,
    reply_message_id blob not null,
    persona_id blob,
    status text not null,
    owner_instance blob not null,
    owner_boot blob not null,
    error text,
    model text,
    finish_reason text,
    prompt_tokens integer,
    completion_tokens integer,
    last_seq integer not null default 0,
    ended_rev integer not null default 0,
    created_at integer not null,
    started_at integer,
    first_token_at integer,
    ended_at integer,
    constraint generations_id_unique unique (id),
    constraint generations_reply_unique unique (reply_message_id),
    constraint generations_conversation_fk foreign key (conversation_id) references conversations (id) on delete cascade,
    constraint generations_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint generations_message_fk foreign key (user_message_id) references messages (id) on delete cascade,
    constraint generations_persona_fk foreign key (persona_id) references personas (id) on delete set null,
    constraint generations_id_form check (length(id) = 16),
    constraint generations_status_word check (status in
        ('queued', 'starting', 'streaming', 'completed', 'stopped', 'interrupted', 'failed', 'cancelled')),
    constraint generations_end_time check ((ended_at is null) = (status in ('queued', 'starting', 'streaming'))),
    constraint generations_error_form check (error is null or json_valid(error)),
    constraint generations_counts check (last_seq >= 0 and ended_rev >= 0)
) strict;
create unique index generations_one_active on generations (conversation_id)
    where status in ('queued', 'starting', 'streaming');
create index generations_newest_idx on generations (conversation_id, no desc);
create index generations_message_idx on generations (user_message_id);
