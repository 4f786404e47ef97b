-- Which master keys have sealed secrets here, newest last: the highest version seals. The keys themselves are never in
-- a database; a fingerprint tells which is meant.
create table master_keys (
    version integer not null,
    fingerprint blob not null,
    created_at integer not null,
    constraint master_keys_pk primary key (version),
    constraint master_keys_fingerprint_unique unique (fingerprint),
    constraint master_keys_fingerprint_form check (length(fingerprint) = 8)
) strict;
