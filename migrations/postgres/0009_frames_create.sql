-- The journal of replies while they are being written: rubbish once the reply is a message. A row of
-- kind 'seal' ends a generation's log; since (gen_no, seq) is unique, a writer that does not know of the
-- end yet must collide with it. A partition holds 4096 generations and is dropped whole; partitions are
-- made by the server, ahead of need.
create table generation_frames (
    gen_no bigint not null,
    seq bigint not null,
    kind text not null,
    part text not null,
    body text not null,
    constraint generation_frames_pk primary key (gen_no, seq),
    constraint generation_frames_kind_word check (kind in ('delta', 'seal')),
    constraint generation_frames_seq_positive check (seq > 0)
) partition by range (gen_no);
