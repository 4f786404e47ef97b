-- Browsers that are told by push of replies that end while nobody looks. They go with the session that made them.
create table push_subscriptions (
    endpoint text not null,
    user_id uuid not null,
    session_id uuid not null,
    p256dh bytea not null,
    auth bytea not null,
    created_at timestamptz not null,
    constraint push_subscriptions_pk primary key (endpoint),
    constraint push_subscriptions_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint push_subscriptions_session_fk foreign key (session_id) references sessions (id) on delete cascade,
    constraint push_subscriptions_endpoint_length check (char_length(endpoint) <= 2000),
    constraint push_subscriptions_keys_form check (octet_length(p256dh) = 65 and octet_length(auth) = 16)
);
create index push_subscriptions_user_idx on push_subscriptions (user_id, created_at);
create index push_subscriptions_session_idx on push_subscriptions (session_id);
