-- What made-up releases on a service's own past showed, the latest one only.
create table backtests (
	service_id text not null primary key,
	measured_at bigint not null,
	data text not null
);
