-- Which model configuration is asked: in a conversation from now on, for a turn that waits, by a run, for a message. Null:
-- what the server was set up with. No foreign key: a choice outlives its configuration, so that nothing is sent to another
-- provider unasked. In waiting_turns null is the conversation's choice, and all zeros what the server was set up with.
alter table conversations add column model_config_id uuid;
alter table conversations add column parameters jsonb;
alter table waiting_turns add column model_config_id uuid;
alter table waiting_turns add column parameters jsonb;
alter table generations add column model_config_id uuid;
alter table generations add column parameters jsonb;
alter table messages add column model_config_id uuid;
-- By the prices of its time, millionths of the currency.
alter table messages add column cost_micros bigint;
