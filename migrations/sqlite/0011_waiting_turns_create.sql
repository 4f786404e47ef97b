-- Messages sent while a reply was being written, in the order of their arrival. Each becomes a message and
-- a generation, with the ids reserved here, when its turn comes; its parent is the head of that moment.
create table waiting_turns (
    no integer primary key autoincrement,
    conversation_id blob not null,
    user_id blob not null,
    message_id blob not null,
    reply_message_id blob not null,
    generation_id blob not null,
    client_message_id text not null,
    content text not null,
    persona_id blob,
    rev integer not null,
    created_at integer not null,
    constraint waiting_turns_message_unique unique (message_id),
    constraint waiting_turns_reply_unique unique (reply_message_id),
    constraint waiting_turns_generation_unique unique (generation_id),
    constraint waiting_turns_client_unique unique (user_id, client_message_id),
    constraint waiting_turns_conversation_fk foreign key (conversation_id) references conversations (id) on delete cascade,
    constraint waiting_turns_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint waiting_turns_persona_fk foreign key (persona_id) references personas (id) on delete set null,
    constraint waiting_turns_client_length check (length(client_message_id) between 1 and 64),
    constraint waiting_turns_rev_positive check (rev > 0)
) strict;
create index waiting_turns_order_idx on waiting_turns (conversation_id, no);
