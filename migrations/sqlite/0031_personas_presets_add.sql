-- What the model reads before the conversation, and what people see before they begin: JSON, kept as it was given.
alter table personas add column preset_messages text not null default '[]'
    constraint personas_messages_form check (json_valid(preset_messages));
alter table personas add column app_preset text not null default '{}'
    constraint personas_preset_form check (json_valid(app_preset));
-- A persona that was deleted keeps its name, which stands above its replies, and nothing else.
alter table personas add column deleted_at integer;
