-- What made-up releases on a service's own past showed. The latest measured is
-- shown; those before it are forgotten.
create table backtests (
	service_id text not null,
	measured_at bigint not null,
	data text not null,
	primary key (service_id, measured_at)
);
