-- Nothing here: one process alone opens this engine's files, so there is nobody to be told apart from.
select 1;
