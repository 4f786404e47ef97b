-- People. The *_key columns hold the case-folded form, which is what must be unique.
create table users (
    id uuid not null,
    username text not null,
    username_key text not null,
    email text not null,
    email_key text not null,
    password_hash text not null,
    avatar_url text,
    is_active boolean not null default true,
    last_login_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint users_pk primary key (id),
    constraint users_username_unique unique (username_key),
    constraint users_email_unique unique (email_key),
    constraint users_username_length check (char_length(username) between 1 and 50),
    constraint users_email_length check (char_length(email) between 1 and 100)
);
create index users_active_idx on users (is_active);
create index users_created_idx on users (created_at desc);
