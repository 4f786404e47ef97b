-- What stands for the beginning of a path that has become too long for a model: up to and including
-- message_id.
create table summaries (
    conversation_id uuid not null,
    message_id uuid not null,
    content text not null,
    created_at timestamptz not null,
    constraint summaries_pk primary key (conversation_id, message_id),
    constraint summaries_conversation_fk foreign key (conversation_id) references conversations (id) on delete cascade
);
