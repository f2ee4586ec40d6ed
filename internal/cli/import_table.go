package cli

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
)

// table reads files of one kind.
type table struct {
	kind   tableKind
	layout string
	zone   *time.Location
	comma  rune // 0: told by the first line
	env    string
	now    time.Time
}

// mistake is what is wrong with a table, where, and what to do.
type mistake struct {
	line   int
	column string
	what   string
}

func (m mistake) String() string {
	if m.column == "" {
		return fmt.Sprintf("%d: %s", m.line, m.what)
	}
	return fmt.Sprintf("%d: %s: %s", m.line, m.column, m.what)
}

func (o importCSV) reader(e *Env) (table, error) {
	t := table{layout: o.layout, env: o.env, now: e.Now()}
	if o.kind == "usage" {
		return t, debrief.Errorf(debrief.Invalid, "usage", "cannot be imported yet: debrief keeps no usage so far").WithHint("it comes with what users say about a release; known kinds are %s", strings.Join(tableKinds(), ", "))
	}
	i := slices.IndexFunc(kindsOfTable, func(k tableKind) bool { return k.name == o.kind })
	if i < 0 {
		return t, debrief.Errorf(debrief.Invalid, "", "%q is no kind of table", o.kind).WithHint("known kinds are %s", strings.Join(tableKinds(), ", "))
	}
	t.kind = kindsOfTable[i]
	var err error
	if t.zone, err = time.LoadLocation(o.zone); err != nil {
		return t, debrief.Errorf(debrief.Invalid, "--time-zone", "%q is not a known time zone", o.zone).WithHint("for example Europe/Berlin")
	}
	switch r, n := utf8.DecodeRuneInString(o.comma); {
	case o.comma == "":
	case o.comma == `\t`:
		t.comma = '\t'
	case n != len(o.comma) || r == utf8.RuneError || r == '"' || r == '\n' || r == '\r':
		return t, debrief.Errorf(debrief.Invalid, "--separator", "%q is not one character", o.comma)
	default:
		t.comma = r
	}
	return t, nil
}

// read makes items of all rows, or tells every mistake.
func (t table) read(text []byte) (items []pastItem, wrong []mistake) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(text) {
		line := 1 + bytes.Count(text[:invalidAt(text)], []byte("\n"))
		return nil, []mistake{{line, "", "not UTF-8; save the table as UTF-8"}}
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = t.separator(text)
	r.FieldsPerRecord = -1 // counted here, so that it can be said better
	head, err := r.Read()
	if err != nil {
		return nil, []mistake{broken(err, 1)}
	}
	columns, wrong := t.columns(head)
	if len(wrong) > 0 {
		return nil, wrong
	}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, append(wrong, broken(err, 0))
		}
		line, _ := r.FieldPos(0)
		if len(fields) == 1 && strings.TrimSpace(fields[0]) == "" {
			continue // a line of spaces
		}
		if len(fields) != len(columns) {
			wrong = append(wrong, mistake{line, "", fmt.Sprintf("%d columns where the first line names %d; is a separator or a quote missing?", len(fields), len(columns))})
			continue
		}
		row := &row{t: t, line: line, values: map[string]string{}}
		for i, c := range columns {
			row.values[c] = strings.TrimSpace(fields[i])
		}
		it := t.kind.item(row)
		if len(row.wrong) == 0 {
			if err := checkItem("csv", it, t.now); err != nil {
				row.refused(err)
			}
		}
		wrong = append(wrong, row.wrong...)
		if len(wrong) == 0 {
			items = append(items, it)
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	if len(items) == 0 {
		return nil, []mistake{{1, "", "no rows below the first line"}}
	}
	return items, nil
}

// separator is what the first line has most of.
func (t table) separator(text []byte) rune {
	if t.comma != 0 {
		return t.comma
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', 0
	for _, c := range []rune{',', ';', '\t'} {
		if n := bytes.Count(first, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// columns are the known names of the first line's.
func (t table) columns(head []string) (columns []string, wrong []mistake) {
	for _, h := range head {
		name := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(h)), " ", "_")
		switch {
		case !slices.Contains(t.kind.columns, name):
			wrong = append(wrong, mistake{1, strconv.Quote(h), "unknown column; known are " + strings.Join(t.kind.columns, ", ")})
		case slices.Contains(columns, name):
			wrong = append(wrong, mistake{1, name, "named twice"})
		}
		columns = append(columns, name)
	}
	for _, name := range t.kind.needed {
		if !slices.Contains(columns, name) {
			wrong = append(wrong, mistake{1, name, "this column is missing"})
		}
	}
	return columns, wrong
}

func broken(err error, line int) mistake {
	var p *csv.ParseError
	switch {
	case errors.As(err, &p):
		return mistake{p.StartLine, "", fmt.Sprintf("%v at character %d; a quote inside quotes is written twice", p.Err, p.Column)}
	case err == io.EOF:
		return mistake{line, "", "the file is empty; the first line names the columns"}
	}
	return mistake{line, "", err.Error()}
}

func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(text)
}

// row is one line of a table.
type row struct {
	t      table
	line   int
	values map[string]string
	wrong  []mistake
}

func (r *row) bad(column, format string, args ...any) {
	r.wrong = append(r.wrong, mistake{r.line, column, fmt.Sprintf(format, args...)})
}

func (r *row) text(column string) string { return r.values[column] }

// must is a value that may not be empty.
func (r *row) must(column, hint string) string {
	v := r.values[column]
	if v == "" {
		r.bad(column, "empty; %s", hint)
	}
	return v
}

func (r *row) whole(column string) int {
	v := r.values[column]
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		r.bad(column, "%q is no whole number", v)
	}
	return n
}

func (r *row) yes(column string) bool {
	switch v := strings.ToLower(r.values[column]); v {
	case "", "no", "false", "0", "n":
		return false
	case "yes", "true", "1", "y":
		return true
	default:
		r.bad(column, "%q is neither yes nor no", v)
		return false
	}
}

// list is several values, separated by spaces or |.
func (r *row) list(column string) []string {
	return strings.FieldsFunc(r.values[column], func(c rune) bool { return c == '|' || c == ' ' })
}

// labels are names, separated by |, which may hold spaces.
func (r *row) labels(column string) []string {
	var out []string
	for _, l := range strings.Split(r.values[column], "|") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func (r *row) time(column string) time.Time {
	v := r.values[column]
	if v == "" {
		return time.Time{}
	}
	t, err := r.t.parse(v)
	if err != nil {
		r.bad(column, "%q is no time written as %s", v, r.t.example())
	}
	return debrief.Instant(t)
}

func (t table) parse(v string) (time.Time, error) {
	switch t.layout {
	case "":
		return time.Parse(time.RFC3339, v)
	case "unix", "unix-ms":
		n, err := strconv.ParseInt(v, 10, 64)
		if t.layout == "unix" {
			return time.Unix(n, 0), err
		}
		return time.UnixMilli(n), err
	}
	return time.ParseInLocation(t.layout, v, t.zone)
}

func (t table) example() string {
	switch t.layout {
	case "":
		return "2026-03-03T14:02:11Z (RFC 3339); --time-format names another way"
	case "unix":
		return "unix seconds"
	case "unix-ms":
		return "unix milliseconds"
	}
	return strconv.Quote(t.layout)
}

// refused tells what the server would say, by the column it came from.
func (r *row) refused(err error) {
	var e *debrief.Error
	if !errors.As(err, &e) {
		r.bad("", "%v", err)
		return
	}
	field := e.Field
	if i := strings.LastIndexByte(field, '.'); i >= 0 && strings.HasPrefix(field, "items.") {
		field = field[i+1:]
	}
	column := field
	if !slices.Contains(r.t.kind.columns, column) {
		column = map[string]string{"keys": "key", "id": "key"}[field]
	}
	what := e.Message
	if e.Hint != "" {
		what += "; " + e.Hint
	}
	r.bad(column, "%s", what)
}
