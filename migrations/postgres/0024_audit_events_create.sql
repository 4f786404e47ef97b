-- Who did what, when and from where; never what was said. Each row's hash covers the row before it, so that a change
-- shows. No foreign keys: what an account did outlives the account.
create table audit_events (
    no bigint not null,
    at timestamptz not null,
    kind text not null,
    actor uuid,
    address text,
    user_agent text,
    subject uuid,
    notes text not null,
    previous_hash bytea not null,
    hash bytea not null,
    constraint audit_events_pk primary key (no),
    constraint audit_events_order check (no >= 1),
    constraint audit_events_hash_form check (octet_length(previous_hash) = 32 and octet_length(hash) = 32)
);
create function audit_events_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'audit_events is append-only';
end
$$;
create trigger audit_events_no_change before update or delete on audit_events
    for each row execute function audit_events_refuse();
create trigger audit_events_no_truncate before truncate on audit_events
    for each statement execute function audit_events_refuse();
