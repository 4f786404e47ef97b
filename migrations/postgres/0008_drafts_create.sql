-- Unsent texts. The nil id stands for the conversation that does not exist yet, hence no foreign key.
create table drafts (
    user_id uuid not null,
    conversation_id uuid not null,
    content text not null,
    updated_at timestamptz not null,
    constraint drafts_pk primary key (user_id, conversation_id),
    constraint drafts_user_fk foreign key (user_id) references users (id) on delete cascade
);
