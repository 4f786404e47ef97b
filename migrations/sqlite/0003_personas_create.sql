-- Who the model is asked to be. Without created_by: built in, for everybody.
create table personas (
    id blob not null,
    slug text not null,
    name text not null,
    description text not null default '',
    system_prompt text not null,
    avatar_url text,
    personality text,
    is_active integer not null default 1,
    sort_order integer not null default 0,
    created_by blob,
    created_at integer not null,
    updated_at integer not null,
    constraint personas_pk primary key (id),
    constraint personas_slug_unique unique (created_by, slug),
    constraint personas_creator_fk foreign key (created_by) references users (id) on delete cascade,
    constraint personas_id_form check (length(id) = 16),
    constraint personas_name_length check (length(name) between 1 and 100),
    constraint personas_avatar_length check (length(avatar_url) <= 500),
    constraint personas_personality_form check (personality is null or json_valid(personality)),
    constraint personas_active_form check (is_active in (0, 1))
) strict;
-- Nulls are distinct to the constraint above, hence a key of their own for the built-in ones.
create unique index personas_built_in_unique on personas (slug) where created_by is null;
create index personas_active_idx on personas (is_active);
create index personas_sort_idx on personas (sort_order);
