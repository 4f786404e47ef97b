-- What people of a group may use; null is without limit (of requests: what the settings say for everybody).
create table groups (
    name text not null,
    model_configs integer,
    own_endpoints integer not null,
    requests_per_minute integer,
    tokens_per_day integer,
    constraint groups_pk primary key (name),
    constraint groups_name_known check (name in ('user', 'pro', 'admin')),
    constraint groups_endpoints_form check (own_endpoints in (0, 1)),
    constraint groups_limits_form check (model_configs >= 0 and requests_per_minute > 0 and tokens_per_day >= 0)
) strict, without rowid;
insert into groups (name, model_configs, own_endpoints, requests_per_minute, tokens_per_day) values
    ('user', 5, 1, null, null),
    ('pro', 50, 1, null, null),
    ('admin', null, 1, null, null);

-- SQLite adds no column that refers to another table and is not null, hence a check.
alter table users add column group_name text not null default 'user'
    constraint users_group_known check (group_name in ('user', 'pro', 'admin'));
-- When somebody showed that mail to the present address reaches them.
alter table users add column email_verified_at integer;
-- Few are admins, and a start asks whether there is one.
create index users_group_idx on users (group_name) where group_name <> 'user';
