-- What a session is for, and where it began.
alter table sessions add column kind text not null default 'browser'
    constraint sessions_kind_known check (kind in ('browser', 'api', 'key'));
alter table sessions add column address text
    constraint sessions_address_length check (char_length(address) <= 45);

-- Browsers and programs that a person has come in with, known again by their user agent without its version numbers.
create table known_agents (
    user_id uuid not null,
    agent text not null,
    constraint known_agents_pk primary key (user_id, agent),
    constraint known_agents_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint known_agents_length check (char_length(agent) <= 200)
);
