-- Which change an incident, a rollback, a hotfix or a revert may have come from.
-- An attribution is worked out anew whenever something it rests on changes;
-- until_at is 0 while it asks a person. blames names the releases it holds or
-- suspects, each under the release's service.
create table attributions (
	service_id text not null,
	id text not null,
	at bigint not null,
	until_at bigint not null,
	data text not null,
	primary key (service_id, id)
);
create index attributions_id on attributions (id);
create index attributions_service on attributions (service_id, at, id);
create index attributions_asked on attributions (at, id) where until_at = 0;

create table blames (
	service_id text not null,
	release_id text not null,
	home_id text not null,
	id text not null,
	primary key (service_id, release_id, id)
);
create index blames_object on blames (id);

-- What people said it was: the truth nothing works out anew. The latest one of a
-- subject stands, taking it back lets the one before stand again. data also keeps
-- the attribution as it stood when the answer was given.
create table corrections (
	service_id text not null,
	id text not null,
	answered_at bigint not null,
	answer text not null,
	data text not null,
	primary key (service_id, id, answered_at)
);
create index corrections_id on corrections (id, answered_at);
create index corrections_time on corrections (answered_at, id);

-- What took effect by itself, in all services at once.
create index changes_flips on changes (at, id) where kind <> '';
