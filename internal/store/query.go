package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
)

// handle is what a pool, a connection and a transaction have in common.
type handle interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// querier runs statements for one caller.
type querier struct {
	ctx  context.Context
	h    handle
	seam seam
}

func args(a ...any) []any { return a }

// exec runs a statement and returns how many rows it touched.
func (q querier) exec(text string, a ...any) (int64, error) {
	res, err := q.h.ExecContext(q.ctx, text, clean(a)...)
	if err != nil {
		return 0, q.wrap(err)
	}
	n, err := res.RowsAffected()
	return n, q.wrap(err)
}

// one reads one row; false where there is none.
func (q querier) one(text string, a []any, into ...any) (bool, error) {
	found := false
	err := q.each(text, a, func(scan scanner) error {
		if found {
			return nil
		}
		found = true
		return scan(into...)
	})
	return found, err
}

type scanner func(into ...any) error

// each reads all rows.
func (q querier) each(text string, a []any, row func(scanner) error) error {
	rows, err := q.h.QueryContext(q.ctx, text, clean(a)...)
	if err != nil {
		return q.wrap(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return q.wrap(err)
		}
	}
	return q.wrap(rows.Err())
}

// many inserts rows with few statements: head is "insert into t (a, b)", tail
// what follows the values, such as "on conflict do nothing".
func (q querier) many(head string, rows [][]any, tail string) (int64, error) {
	var sum int64
	for len(rows) > 0 {
		n := min(len(rows), max(1, 900/len(rows[0])))
		var b strings.Builder
		b.WriteString(head)
		b.WriteString(" values ")
		flat := make([]any, 0, n*len(rows[0]))
		for i, r := range rows[:n] {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("(" + marks(len(flat)+1, len(r)) + ")")
			flat = append(flat, r...)
		}
		b.WriteString(" " + tail)
		touched, err := q.exec(b.String(), flat...)
		if err != nil {
			return sum, err
		}
		sum += touched
		rows = rows[n:]
	}
	return sum, nil
}

// marks is "$3, $4, $5" for (3, 3).
func marks(from, n int) string {
	b := make([]byte, 0, 5*n)
	for i := range n {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, '$')
		b = strconv.AppendInt(b, int64(from+i), 10)
	}
	return string(b)
}

// batches calls fn with at most 400 of the values at a time: engines bound the
// number of placeholders.
func batches[T any](vs []T, fn func([]T) error) error {
	for len(vs) > 0 {
		n := min(len(vs), 400)
		if err := fn(vs[:n]); err != nil {
			return err
		}
		vs = vs[n:]
	}
	return nil
}

func anys[T any](vs []T) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = v
	}
	return out
}

// clean drops what PostgreSQL's text cannot hold, on both engines alike.
func clean(a []any) []any {
	for i, v := range a {
		switch v := v.(type) {
		case string:
			if foreign(v) {
				a[i] = cleaned(v)
			}
		case []string:
			for k, s := range v {
				if foreign(s) {
					v[k] = cleaned(s)
				}
			}
		}
	}
	return a
}

func foreign(s string) bool { return !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 }

func cleaned(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// wrap gives an engine's error a kind. Errors that already have one pass. What
// the engine said names hosts, users and statements: it is the cause, for the
// log, and no part of the message, which strangers may get to see.
func (q querier) wrap(err error) error {
	var own *debrief.Error
	switch {
	case err == nil, errors.As(err, &own), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case q.seam.again(err):
		return &debrief.Error{Kind: debrief.Unavailable, Message: "the database is busy", Err: err}
	case q.seam.unwell(err):
		return &debrief.Error{Kind: debrief.Unavailable, Message: "the database cannot be reached or is unwell", Err: err}
	}
	return &debrief.Error{Kind: debrief.Internal, Message: "the database failed", Err: err}
}

// micros is how an instant is stored; 0 stands for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", debrief.Errorf(debrief.Internal, "", "cannot store a value: %w", err)
	}
	return string(b), nil
}

func decode(text string, v any) error {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return debrief.Errorf(debrief.Internal, "", "cannot read a stored value: %w", err)
	}
	return nil
}
