package shop

import (
	"context"
	"database/sql"
	"fmt"
	"io"
)

// batch is how many rows the rewrite copies in one transaction. A batch is
// short enough that checkouts of the version still running do not wait for it.
const batch = 1000

// document is an ordered line as v1.42 keeps it. Written with || because both
// engines speak that.
const document = `'{"order":"' || order_id || '","customer":"' || customer || '","product":"' || product ||
	'","quantity":' || quantity || ',"price":' || price || ',"note":"' || note || '"}'`

// Migrate brings the database to a release and says on w what it does. It may
// be run again after it was stopped.
func Migrate(ctx context.Context, db *sql.DB, dsn string, r Release, w io.Writer) error {
	if r.Documents {
		if err := rewrite(ctx, db, dsn, w); err != nil {
			return err
		}
	}
	if r.Index {
		fmt.Fprintln(w, "create index order_events_bought")
		if _, err := db.ExecContext(ctx, bought("order_events")); err != nil {
			return err
		}
	}
	_, err := db.ExecContext(ctx, `insert into migrations (version) select cast($1 as text) where not exists (select 1 from migrations where version = $1)`, r.Version)
	return err
}

// rewrite copies every line sold so far into its document. The tables of the
// version still running stay as they are, since it writes to them until it is
// replaced.
func rewrite(ctx context.Context, db *sql.DB, dsn string, w io.Writer) error {
	id, body, doc := "bigint primary key", "json", `cast(`+document+` as json)`
	if !postgres(dsn) {
		id, body, doc = "integer primary key", "text", document
	}
	for _, s := range []string{
		`create table if not exists order_history (id ` + id + `, body ` + body + ` not null)`,
		bought("order_history"),
		`create table if not exists order_events (id ` + id + `, body ` + body + ` not null)`,
	} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	for _, table := range []string{"order_lines", "open_lines"} { // the ids of the second follow the first's
		rows, err := copyLines(ctx, db, table, doc)
		if err != nil {
			return fmt.Errorf("rewrite %s: %w", table, err)
		}
		fmt.Fprintf(w, "rewrote %d rows of %s into order_history\n", rows, table)
	}
	return settle(ctx, db, dsn, "order_history")
}

// copyLines goes on where an earlier try stopped: after the last line copied.
func copyLines(ctx context.Context, db *sql.DB, table, doc string) (rows int64, err error) {
	const done = `(select coalesce(max(id), 0) from order_history)`
	for {
		// The end of a batch is looked up first: ids have gaps.
		var to sql.NullInt64
		err := db.QueryRowContext(ctx, `select max(id) from (select id from `+table+` where id > `+done+` order by id limit $1) b`, batch).Scan(&to)
		if err != nil || !to.Valid {
			return rows, err
		}
		res, err := db.ExecContext(ctx, `insert into order_history (id, body) select id, `+doc+` from `+table+` where id > `+done+` and id <= $1`, to.Int64)
		if err != nil {
			return rows, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return rows, err
		}
		rows += n
	}
}

// bought indexes a table of documents by who bought what.
func bought(table string) string {
	return `create index if not exists ` + table + `_bought on ` + table + ` ((body ->> 'customer'), (body ->> 'product'))`
}
