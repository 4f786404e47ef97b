-- How a person wants the pages: a JSON object of the settings that were ever chosen. What a newer or older version
-- wrote stays in it.
create table preferences (
    user_id uuid not null,
    content text not null,
    updated_at timestamptz not null,
    constraint preferences_pk primary key (user_id),
    constraint preferences_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint preferences_content_form check (jsonb_typeof(content::jsonb) = 'object')
);
