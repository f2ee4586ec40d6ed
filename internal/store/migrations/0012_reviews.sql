-- What a monthly review reads of each release, in one short line: a year of an
-- organisation is read from front to back, and a row of release_facts with all
-- its leads is ten times as long. Written and removed with release_facts.
create table fact_lines (
	service_id text not null,
	id text not null,
	at bigint not null,
	line text not null,
	primary key (service_id, id)
);

-- A month that was looked back on, as it was said then ("org": all services).
-- It is not written again: what is corrected later shows in a later month.
create table reviews (
	service_id text not null,
	month text not null,
	at bigint not null,
	data text not null,
	primary key (service_id, month)
);

-- How people answered, without reading what they were asked.
create index surprises_answered on surprises (at, service_id, kind, answer, release_id) where answer <> '';
