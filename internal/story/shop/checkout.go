package shop

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// line is one product of a cart.
type line struct {
	product  string
	name     string
	quantity int64
	price    int64 // of all of it, in cents
}

// cart is what somebody is about to buy.
type cart struct {
	customer string
	lines    []line
	total    int64
	loyal    int64 // cents off
}

// How many of a product a customer bought: before, and lately. One for each way
// of keeping what was sold.
const (
	boughtLines = `select (select coalesce(sum(quantity), 0) from order_lines where customer = $1 and product = $2) + ` +
		`(select coalesce(sum(quantity), 0) from open_lines where customer = $1 and product = $2)`
	boughtDocuments = `select (select coalesce(sum(cast(body ->> 'quantity' as bigint)), 0) from order_history where body ->> 'customer' = $1 and body ->> 'product' = $2) + ` +
		`(select coalesce(sum(cast(body ->> 'quantity' as bigint)), 0) from order_events where body ->> 'customer' = $1 and body ->> 'product' = $2)`
)

// price loads a cart and works out what it costs.
func (s *Shop) price(ctx context.Context, id int) (cart, error) {
	c := cart{customer: fmt.Sprintf("c%d", id)}
	rows, err := s.db.QueryContext(ctx, `select l.product, p.name, l.quantity, l.quantity * p.price from cart_lines l join products p on p.id = l.product where l.cart = $1 order by l.line`, id)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	for rows.Next() {
		var l line
		if err := rows.Scan(&l.product, &l.name, &l.quantity, &l.price); err != nil {
			return c, err
		}
		c.lines = append(c.lines, l)
		c.total += l.price
	}
	if err := rows.Err(); err != nil {
		return c, err
	}
	if len(c.lines) == 0 {
		return c, sql.ErrNoRows
	}
	if err := s.inStock(ctx, c); err != nil {
		return c, err
	}
	off, err := s.loyalty(ctx, c)
	if err != nil {
		// A cart is never lost for a discount: it is sold at the full price.
		if ctx.Err() != nil {
			return c, err
		}
		s.log.Error("loyalty discount not worked out in time", "cart", id, "lines", len(c.lines), "err", err)
		s.gaveUp.Inc()
		return c, nil
	}
	c.loyal = off
	c.total -= off
	return c, nil
}

// inStock asks for each line whether there is enough of it.
func (s *Shop) inStock(ctx context.Context, c cart) error {
	for _, l := range c.lines {
		var stock int64
		if err := s.db.QueryRowContext(ctx, `select stock from products where id = $1`, l.product).Scan(&stock); err != nil {
			return err
		}
		if stock < l.quantity {
			return refused{http.StatusConflict, l.name + " is sold out"}
		}
	}
	return nil
}

// loyalty is what a customer who bought a product before pays less for it.
func (s *Shop) loyalty(ctx context.Context, c cart) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	query := boughtLines
	if s.release.Documents {
		query = boughtDocuments
	}
	var off int64
	for _, l := range c.lines {
		var n int64
		if err := s.db.QueryRowContext(ctx, query, c.customer, l.product).Scan(&n); err != nil {
			if ctx.Err() != nil {
				return 0, errTooSlow
			}
			return 0, err
		}
		if n >= 11 {
			off += l.price / 100
		}
	}
	return off, nil
}

var errTooSlow = errors.New("statement time limit reached")

// place writes the order down.
func (s *Shop) place(ctx context.Context, c cart) (int64, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	order := s.nextID()
	if _, err := tx.ExecContext(ctx, `insert into orders (id, customer, placed_at, total, refunded) values ($1, $2, $3, $4, 0)`, order, c.customer, time.Now().Unix(), c.total); err != nil {
		return 0, err
	}
	query := `insert into open_lines (id, order_id, customer, product, quantity, price, note) values ($1, $2, $3, $4, $5, $6, ` + note + `)`
	if s.release.Documents {
		query = `insert into order_events (id, body) select id, ` + s.document + ` from (select cast($1 as bigint) as id, cast($2 as bigint) as order_id, ` +
			`cast($3 as text) as customer, cast($4 as text) as product, cast($5 as bigint) as quantity, cast($6 as bigint) as price, ` + note + ` as note) l`
	}
	stmt, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer stmt.Close()
	for _, l := range c.lines {
		if _, err := stmt.ExecContext(ctx, s.nextID(), order, c.customer, l.product, l.quantity, l.price); err != nil {
			return 0, err
		}
	}
	return order, tx.Commit()
}

// nextID gives ids that grow with time and are the shop's own.
func (s *Shop) nextID() int64 {
	for {
		last := s.lastID.Load()
		id := max(last+1, time.Now().UnixMicro())
		if s.lastID.CompareAndSwap(last, id) {
			return id
		}
	}
}
