-- Who did what, when and from where; never what was said. Each row's hash covers the row before it, so that a change
-- shows. No foreign keys: what an account did outlives the account.
create table audit_events (
    no integer not null,
    at integer not null,
    kind text not null,
    actor blob,
    address text,
    user_agent text,
    subject blob,
    notes text not null,
    previous_hash blob not null,
    hash blob not null,
    constraint audit_events_pk primary key (no),
    constraint audit_events_order check (no >= 1),
    constraint audit_events_actor_form check (actor is null or length(actor) = 16),
    constraint audit_events_subject_form check (subject is null or length(subject) = 16),
    constraint audit_events_hash_form check (length(previous_hash) = 32 and length(hash) = 32)
) strict;
create trigger audit_events_no_update before update on audit_events
begin
    select raise(abort, 'audit_events is append-only');
end;
create trigger audit_events_no_delete before delete on audit_events
begin
    select raise(abort, 'audit_events is append-only');
end;
