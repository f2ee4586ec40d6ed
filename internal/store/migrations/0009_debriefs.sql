-- What people made of a release or an incident, and the one action each
-- decided. An incident's debrief lives under the incident's home service. Of
-- what is being written two people may hold the same version: the second save
-- is told so and loses nothing.
create table debriefs (
	service_id text not null,
	id text not null,
	about text not null,
	about_id text not null,
	state text not null,
	gap text not null,
	at bigint not null,
	finished_at bigint not null,
	version bigint not null,
	data text not null,
	primary key (service_id, id)
);
create index debriefs_id on debriefs (id);
create index debriefs_time on debriefs (at, id);
create index debriefs_service on debriefs (service_id, at, id);
create index debriefs_about on debriefs (service_id, about_id, at, id);

create table actions (
	service_id text not null,
	id text not null,
	team text not null,
	debrief_id text not null,
	state text not null,
	at bigint not null,
	due_at bigint not null,
	data text not null,
	primary key (service_id, id)
);
create index actions_id on actions (id);
create index actions_time on actions (at, id);
create index actions_service on actions (service_id, at, id);
create index actions_open on actions (team, at, id) where state in ('in progress', 'waiting');
