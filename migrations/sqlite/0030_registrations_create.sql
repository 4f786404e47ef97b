-- Accounts that are none yet: their letters have not been answered. A row is written for an address that somebody has, too,
-- so that both cost the same and count alike; such a row's token was sent to nobody. Names are not kept free for them.
-- Without a password: whoever answers the letter chooses it, and that may be somebody else than asked for it.
create table registrations (
    token_hash blob not null,
    user_id blob not null,
    username text not null,
    username_key text not null,
    email text not null,
    email_key text not null,
    -- Of the rows of one address: two at the same moment cannot have the same.
    number integer not null,
    created_at integer not null,
    expires_at integer not null,
    constraint registrations_pk primary key (token_hash),
    constraint registrations_number_unique unique (email_key, number),
    constraint registrations_form check (length(token_hash) = 32 and length(user_id) = 16),
    constraint registrations_username_length check (length(username) between 1 and 50),
    constraint registrations_email_length check (length(email) between 1 and 100)
) strict, without rowid;
create index registrations_expiry_idx on registrations (expires_at);
