-- Messages, a tree through parent_id. Insert-only: a row is written once, complete, and never changed.
-- user_id is the owner of the conversation, also for replies. Only a person's own messages have a
-- client_message_id; it makes sending the same one again harmless.
create table messages (
    id uuid not null,
    conversation_id uuid not null,
    parent_id uuid,
    user_id uuid not null,
    role text not null,
    content text not null,
    reasoning text,
    status text not null,
    finish_reason text,
    error jsonb,
    model text,
    persona_id uuid,
    prompt_tokens bigint,
    completion_tokens bigint,
    response_ms bigint,
    client_message_id text,
    rev bigint not null,
    created_at timestamptz not null,
    constraint messages_pk primary key (id),
    constraint messages_client_unique unique (user_id, client_message_id),
    constraint messages_conversation_fk foreign key (conversation_id) references conversations (id) on delete cascade,
    constraint messages_parent_fk foreign key (parent_id) references messages (id),
    constraint messages_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint messages_persona_fk foreign key (persona_id) references personas (id) on delete set null,
    constraint messages_role_word check (role in ('user', 'assistant', 'system', 'tool')),
    constraint messages_status_word check (status in ('completed', 'stopped', 'interrupted')),
    constraint messages_client_length check (char_length(client_message_id) between 1 and 64),
    constraint messages_rev_positive check (rev > 0)
);
create index messages_rev_idx on messages (conversation_id, rev);
create index messages_created_idx on messages (conversation_id, created_at desc);
create index messages_user_idx on messages (user_id, created_at desc);
create index messages_role_idx on messages (role);
