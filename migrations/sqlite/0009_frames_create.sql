-- Nothing here: on this engine the journal lies in a file of its own, see migrations/journal.
select 1;
