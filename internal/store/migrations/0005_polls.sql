-- How far a repository was read from its forge, for sources that are asked
-- instead of sending. What the forge sent stands in the inbox.
create table polls (
	source text not null,
	repository text not null,
	progress text not null,
	problem text not null,
	polled_at bigint not null,
	primary key (source, repository)
);
