-- What the Sources page shows, and what parsing again needs: which events an
-- envelope told of, as a JSON list of [service, event]; and whom nobody
-- believed, counted by reason (no body of a stranger is kept).
alter table inbox add column said text not null default '';

create table refusals (
	source text not null,
	reason text not null,
	n bigint not null,
	first_at bigint not null,
	last_at bigint not null,
	primary key (source, reason)
);
