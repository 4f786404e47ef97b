-- What people of a group may use; null is without limit (of requests: what the settings say for everybody).
create table groups (
    name text not null,
    model_configs integer,
    own_endpoints boolean not null,
    requests_per_minute integer,
    tokens_per_day bigint,
    constraint groups_pk primary key (name),
    constraint groups_name_known check (name in ('user', 'pro', 'admin')),
    constraint groups_limits_form check (model_configs >= 0 and requests_per_minute > 0 and tokens_per_day >= 0)
);
insert into groups (name, model_configs, own_endpoints, requests_per_minute, tokens_per_day) values
    ('user', 5, true, null, null),
    ('pro', 50, true, null, null),
    ('admin', null, true, null, null);

alter table users add column group_name text not null default 'user'
    constraint users_group_known check (group_name in ('user', 'pro', 'admin'));
-- When somebody showed that mail to the present address reaches them.
alter table users add column email_verified_at timestamptz;
-- Few are admins, and a start asks whether there is one.
create index users_group_idx on users (group_name) where group_name <> 'user';
