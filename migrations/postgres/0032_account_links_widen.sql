-- A third purpose of links: to an address that an account wants and does not have yet. Such a link names that address, and
-- whoever answers it moves the account there. A row is written for an address that somebody has, too, so that both cost the
-- same and look alike; such a row's token was sent to nobody.
alter table account_links drop constraint account_links_purpose_known;
alter table account_links add constraint account_links_purpose_known
    check (purpose in ('verify', 'reset', 'change'));

-- What decides by which of the recipes in use a password is checked for an address that nobody has: the same one for the
-- same address always, on every instance, and nobody who cannot read this database knows which.
create table decoys (
    id integer not null,
    secret bytea not null,
    constraint decoys_pk primary key (id),
    constraint decoys_one check (id = 1),
    constraint decoys_form check (octet_length(secret) = 32)
);
-- Two random UUIDs, 244 random bits: more than anybody guesses, and random bytes would need an extension.
insert into decoys (id, secret)
    values (1, decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
