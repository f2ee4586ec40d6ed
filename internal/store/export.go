package store

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
)

// exportHead is the first line of an export.
type exportHead struct {
	Export   int      `json:"debrief_export"` // the format's number
	Schema   []string `json:"schema"`         // the migrations it was written under
	Receipts bool     `json:"receipts"`       // with when things came, and what means something to one database only
}

// exportTail is the last: without it a file was cut off.
type exportTail struct {
	End  bool `json:"end"`
	Rows int  `json:"rows"`
}

const exportFormat = 1

// Export writes everything as JSON Lines, one row a line, in an order that
// does not depend on when it came. It sees one state of the database and holds
// one row at a time. Without receipts it leaves out when things came and what
// means something to this database only (queue, tokens, settings): what is
// left depends on nothing but what was told.
func (s *Store) Export(ctx context.Context, w io.Writer, receipts bool) (rows int, err error) {
	out := bufio.NewWriterSize(w, 64<<10)
	head := exportHead{Export: exportFormat, Receipts: receipts}
	for _, m := range migrations() {
		head.Schema = append(head.Schema, m.name)
	}
	if err := writeLine(out, head); err != nil {
		return 0, err
	}
	err = s.snapshot(ctx, func(q querier) error {
		for _, sh := range shapes() {
			if sh.own && !receipts {
				continue
			}
			n, err := q.export(out, sh, receipts)
			rows += n
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return rows, err
	}
	if err := writeLine(out, exportTail{true, rows}); err != nil {
		return rows, err
	}
	return rows, out.Flush()
}

func writeLine(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

func (q querier) export(w *bufio.Writer, sh shape, receipts bool) (rows int, err error) {
	into := make([]any, len(sh.columns))
	for i, c := range sh.columns {
		switch c.holds {
		case '#', '@':
			into[i] = new(int64)
		case '?':
			into[i] = new(bool)
		case '*':
			into[i] = new([]byte)
		default:
			into[i] = new(string)
		}
	}
	var line []byte
	err = q.each(`select `+sh.names()+` from `+sh.table+` order by `+sh.order, nil, func(scan scanner) error {
		if err := scan(into...); err != nil {
			return err
		}
		if err := timeless(sh.table, sh.columns, into, receipts); err != nil {
			return err
		}
		line = append(line[:0], `{"table":"`+sh.table+`","row":`...)
		line = appendObject(line, sh.columns, into, false)
		if receipts {
			mark := len(line)
			line = append(line, `,"receipt":`...)
			from := len(line)
			if line = appendObject(line, sh.columns, into, true); len(line) == from+len("{}") {
				line = line[:mark]
			}
		}
		line = append(line, '}', '\n')
		rows++
		_, err := w.Write(line)
		return err
	})
	return rows, err
}

// timeless takes out of a row's JSON what only tells when something came; the
// time of an event's receipt has a column of its own.
func timeless(table string, columns []column, row []any, receipts bool) error {
	data := func() *string {
		for i, c := range columns {
			if c.name == "data" {
				return row[i].(*string)
			}
		}
		return new(string)
	}
	switch {
	case table == "events" && bytes.Contains([]byte(*data()), []byte(`"received_at"`)):
		var e debrief.Event
		if err := decode(*data(), &e); err != nil {
			return err
		}
		e.Received = time.Time{}
		text, err := encode(e)
		*data() = text
		return err
	case table == "looks" && !receipts:
		var l debrief.Look
		if err := decode(*data(), &l); err != nil {
			return err
		}
		l.Closed, l.Tries = time.Time{}, 0
		text, err := encode(l)
		*data() = text
		return err
	}
	return nil
}

// appendObject writes the columns that say anything.
func appendObject(b []byte, columns []column, row []any, receipt bool) []byte {
	b = append(b, '{')
	first := true
	for i, c := range columns {
		if c.receipt != receipt || empty(row[i]) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, '"')
		b = append(b, c.name...)
		b = append(b, '"', ':')
		b = appendValue(b, c.holds, row[i])
	}
	return append(b, '}')
}

func empty(v any) bool {
	switch v := v.(type) {
	case *int64:
		return *v == 0
	case *bool:
		return !*v
	case *[]byte:
		return len(*v) == 0
	}
	return *v.(*string) == ""
}

func appendValue(b []byte, holds byte, v any) []byte {
	switch v := v.(type) {
	case *int64:
		at := instant(*v)
		if holds != '@' || at.Year() < 1 || at.Year() > 9999 {
			return strconv.AppendInt(b, *v, 10)
		}
		b = append(b, '"')
		b = at.AppendFormat(b, time.RFC3339Nano)
		return append(b, '"')
	case *bool:
		return strconv.AppendBool(b, *v)
	case *[]byte:
		if utf8.Valid(*v) {
			return appendText(b, string(*v))
		}
		b = append(b, `{"base64":"`...)
		b = base64.StdEncoding.AppendEncode(b, *v)
		return append(b, `"}`...)
	}
	text := *v.(*string)
	if holds == '{' && plain(text) {
		return append(b, text...)
	}
	return appendText(b, text)
}

// plain says that a JSON object or list can stand in a line just as it is kept.
func plain(text string) bool {
	if text == "" || text[0] != '{' && text[0] != '[' {
		return false
	}
	var b bytes.Buffer
	return json.Compact(&b, []byte(text)) == nil && b.String() == text
}

func appendText(b []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		return append(b, `""`...) // a string can always be written
	}
	return append(b, quoted...)
}
