-- What kinds of change a change is of, and all that a release brought: JSON, ''
-- where it has to be worked out (again). The partial indexes hold what waits.
alter table changes add column kinds text not null default '';
create index changes_unsorted on changes (service_id, at, id) where kinds = '';
alter table releases add column kinds text not null default '';
create index releases_unsorted on releases (service_id, id) where kinds = '';

-- Which files tests run, as coverage uploads say it. A row stands from since_at
-- on, until the next one of the same file; a new one begins only where "run by
-- tests" turns into "not run" or back, so a file has few. part tells uploads of
-- one service apart (unit, front end).
create table coverage (
	service_id text not null,
	part text not null,
	path text not null,
	since_at bigint not null,
	module text not null,
	covered bigint not null,
	total bigint not null,
	tested boolean not null,
	primary key (service_id, part, path, since_at)
);
