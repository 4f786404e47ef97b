-- Browsers that are told by push of replies that end while nobody looks. They go with the session that made them.
create table push_subscriptions (
    endpoint text not null,
    user_id blob not null,
    session_id blob not null,
    p256dh blob not null,
    auth blob not null,
    created_at integer not null,
    constraint push_subscriptions_pk primary key (endpoint),
    constraint push_subscriptions_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint push_subscriptions_session_fk foreign key (session_id) references sessions (id) on delete cascade,
    constraint push_subscriptions_endpoint_length check (length(endpoint) <= 2000),
    constraint push_subscriptions_keys_form check (length(p256dh) = 65 and length(auth) = 16)
) strict;
create index push_subscriptions_user_idx on push_subscriptions (user_id, created_at);
create index push_subscriptions_session_idx on push_subscriptions (session_id);
