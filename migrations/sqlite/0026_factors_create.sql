-- Second factors: one secret a person, sealed. It counts from enrolled_at on; before that it waits to be confirmed.
-- last_step: the newest time step whose code was used. tries, tried_at: failures in a row, and the last of them.
create table factors (
    user_id blob not null,
    id blob not null,
    secret blob not null,
    last_step integer not null default 0,
    tries integer not null default 0,
    tried_at integer,
    created_at integer not null,
    enrolled_at integer,
    constraint factors_pk primary key (user_id),
    constraint factors_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint factors_id_form check (length(id) = 16),
    constraint factors_tries_range check (tries >= 0)
) strict;
