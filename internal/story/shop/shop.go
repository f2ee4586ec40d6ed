package shop

import (
	"database/sql"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options of one shop process.
type Options struct {
	DB      *sql.DB
	DSN     string
	Release Release
	Log     io.Writer     // logfmt lines
	Limit   time.Duration // on working out the discount of a cart; 0: 150 ms
}

// Shop serves one version.
type Shop struct {
	db       *sql.DB
	release  Release
	limit    time.Duration
	document string
	log      *slog.Logger
	metrics  *metrics
	gaveUp   prometheus.Counter
	lastID   atomic.Int64
}

// New makes a shop over an open database.
func New(o Options) *Shop {
	s := &Shop{db: o.DB, release: o.Release, limit: o.Limit, document: document}
	if s.limit <= 0 {
		s.limit = 150 * time.Millisecond
	}
	if postgres(o.DSN) {
		s.document = `cast(` + document + ` as json)`
	}
	s.log = slog.New(slog.NewTextHandler(o.Log, nil))
	s.metrics = newMetrics(o.Release.Version)
	s.metrics.fail = s.fail
	s.gaveUp = s.metrics.gaveUp
	return s
}

// Handler serves the shop's pages and its metrics.
func (s *Shop) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.metrics.route("/", s.home))
	mux.HandleFunc("GET /checkout", s.metrics.route("/checkout", s.preview))
	mux.HandleFunc("POST /checkout", s.metrics.route("/checkout", s.checkout))
	mux.HandleFunc("POST /refund", s.metrics.route("/refund", s.refund))
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, s.release.Version) })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.db.PingContext(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", s.metrics.handler())
	return mux
}

func (s *Shop) home(w http.ResponseWriter, r *http.Request) error {
	rows, err := s.db.QueryContext(r.Context(), `select name, price from products order by price limit 20`)
	if err != nil {
		return err
	}
	defer rows.Close()
	fmt.Fprintf(w, "<!doctype html><title>Sample shop %s</title><h1>Sample shop</h1><ul>\n", html.EscapeString(s.release.Version))
	for rows.Next() {
		var name string
		var price int64
		if err := rows.Scan(&name, &price); err != nil {
			return err
		}
		fmt.Fprintf(w, "<li>%s: %s</li>\n", html.EscapeString(name), euros(price))
	}
	fmt.Fprintln(w, "</ul>")
	return rows.Err()
}

// preview shows what a cart costs.
func (s *Shop) preview(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "cart")
	if err != nil {
		return err
	}
	c, err := s.price(r.Context(), id)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "<!doctype html><title>Checkout</title><h1>Your cart</h1><p>%d lines, %s, %s of it off because you came back.</p>\n",
		len(c.lines), euros(c.total), euros(c.loyal))
	return nil
}

// checkout sells a cart.
func (s *Shop) checkout(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "cart")
	if err != nil {
		return err
	}
	c, err := s.price(r.Context(), id)
	if err != nil {
		return err
	}
	order, err := s.place(r.Context(), c)
	if err != nil {
		return err
	}
	s.log.Info("order placed", "order", order, "customer", c.customer, "lines", len(c.lines), "total", c.total)
	fmt.Fprintf(w, "%d\n", order)
	return nil
}

// refund gives the money of one of the customer's orders back, once.
func (s *Shop) refund(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "order")
	if err != nil {
		return err
	}
	res, err := s.db.ExecContext(r.Context(), `update orders set refunded = 1 where id = $1 and refunded = 0`, id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		s.log.Warn("refund refused", "order", id, "why", "refunded before or never placed")
		return refused{http.StatusConflict, "that order was refunded before, or never placed"}
	}
	s.log.Info("order refunded", "order", id)
	fmt.Fprintln(w, "refunded")
	return nil
}

// refused is an answer that is the caller's fault.
type refused struct {
	status int
	text   string
}

func (r refused) Error() string { return r.text }

// fail answers an error and logs it unless it is the caller's.
func (s *Shop) fail(w http.ResponseWriter, r *http.Request, route string, err error) {
	var no refused
	switch {
	case errors.As(err, &no):
		http.Error(w, no.text, no.status)
	case errors.Is(err, sql.ErrNoRows):
		http.Error(w, "there is no such cart", http.StatusNotFound)
	case r.Context().Err() != nil: // the customer left
	default:
		s.log.Error("request failed", "route", route, "err", err)
		http.Error(w, "something broke, try again", http.StatusInternalServerError)
	}
}

func number(r *http.Request, name string) (int, error) {
	n, err := strconv.Atoi(r.FormValue(name))
	if err != nil || n < 1 {
		return 0, refused{http.StatusBadRequest, name + " is a number from 1"}
	}
	return n, nil
}

func euros(cents int64) string { return fmt.Sprintf("€ %d.%02d", cents/100, cents%100) }
