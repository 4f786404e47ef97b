-- journal.db: the pieces of replies while they are being written; rubbish once the reply is a message.
-- No index on purpose: with one, a commit of 50 frames writes 17 times as much, and the rows are read
-- only after a crash.
create table frames (
    gen_no integer not null,
    seq integer not null,
    part text not null,
    body text not null
) strict;
