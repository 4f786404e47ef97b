-- What the model reads before the conversation, and what people see before they begin: JSON, kept as it was given.
alter table personas add column preset_messages jsonb not null default '[]';
alter table personas add column app_preset jsonb not null default '{}';
-- A persona that was deleted keeps its name, which stands above its replies, and nothing else.
alter table personas add column deleted_at timestamptz;
