-- What models are told beside the conversation. Named texts of a person; at most one of them begins every new conversation.
create table conversation_contexts (
    id blob not null,
    user_id blob not null,
    name text not null,
    content text not null,
    is_default integer not null default 0,
    created_at integer not null,
    updated_at integer not null,
    constraint conversation_contexts_pk primary key (id),
    constraint conversation_contexts_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint conversation_contexts_id_form check (length(id) = 16),
    constraint conversation_contexts_name_length check (length(name) between 1 and 100),
    constraint conversation_contexts_default_form check (is_default in (0, 1))
) strict;
create index conversation_contexts_user_idx on conversation_contexts (user_id, name, id);
create unique index conversation_contexts_default_unique on conversation_contexts (user_id) where is_default;
-- A conversation's own text: a copy, so that it stays as it is when the named one changes. context_rev grows with each
-- change of it or of the edits below.
alter table conversations add column context text not null default '';
alter table conversations add column context_rev integer not null default 0;
-- How the model is told a message, where that is not as it was said. Without content: the wording is the message's own.
create table context_edits (
    conversation_id blob not null,
    message_id blob not null,
    counts integer not null,
    content text,
    constraint context_edits_pk primary key (conversation_id, message_id),
    constraint context_edits_conversation_fk foreign key (conversation_id) references conversations (id) on delete cascade,
    constraint context_edits_counts_form check (counts in (0, 1))
) strict, without rowid;
