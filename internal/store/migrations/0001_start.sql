-- One schema for both engines. Every instant is microseconds since 1970 in
-- UTC, 0 where it is not known; JSON is opaque text; nothing is null.
-- The class of every table (distributed, reference, local) is in tables.go.

create table services (
	id text not null primary key,
	name text not null,
	name_key text not null,
	sample boolean not null,
	created_at bigint not null
);
create index services_name on services (name_key);

create table aliases (
	alias text not null primary key,
	service_id text not null
);
create index aliases_service on aliases (service_id);

create table tokens (
	id text not null primary key,
	name text not null,
	hash text not null,
	scope text not null,
	created_at bigint not null,
	used_at bigint not null,
	revoked_at bigint not null
);
create unique index tokens_hash on tokens (hash);

create table settings (
	name text not null primary key,
	value text not null
);

-- Sixteen counters whose sum is the revision of everything pages show: each
-- visible transaction adds to one of them as its last statement, so that
-- writers seldom wait for each other.
create table revision (
	shard bigint not null primary key,
	n bigint not null
);
insert into revision (shard, n) values
	(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0),
	(8, 0), (9, 0), (10, 0), (11, 0), (12, 0), (13, 0), (14, 0), (15, 0);

create table inbox (
	id text not null primary key,
	source text not null,
	natural_key text not null,
	received_at bigint not null,
	header text not null,
	body bytea not null,
	digest text not null,
	state text not null,
	reason text not null,
	settled_at bigint not null,
	raw boolean not null
);
create unique index inbox_key on inbox (source, natural_key);
create index inbox_counts on inbox (source, state, received_at);
create index inbox_open on inbox (received_at) where state = 'open';
create index inbox_raw on inbox (received_at) where raw;

create table work (
	id text not null primary key,
	kind text not null,
	natural_key text not null,
	service_id text not null,
	payload text not null,
	due_at bigint not null,
	ready_at bigint not null,
	again_at bigint not null,
	attempts bigint not null,
	token text not null,
	problem text not null,
	buried boolean not null,
	created_at bigint not null
);
create unique index work_key on work (kind, natural_key);
create index work_ready on work (kind, ready_at, id);
create index work_buried on work (created_at, id) where buried;

create table outbox (
	message_key text not null primary key,
	channel text not null,
	body text not null,
	link text not null,
	created_at bigint not null,
	state text not null,
	attempts bigint not null,
	problem text not null,
	settled_at bigint not null
);
create index outbox_state on outbox (state, created_at, message_key);
create index outbox_time on outbox (created_at, message_key);

create table events (
	service_id text not null,
	id text not null,
	source text not null,
	kind text not null,
	at bigint not null,
	received_at bigint not null,
	data text not null,
	output text not null,
	command text not null,
	raw boolean not null,
	primary key (service_id, id)
);
create index events_raw on events (received_at) where raw;

create table event_keys (
	service_id text not null,
	event_key text not null,
	event_id text not null,
	primary key (service_id, event_key, event_id),
	foreign key (service_id, event_id) references events (service_id, id) on delete cascade
);
create index event_keys_event on event_keys (service_id, event_id, event_key);
create index event_keys_key on event_keys (event_key, service_id);

create table redirects (
	service_id text not null,
	id text not null,
	to_id text not null,
	primary key (service_id, id)
);
create index redirects_id on redirects (id);
create index redirects_to on redirects (service_id, to_id);

create table deployments (
	service_id text not null,
	id text not null,
	release_id text not null,
	environment text not null,
	target text not null,
	version text not null,
	commit_id text not null,
	state text not null,
	at bigint not null,
	live_at bigint not null,
	sample boolean not null,
	data text not null,
	git text not null,
	output text not null,
	command text not null,
	raw boolean not null,
	primary key (service_id, id)
);
create index deployments_id on deployments (id);
create index deployments_time on deployments (service_id, at, id);
create index deployments_environment on deployments (service_id, environment, at, id);
create index deployments_previous on deployments (service_id, environment, target, state, live_at, id);
create index deployments_recent on deployments (service_id, environment, state, at, id);
create index deployments_release on deployments (service_id, release_id, at, id);
create index deployments_version on deployments (service_id, version, at, id);
create index deployments_commit on deployments (service_id, commit_id, at, id);
create index deployments_raw on deployments (at) where raw;

create table changes (
	service_id text not null,
	id text not null,
	at bigint not null,
	data text not null,
	primary key (service_id, id)
);
create index changes_time on changes (service_id, at, id);

create table deployment_changes (
	service_id text not null,
	deployment_id text not null,
	change_id text not null,
	place bigint not null,
	primary key (service_id, deployment_id, change_id),
	foreign key (service_id, deployment_id) references deployments (service_id, id) on delete cascade,
	foreign key (service_id, change_id) references changes (service_id, id) on delete cascade
);
create index deployment_changes_change on deployment_changes (service_id, change_id);

create table releases (
	service_id text not null,
	id text not null,
	environment text not null,
	kind text not null,
	rollout text not null,
	started_at bigint not null,
	sample boolean not null,
	data text not null,
	verdict text not null,
	headline text not null,
	looks text not null,
	surprises bigint not null,
	unanswered bigint not null,
	primary key (service_id, id)
);
create index releases_id on releases (id);
create index releases_time on releases (started_at, id);
create index releases_service on releases (service_id, started_at, id);
create index releases_rollout on releases (rollout, started_at, id);

create table looks (
	service_id text not null,
	release_id text not null,
	number bigint not null,
	due_at bigint not null,
	data text not null,
	examples text not null,
	raw boolean not null,
	primary key (service_id, release_id, number),
	foreign key (service_id, release_id) references releases (service_id, id) on delete cascade
);
create index looks_raw on looks (due_at) where raw;

create table surprises (
	service_id text not null,
	id text not null,
	release_id text not null,
	kind text not null,
	subject text not null,
	at bigint not null,
	place bigint not null,
	data text not null,
	answer text not null,
	answered_at bigint not null,
	unanswered boolean not null,
	primary key (service_id, id),
	foreign key (service_id, release_id) references releases (service_id, id) on delete cascade
);
create index surprises_id on surprises (id);
create index surprises_release on surprises (service_id, release_id, place);
create index surprises_open on surprises (at, id) where unanswered;

create table log_patterns (
	service_id text not null,
	id text not null,
	template text not null,
	level text not null,
	example text not null,
	first_at bigint not null,
	last_at bigint not null,
	primary key (service_id, id)
);
create index log_patterns_first on log_patterns (service_id, first_at);

create table log_counts (
	service_id text not null,
	bin bigint not null,
	pattern_id text not null,
	n bigint not null,
	primary key (service_id, bin, pattern_id),
	foreign key (service_id, pattern_id) references log_patterns (service_id, id) on delete cascade
);
create index log_counts_pattern on log_counts (service_id, pattern_id);

create table chunks (
	service_id text not null,
	metric text not null,
	hour_at bigint not null,
	data text not null,
	primary key (service_id, metric, hour_at)
);
create index chunks_hour on chunks (hour_at);

create table docs (
	service_id text not null,
	kind text not null,
	id text not null,
	title text not null,
	at bigint not null,
	length bigint not null,
	primary key (service_id, kind, id)
);
create index docs_length on docs (length);

create table terms (
	service_id text not null,
	kind text not null,
	id text not null,
	term text not null,
	n bigint not null,
	length bigint not null,
	at bigint not null,
	primary key (service_id, kind, id, term),
	foreign key (service_id, kind, id) references docs (service_id, kind, id) on delete cascade
);
create index terms_term on terms (term, at);
