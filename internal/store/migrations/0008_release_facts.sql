-- What metrics, questions, patterns, reviews and briefs read: one row for each
-- row of releases, worked out from all that is known of it and written anew
-- when something it rests on is corrected. What a year or more is filtered and
-- counted by has columns of its own (lists: one entry a line); data is the
-- whole. There is no foreign key to releases: organisations made for benchmarks
-- write facts alone.
create table release_facts (
	service_id text not null,
	id text not null,
	environment text not null,
	kind text not null,
	at bigint not null,
	sample boolean not null,
	assumed boolean not null,
	strategy text not null,
	primary_kind text not null,
	kinds text not null,
	modules text not null,
	changes bigint not null,
	waited bigint not null,
	worked bigint not null,
	tries bigint not null,
	retries bigint not null,
	failure text not null,
	caught_early boolean not null,
	verdict text not null,
	surprises text not null,
	data text not null,
	primary key (service_id, id)
);
create index release_facts_time on release_facts (at, service_id, id);
create index release_facts_service on release_facts (service_id, at, id);
