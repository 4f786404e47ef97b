-- How a person wants the pages: a JSON object of the settings that were ever chosen. What a newer or older version
-- wrote stays in it.
create table preferences (
    user_id blob not null,
    content text not null,
    updated_at integer not null,
    constraint preferences_pk primary key (user_id),
    constraint preferences_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint preferences_content_form check (json_valid(content))
) strict, without rowid;
