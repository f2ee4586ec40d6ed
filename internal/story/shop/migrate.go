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

// rewrite copies every ordered line into its document. order_lines stays as it
// is, since the version still running writes to it until it is replaced.
func rewrite(ctx context.Context, db *sql.DB, dsn string, w io.Writer) error {
	id, body := "bigint primary key", "json"
	if !postgres(dsn) {
		id, body = "integer primary key", "text"
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
	doc := document
	if postgres(dsn) {
		doc = `cast(` + document + ` as json)`
	}
	var from, rows int64
	for {
		// The ids of a batch's end are looked up first: they have gaps.
		var to sql.NullInt64
		err := db.QueryRowContext(ctx, `select max(id) from (select id from order_lines where id > (select coalesce(max(id), 0) from order_history) order by id limit $1) b`, batch).Scan(&to)
		if err != nil {
			return fmt.Errorf("rewrite lines after %d: %w", from, err)
		}
		if !to.Valid {
			break
		}
		res, err := db.ExecContext(ctx, `insert into order_history (id, body) select id, `+doc+` from order_lines where id > (select coalesce(max(id), 0) from order_history) and id <= $1`, to.Int64)
		if err != nil {
			return fmt.Errorf("rewrite lines %d to %d: %w", from, to.Int64, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		from, rows = to.Int64, rows+n
	}
	fmt.Fprintf(w, "rewrote %d ordered lines into order_history\n", rows)
	return settle(ctx, db, dsn, "order_history")
}

// bought indexes a table of documents by who bought what.
func bought(table string) string {
	return `create index if not exists ` + table + `_bought on ` + table + ` ((body ->> 'customer'), (body ->> 'product'))`
}
