-- A conversation becomes a tree that a person walks: other replies to a message, other wordings of it,
-- replies that go on from an unfinished one. None of the new references has a foreign key: like the head,
-- they never leave their conversation, and conversations go whole.
alter table messages add column continues_message_id uuid;
-- The parent first: so one index serves siblings, first messages, and the foreign key.
create index messages_parent_idx on messages (parent_id, conversation_id);

-- previous_head_id: where the path ended before, for an end without a reply. kept_frames: how many frames
-- of a 'continue' hold text of the reply that it goes on from.
alter table generations add column kind text not null default 'new'
    constraint generations_kind_word check (kind in ('new', 'regenerate', 'continue'));
alter table generations add column continues_message_id uuid;
alter table generations add constraint generations_continues_word
    check ((kind = 'continue') = (continues_message_id is not null));
alter table generations add column previous_head_id uuid;
alter table generations add column kept_frames bigint not null default 0
    constraint generations_kept_positive check (kept_frames >= 0);

-- changed_at moves with rev, while updated_at is the last use and orders the list.
alter table conversations add column when_busy text not null default 'reject'
    constraint conversations_busy_word check (when_busy in ('reject', 'queue', 'interrupt'));
alter table conversations add column title_by text not null default 'first_words'
    constraint conversations_title_word check (title_by in ('first_words', 'model', 'person'));
alter table conversations add column changed_at timestamptz not null default now();
update conversations set changed_at = updated_at;
create index conversations_changed_idx on conversations (user_id, changed_at desc);
-- Titles are ordered as code points, whatever language the database was made for.
alter table conversations alter column title type text collate "C";
create index conversations_title_idx on conversations (user_id, title, id desc) where deleted_at is null;
