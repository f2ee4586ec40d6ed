-- What releases taught, found by its words: docs and terms of the kind 'lesson'
-- hold those, counted among lessons only.
create table lessons (
	service_id text not null,
	id text not null,
	release_id text not null,
	topic text not null,
	at bigint not null,
	sample boolean not null,
	data text not null,
	primary key (service_id, id)
);
create index lessons_id on lessons (id);
create index lessons_release on lessons (service_id, release_id, id);
create index lessons_time on lessons (service_id, at, id);
create index docs_lesson on docs (length) where kind = 'lesson';
create index terms_lesson on terms (term, at) where kind = 'lesson';

-- What was said before releases, kept so that it can be held against what then
-- happened. release_id is the release that shipped it, once there is one;
-- settled_at is when it was judged, 0 before.
create table briefs (
	service_id text not null,
	id text not null,
	head text not null,
	repository text not null,
	pull bigint not null,
	at bigint not null,
	release_id text not null,
	settled_at bigint not null,
	data text not null,
	primary key (service_id, id)
);
create index briefs_id on briefs (id);
create index briefs_head on briefs (service_id, head, at, id);
create index briefs_pull on briefs (service_id, repository, pull, at, id);
create index briefs_release on briefs (service_id, release_id, at, id);
create index briefs_time on briefs (service_id, at, id);
create index briefs_settled on briefs (settled_at, id);

-- Past releases of one kind over all services, the newest first.
create index release_facts_primary on release_facts (primary_kind, at, service_id, id);
