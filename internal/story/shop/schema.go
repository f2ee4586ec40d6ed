package shop

import (
	"context"
	"database/sql"
)

// What the shop sells and to whom. Every cart is a standing order, so that the
// same carts are bought again and again; one in twenty is an office's, with
// far more lines than the others. Offices ask what it would cost.
const (
	products   = 200
	carts      = 400
	officeCart = 20  // every 20th cart is an office's
	officeSize = 500 // lines in it
	usualSize  = 9   // the most lines in any other
)

// schema is v1.41's. Both engines speak it.
var schema = []string{
	`create table products (id text primary key, name text not null, price bigint not null, stock bigint not null)`,
	`create table cart_lines (cart bigint not null, line bigint not null, product text not null, quantity bigint not null, primary key (cart, line))`,
	`create table orders (id bigint primary key, customer text not null, placed_at bigint not null, total bigint not null, refunded bigint not null)`,
	`create table order_lines (id bigint primary key, order_id bigint not null, customer text not null, product text not null, quantity bigint not null, price bigint not null, note text not null)`,
	`create table open_lines (id bigint primary key, order_id bigint not null, customer text not null, product text not null, quantity bigint not null, price bigint not null, note text not null)`,
	`create table migrations (version text primary key)`,
}

// indexes are made after the rows, which is quicker.
var indexes = []string{
	`create index order_lines_bought on order_lines (customer, product)`,
	`create index open_lines_bought on open_lines (customer, product)`,
}

// numbers is the table that the fillers select from: 1 … $1.
const numbers = `with recursive n(i) as (select cast(1 as bigint) union all select i + 1 from n where i < $1)`

const note = `'leave it with the neighbours, second floor, the bell is broken; gift wrapped, no invoice in the parcel'`

// fill holds statements with the number of rows each makes. The multipliers
// are primes, so that every customer has bought many different products.
func fill(rows int) []struct {
	rows int
	text string
} {
	return []struct {
		rows int
		text string
	}{
		{products, numbers + ` insert into products select 'p' || i, 'Product ' || i, 100 + i * 7919 % 9000, 1000 + i % 7 from n`},
		{rows / 5, numbers + ` insert into orders select i, 'c' || (i * 7919 % 1000), 1700000000 + i, 100 + i * 31 % 9000, 0 from n`},
		{rows, numbers + ` insert into order_lines select i, i / 5, 'c' || (i / 5 * 7919 % 1000), 'p' || (1 + i * 104729 % 200), 1 + i % 3, 100 + i * 31 % 9000, ` + note + ` from n`},
	}
}

// Seed makes the tables of v1.41 and fills the big one with rows ordered lines.
func Seed(ctx context.Context, db *sql.DB, dsn string, rows int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, s := range schema {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	for _, f := range fill(rows) {
		if _, err := tx.ExecContext(ctx, f.text, f.rows); err != nil {
			return err
		}
	}
	for cart := 1; cart <= carts; cart++ {
		// Cart 1 is the one the probe looks at: neither small nor an office's.
		size := 1 + (cart*5)%usualSize
		if cart%officeCart == 0 {
			size = officeSize
		}
		text := numbers + ` insert into cart_lines select cast($2 as bigint), i, 'p' || (1 + (i * 31 + cast($2 as bigint) * 17) % 200), 1 + i % 2 from n`
		if _, err := tx.ExecContext(ctx, text, size, cart); err != nil {
			return err
		}
	}
	for _, s := range indexes {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return settle(ctx, db, dsn, "order_lines")
}

// settle does what an engine would sooner or later do by itself to a table
// that was just filled, so that it does not do it in the middle of the day.
// The planner's row counts come from here too.
func settle(ctx context.Context, db *sql.DB, dsn, table string) error {
	text := `analyze ` + table
	if postgres(dsn) {
		text = `vacuum (analyze) ` + table
	}
	_, err := db.ExecContext(ctx, text)
	return err
}
