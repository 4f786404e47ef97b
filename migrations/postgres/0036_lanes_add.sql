-- The same message answered by several models at once: a turn has one to three lanes, each with a generation of its own.
alter table generations add column lane smallint not null default 0
    constraint generations_lane_range check (lane between 0 and 2);
drop index generations_one_active;
create unique index generations_one_active on generations (conversation_id, lane)
    where status in ('queued', 'starting', 'streaming');
-- The message whose replies are compared, until one is kept or anything else is asked; its lanes are then the newest
-- generations of the conversation.
alter table conversations add column compared_message_id uuid;
-- Which models new messages go to beside the first, as a list of ids. Null: none. No foreign key, as for the first.
alter table conversations add column compare_with jsonb;
