-- Codes for the day on which the second factor is lost; each opens once and is gone. Only SHA-256 is kept: they are
-- random, 80 bits.
create table backup_codes (
    user_id blob not null,
    code_hash blob not null,
    constraint backup_codes_pk primary key (user_id, code_hash),
    constraint backup_codes_factor_fk foreign key (user_id) references factors (user_id) on delete cascade,
    constraint backup_codes_hash_form check (length(code_hash) = 32)
) strict, without rowid;
