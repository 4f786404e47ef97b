-- Model configurations: which model is asked, where, with which key. user_id null: everybody's. base_url null: the
-- provider's own address. api_key is sealed for its row, its owner and the origin of its address; key_hint is its end, to
-- be shown. Prices are millionths of the currency for a million tokens.
create table model_configs (
    id uuid not null,
    user_id uuid,
    name text not null,
    kind text not null,
    base_url text,
    model text not null,
    api_key bytea,
    key_hint text,
    parameters jsonb,
    context_tokens bigint,
    price_in bigint,
    price_out bigint,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint model_configs_pk primary key (id),
    constraint model_configs_user_fk foreign key (user_id) references users (id) on delete cascade,
    constraint model_configs_name_length check (char_length(name) between 1 and 100),
    constraint model_configs_kind_word check (kind in ('openai', 'anthropic', 'gemini', 'agent')),
    constraint model_configs_key_hint check ((api_key is null) = (key_hint is null)),
    constraint model_configs_numbers check (context_tokens > 0 and price_in >= 0 and price_out >= 0)
);
create index model_configs_user_idx on model_configs (user_id, created_at);
