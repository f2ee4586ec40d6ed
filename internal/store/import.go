package store

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// longestRow bounds one line of an export.
const longestRow = 64 << 20

// Import reads what Export wrote into a database that holds nothing yet: all
// of it or nothing.
func (s *Store) Import(ctx context.Context, r io.Reader) (rows int, err error) {
	in := &lines{r: bufio.NewReaderSize(r, 64<<10)}
	if err := in.head(); err != nil {
		return 0, err
	}
	err = s.once(ctx, func(tx *Tx) error { // not twice: the input is read only once
		if err := tx.mustBeEmpty(); err != nil {
			return err
		}
		tx.visible = true
		load := loading{tx: tx, shapes: map[string]shape{}}
		for _, sh := range shapes() {
			load.shapes[sh.table] = sh
		}
		for {
			line, err := in.next()
			if err != nil {
				return err
			}
			var row exportRow
			if err := strictly(line, &row); err != nil {
				return in.wrong("is not a row of an export: %v", err)
			}
			if row.End {
				if row.Rows != rows {
					return in.wrong("%d rows were announced and %d came", row.Rows, rows)
				}
				return load.flush()
			}
			if err := load.add(row); err != nil {
				return in.at(err)
			}
			rows++
		}
	})
	if err != nil {
		return 0, err
	}
	s.rouse()
	return rows, nil
}

type exportRow struct {
	Table   string                     `json:"table"`
	Row     map[string]json.RawMessage `json:"row"`
	Receipt map[string]json.RawMessage `json:"receipt"`
	exportTail
}

func strictly(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// lines reads lines and knows their number.
type lines struct {
	r *bufio.Reader
	n int
}

func (l *lines) next() ([]byte, error) {
	l.n++
	var line []byte
	for {
		part, err := l.r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > longestRow:
			return nil, l.wrong("is longer than %d MiB", longestRow>>20)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(bytes.TrimSpace(line)) == 0:
			return nil, l.wrong("is missing: the file was cut off before its last line")
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		}
		return line, nil
	}
}

func (l *lines) wrong(format string, args ...any) error {
	return l.at(debrief.Errorf(debrief.Invalid, "", format, args...))
}

// at says in which line an input was wrong.
func (l *lines) at(err error) error {
	if debrief.KindOf(err) != debrief.Invalid {
		return err
	}
	return debrief.Errorf(debrief.Invalid, "", "line %d: %w; nothing was read in", l.n, err)
}

func (l *lines) head() error {
	line, err := l.next()
	if err != nil {
		return err
	}
	var h exportHead
	if err := json.Unmarshal(line, &h); err != nil || h.Export == 0 {
		return l.wrong("is not the head of an export, as debrief export writes it")
	}
	if h.Export != exportFormat {
		return l.wrong("is of format %d, this debrief reads format %d", h.Export, exportFormat)
	}
	if !h.Receipts {
		return l.wrong("says that when things came was left out, which is for comparing; export again without --no-receipts")
	}
	var known []string
	for _, m := range migrations() {
		known = append(known, m.name)
	}
	for _, m := range h.Schema {
		if !slices.Contains(known, m) {
			return l.wrong("names the schema %s, which this debrief does not know: it was written by a newer one", m)
		}
	}
	return nil
}

func (tx *Tx) mustBeEmpty() error {
	for _, sh := range shapes() {
		found, err := tx.one(`select 1 from `+sh.table+` limit 1`, nil, new(int))
		if err != nil {
			return err
		}
		if found {
			return debrief.Errorf(debrief.Conflict, "db", "the database holds %s already, an export is read into an empty one", sh.table).
				WithHint("name a file that does not exist yet, or an empty database, with --db; do not serve it before")
		}
	}
	return nil
}

// loading gathers rows of one table, so that few statements insert many.
type loading struct {
	tx     *Tx
	shapes map[string]shape
	now    shape
	rows   [][]any
	size   int
}

func (l *loading) add(row exportRow) error {
	sh, ok := l.shapes[row.Table]
	if !ok {
		return debrief.Errorf(debrief.Invalid, "table", "unknown table %q", row.Table)
	}
	if sh.table != l.now.table || len(l.rows) == 500 || l.size > 4<<20 {
		if err := l.flush(); err != nil {
			return err
		}
		l.now = sh
	}
	a := make([]any, len(sh.columns))
	for i, c := range sh.columns {
		from := row.Row
		if c.receipt {
			from = row.Receipt
		}
		raw := from[c.name]
		delete(from, c.name)
		l.size += len(raw)
		var err error
		if a[i], err = value(c.holds, raw); err != nil {
			return debrief.Errorf(debrief.Invalid, sh.table+"."+c.name, "cannot be read: %v", err)
		}
	}
	for _, rest := range []map[string]json.RawMessage{row.Row, row.Receipt} {
		for name := range rest {
			return debrief.Errorf(debrief.Invalid, sh.table, "unknown column %q", name)
		}
	}
	l.rows = append(l.rows, a)
	return nil
}

func (l *loading) flush() error {
	if len(l.rows) == 0 {
		return nil
	}
	names, rows := l.now.names(), l.rows
	l.rows, l.size = nil, 0
	if l.now.table == "work" {
		names += ", token"
		for i := range rows {
			rows[i] = append(rows[i], "")
		}
	}
	_, err := l.tx.many(`insert into `+l.now.table+` (`+names+`)`, rows, "")
	return err
}

// value reads one column's value; what is not there says nothing.
func value(holds byte, raw json.RawMessage) (any, error) {
	missing := len(raw) == 0
	switch holds {
	case '#', '@':
		var n int64
		if missing {
			return n, nil
		}
		if raw[0] == '"' {
			var at time.Time
			err := json.Unmarshal(raw, &at)
			return micros(at), err
		}
		err := json.Unmarshal(raw, &n)
		return n, err
	case '?':
		var yes bool
		if missing {
			return yes, nil
		}
		err := json.Unmarshal(raw, &yes)
		return yes, err
	case '*':
		return bytesOf(raw)
	}
	switch {
	case missing:
		return "", nil
	case raw[0] == '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	case holds == '{':
		var b bytes.Buffer
		err := json.Compact(&b, raw)
		return b.String(), err
	}
	return nil, errors.New("a text is needed")
}

func bytesOf(raw json.RawMessage) ([]byte, error) {
	switch {
	case len(raw) == 0:
		return []byte{}, nil
	case raw[0] == '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return []byte(text), err
	}
	var b struct {
		Base64 string `json:"base64"`
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(b.Base64)
}
