-- People. The *_key columns hold the case-folded form, which is what must be unique.
-- Throughout: ids are 16 bytes, moments are microseconds since the Unix epoch.
create table users (
    id blob not null,
    username text not null,
    username_key text not null,
    email text not null,
    email_key text not null,
    password_hash text not null,
    avatar_url text,
    is_active integer not null default 1,
    last_login_at integer,
    created_at integer not null,
    updated_at integer not null,
    constraint users_pk primary key (id),
    constraint users_username_unique unique (username_key),
    constraint users_email_unique unique (email_key),
    constraint users_id_form check (length(id) = 16),
    constraint users_username_length check (length(username) between 1 and 50),
    constraint users_email_length check (length(email) between 1 and 100),
    constraint users_active_form check (is_active in (0, 1))
) strict;
create index users_active_idx on users (is_active);
create index users_created_idx on users (created_at desc);
