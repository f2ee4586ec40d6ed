package cli

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/debriefhq/debrief"
)

// The planner's estimates: reltuples as VACUUM and ANALYZE left them (-1: never
// analysed). A partitioned table is the sum of its leaves.
const (
	pgSize = `
select case when n.nspname = any (current_schemas(false)) then c.relname else n.nspname || '.' || c.relname end,
       case when c.relkind = 'p' then coalesce((select sum(l.reltuples) filter (where l.reltuples >= 0)
                                                  from pg_partition_tree(c.oid) t join pg_class l on l.oid = t.relid where t.isleaf), -1)
            else c.reltuples end::bigint,
       case when c.relkind = 'p' then coalesce((select sum(pg_total_relation_size(t.relid)) from pg_partition_tree(c.oid) t where t.isleaf), 0)
            else pg_total_relation_size(c.oid) end::bigint
  from pg_class c join pg_namespace n on n.oid = c.relnamespace`
	pgBiggest = pgSize + `
 where c.relkind in ('r', 'p', 'm') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_toast%'
 order by 3 desc, 1 limit $1`
	pgNamed = pgSize + ` where c.oid = to_regclass($1)`
)

func postgresSizes(ctx context.Context, dsn, _ string, tables []string) ([]tableSize, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "DEBRIEF_FACTS_DSN", "not a PostgreSQL address") // the cause would quote it
	}
	config.ConnectTimeout = factsLimit
	config.RuntimeParams["application_name"] = "debrief"
	config.RuntimeParams["default_transaction_read_only"] = "on"
	config.RuntimeParams["statement_timeout"] = "2000"
	config.RuntimeParams["lock_timeout"] = "500"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, postgresProblem("cannot be connected to", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 200*time.Millisecond)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if len(tables) == 0 {
		return postgresQuery(ctx, conn, pgBiggest, factsTables)
	}
	var sizes []tableSize
	var missing error
	for _, t := range tables {
		found, err := postgresQuery(ctx, conn, pgNamed, t)
		if err != nil {
			return sizes, err
		}
		if len(found) == 0 {
			missing = debrief.Errorf(debrief.NotFound, "--table", "%q is not a table there", t)
		}
		sizes = append(sizes, found...)
	}
	return sizes, missing
}

func postgresQuery(ctx context.Context, conn *pgx.Conn, sql string, arg any) ([]tableSize, error) {
	rows, err := conn.Query(ctx, sql, arg)
	if err != nil {
		return nil, postgresProblem("cannot be asked", err)
	}
	sizes, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (s tableSize, err error) {
		err = r.Scan(&s.Name, &s.Rows, &s.Bytes)
		return s, err
	})
	if err != nil {
		return nil, postgresProblem("cannot be asked", err)
	}
	return sizes, nil
}

// postgresProblem keeps the server's own words and drops everything that may
// quote the address.
func postgresProblem(what string, err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return debrief.Errorf(debrief.Unavailable, "DEBRIEF_FACTS_DSN", "the database %s: %s (SQLSTATE %s)", what, debrief.Mask(said.Message), said.Code)
	}
	return debrief.Errorf(debrief.Unavailable, "DEBRIEF_FACTS_DSN", "the database %s", what)
}
