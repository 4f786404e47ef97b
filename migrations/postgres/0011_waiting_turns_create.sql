-- Messages sent while a reply was being written, in the order of their arrival. Each becomes a message and
-- a generation, with the ids reserved here, when its turn comes; its parent is the head of that moment.
create table waiting_turns (
    no bigint generated always as identity,
    conversation_id uuid not null,
    user_id uuid not null,
    message_id uuid not null,
    reply_message_id uuid not null,
    generation_id uuid not null,
    client_message_id text not null,
    content text not null,
    persona_id uuid,
    rev bigint not null,
    created_at timestamptz not null,
    constraint waiting_turns_pk primary key (no),
    constraint waiting_turns_message_unique unique (message_id),
    constraint waiting_turns_reply_unique unique (reply_message_id),
    constraint waiting_turns_generation_unique unique (generation_id),
    constraint waiting_turns_client_unique unique (user_id, client_message_id),
    constraint waiting_turns_conversation_fk foreign key (conversation_id) references conversations (id) on delete cascade,
    constraint waiting_turns_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint waiting_turns_persona_fk foreign key (persona_id) references personas (id) on delete set null,
    constraint waiting_turns_client_length check (char_length(client_message_id) between 1 and 64),
    constraint waiting_turns_rev_positive check (rev > 0)
);
create index waiting_turns_order_idx on waiting_turns (conversation_id, no);
