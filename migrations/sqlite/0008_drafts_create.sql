-- Unsent texts. The nil id stands for the conversation that does not exist yet, hence no foreign key.
create table drafts (
    user_id blob not null,
    conversation_id blob not null,
    content text not null,
    updated_at integer not null,
    constraint drafts_pk primary key (user_id, conversation_id),
    constraint drafts_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint drafts_conversation_form check (length(conversation_id) = 16)
) strict, without rowid;
