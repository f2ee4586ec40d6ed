-- What hurt, and what users wrote. An incident lives under its home service
-- ("org" where none fits), with a row of mentions for each other service it
-- touches. until_at is 0 while it is open.
create table incidents (
	service_id text not null,
	id text not null,
	at bigint not null,
	until_at bigint not null,
	data text not null,
	primary key (service_id, id)
);
create index incidents_id on incidents (id);
create index incidents_time on incidents (at, id);
create index incidents_service on incidents (service_id, at, id);

create table tickets (
	service_id text not null,
	id text not null,
	at bigint not null,
	until_at bigint not null,
	data text not null,
	primary key (service_id, id)
);
create index tickets_id on tickets (id);
create index tickets_time on tickets (at, id);
create index tickets_service on tickets (service_id, at, id);

create table mentions (
	service_id text not null,
	kind text not null,
	home_id text not null,
	id text not null,
	at bigint not null,
	primary key (service_id, kind, home_id, id)
);
create index mentions_object on mentions (kind, id);
create index mentions_time on mentions (service_id, kind, at, id);

-- What took effect by itself (a flag flipped, a configuration edited) is
-- listed apart from commits, whose kind is ''.
alter table changes add column kind text not null default '';
create index changes_kind on changes (service_id, kind, at, id);
