-- A third purpose of links: to an address that an account wants and does not have yet. Such a link names that address, and
-- whoever answers it moves the account there. A row is written for an address that somebody has, too, so that both cost the
-- same and look alike; such a row's token was sent to nobody.
create table account_links_wide (
    token_hash blob not null,
    user_id blob not null,
    purpose text not null,
    address text not null,
    created_at integer not null,
    expires_at integer not null,
    used_at integer,
    constraint account_links_pk primary key (token_hash),
    constraint account_links_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint account_links_purpose_known check (purpose in ('verify', 'reset', 'change')),
    constraint account_links_form check (length(token_hash) = 32),
    constraint account_links_address_length check (length(address) <= 100)
) strict, without rowid;
insert into account_links_wide (token_hash, user_id, purpose, address, created_at, expires_at, used_at)
    select token_hash, user_id, purpose, address, created_at, expires_at, used_at from account_links;
drop table account_links;
alter table account_links_wide rename to account_links;
create index account_links_user_idx on account_links (user_id, purpose);
create index account_links_expiry_idx on account_links (expires_at);

-- What decides by which of the recipes in use a password is checked for an address that nobody has: the same one for the
-- same address always, on every instance, and nobody who cannot read this database knows which.
create table decoys (
    id integer not null,
    secret blob not null,
    constraint decoys_pk primary key (id),
    constraint decoys_one check (id = 1),
    constraint decoys_form check (length(secret) = 32)
) strict;
insert into decoys (id, secret) values (1, randomblob(32));
