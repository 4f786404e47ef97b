-- The processes that share this database. Each says now and then that it is alive; the database's own
-- clock is the only one that counts. A boot is one run of a process, id its installation.
create table instances (
    boot uuid not null,
    id uuid not null,
    heartbeat_at timestamptz not null default clock_timestamp(),
    draining boolean not null default false,
    constraint instances_pk primary key (boot)
);
