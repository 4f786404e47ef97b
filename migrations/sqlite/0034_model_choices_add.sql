-- Which model configuration is asked: in a conversation from now on, for a turn that waits, by a run, for a message. Null:
-- what the server was set up with. No foreign key: a choice outlives its configuration, so that nothing is sent to another
-- provider unasked. In waiting_turns null is the conversation's choice, and all zeros what the server was set up with.
alter table conversations add column model_config_id blob;
alter table conversations add column parameters text
    constraint conversations_parameters_form check (parameters is null or json_valid(parameters));
alter table waiting_turns add column model_config_id blob;
alter table waiting_turns add column parameters text
    constraint waiting_turns_parameters_form check (parameters is null or json_valid(parameters));
alter table generations add column model_config_id blob;
alter table generations add column parameters text
    constraint generations_parameters_form check (parameters is null or json_valid(parameters));
alter table messages add column model_config_id blob;
-- By the prices of its time, millionths of the currency.
alter table messages add column cost_micros integer;
