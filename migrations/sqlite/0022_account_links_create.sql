-- Links that go out by mail, good once. They name the address they went to: once the account has another, they are void.
create table account_links (
    token_hash blob not null,
    user_id blob not null,
    purpose text not null,
    address text not null,
    created_at integer not null,
    expires_at integer not null,
    used_at integer,
    constraint account_links_pk primary key (token_hash),
    constraint account_links_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint account_links_purpose_known check (purpose in ('verify', 'reset')),
    constraint account_links_form check (length(token_hash) = 32),
    constraint account_links_address_length check (length(address) <= 100)
) strict, without rowid;
create index account_links_user_idx on account_links (user_id, purpose);
create index account_links_expiry_idx on account_links (expires_at);

-- Sign-ins whose password was right and whose second factor is still to come.
create table sign_in_challenges (
    token_hash blob not null,
    user_id blob not null,
    tries integer not null default 0,
    created_at integer not null,
    expires_at integer not null,
    constraint sign_in_challenges_pk primary key (token_hash),
    constraint sign_in_challenges_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint sign_in_challenges_form check (length(token_hash) = 32)
) strict, without rowid;
create index sign_in_challenges_user_idx on sign_in_challenges (user_id);
create index sign_in_challenges_expiry_idx on sign_in_challenges (expires_at);
