-- Second factors: one secret a person, sealed. It counts from enrolled_at on; before that it waits to be confirmed.
-- last_step: the newest time step whose code was used. tries, tried_at: failures in a row, and the last of them.
create table factors (
    user_id uuid not null,
    id uuid not null,
    secret bytea not null,
    last_step bigint not null default 0,
    tries bigint not null default 0,
    tried_at timestamptz,
    created_at timestamptz not null,
    enrolled_at timestamptz,
    constraint factors_pk primary key (user_id),
    constraint factors_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint factors_tries_range check (tries >= 0)
);
