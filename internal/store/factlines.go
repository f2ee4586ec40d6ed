package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// A line of facts is fields between tabs, lists between unit separators, steps
// between record separators: text that is taken apart by cutting, without an
// allocation for each field.
const (
	fieldSep = "\t"
	listSep  = "\x1f"
	stepSep  = "\x1e"
)

// lineVersion stands first in each line; one of another version is skipped
// until the facts it stands for are made anew.
const lineVersion = "1"

// factLine writes what a review reads of a release.
func factLine(f debrief.ReleaseFacts) string {
	steps := make([]string, len(f.Stages))
	for i, s := range f.Stages {
		steps[i] = strings.Join([]string{plainField(s.Name), plainField(s.Part), millis(s.Took), millis(s.Staging)}, listSep)
	}
	flags := ""
	if f.Sample {
		flags += "s"
	}
	if f.Assumed {
		flags += "a"
	}
	restore := ""
	if !f.ImpactAt.IsZero() && f.RestoredAt.After(f.ImpactAt) {
		restore = millis(debrief.Took(f.RestoredAt.Sub(f.ImpactAt)))
	}
	return strings.Join([]string{
		lineVersion, flags, plainField(string(f.Kind)), plainField(f.Strategy), plainField(string(f.Failure)), restore, millis(f.Worked), millis(f.Waited),
		plainFields(f.Kinds), plainFields(f.Modules), plainFields(f.Surprises), strings.Join(steps, stepSep),
	}, fieldSep)
}

// readLine fills what a line holds; false for one it cannot read. Lists reuse
// what f has.
func readLine(line string, f *debrief.ReleaseFacts) bool {
	next := func() string {
		var field string
		field, line, _ = strings.Cut(line, fieldSep)
		return field
	}
	if next() != lineVersion {
		return false
	}
	flags := next()
	f.Sample, f.Assumed = strings.Contains(flags, "s"), strings.Contains(flags, "a")
	f.Kind, f.Strategy, f.Failure = debrief.ReleaseKind(next()), next(), debrief.Failure(next())
	f.ImpactAt, f.RestoredAt = time.Time{}, time.Time{}
	if restore := next(); restore != "" {
		f.ImpactAt = f.At
		f.RestoredAt = f.At.Add(time.Duration(whole(restore)) * time.Millisecond)
	}
	f.Worked, f.Waited = debrief.Seconds(whole(next()))/1e3, debrief.Seconds(whole(next()))/1e3
	f.Kinds, f.Modules, f.Surprises = cuts(f.Kinds, next()), cuts(f.Modules, next()), cuts(f.Surprises, next())
	f.Stages = f.Stages[:0]
	for steps := next(); steps != ""; {
		var step string
		step, steps, _ = strings.Cut(steps, stepSep)
		name, rest, _ := strings.Cut(step, listSep)
		part, rest, _ := strings.Cut(rest, listSep)
		took, staging, _ := strings.Cut(rest, listSep)
		f.Stages = append(f.Stages, debrief.StageFacts{Name: name, Part: part, Took: debrief.Seconds(whole(took)) / 1e3, Staging: debrief.Seconds(whole(staging)) / 1e3})
	}
	return true
}

func cuts(into []string, list string) []string {
	into = into[:0]
	for list != "" {
		var word string
		word, list, _ = strings.Cut(list, listSep)
		into = append(into, word)
	}
	return into
}

func millis(s debrief.Seconds) string {
	if s == 0 {
		return ""
	}
	return strconv.FormatInt((s.Micros()+500)/1000, 10)
}

// whole reads a number; what is none is 0.
func whole(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// plainField keeps the separators out of words.
func plainField(s string) string {
	if strings.ContainsAny(s, fieldSep+listSep+stepSep) {
		return strings.NewReplacer(fieldSep, " ", listSep, " ", stepSep, " ").Replace(s)
	}
	return s
}

func plainFields(list []string) string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		if s != "" {
			out = append(out, plainField(s))
		}
	}
	return strings.Join(out, listSep)
}

// saveLines writes the lines that go with facts: of one service, or (empty) each
// of its own.
func (tx *Tx) saveLines(service string, fs []debrief.ReleaseFacts) error {
	rows := make([][]any, len(fs))
	for i, f := range fs {
		if service != "" {
			f.Service = service
		}
		rows[i] = args(f.Service, f.ReleaseID, micros(f.At), factLine(f))
	}
	_, err := tx.many(`insert into fact_lines (service_id, id, at, line)`, rows, `on conflict (service_id, id) do update set at = excluded.at, line = excluded.line
		where fact_lines.at <> excluded.at or fact_lines.line <> excluded.line`)
	return err
}

const (
	sqlLines   = `select service_id, id, at, line from fact_lines where at >= $1 and at < $2`
	sqlLinesOf = sqlLines + ` and service_id = $3`
)

// EachLine reads what a review needs of the releases of a time, in no order, of
// one service or (empty) of all. The value is filled anew for each: nothing of
// it may be kept but its strings.
func (s *Store) EachLine(ctx context.Context, service string, from, to time.Time, each func(*debrief.ReleaseFacts)) error {
	text, a := sqlLines, args(micros(from), micros(to))
	if service != "" {
		text, a = sqlLinesOf, append(a, service)
	}
	var f debrief.ReleaseFacts
	var at int64
	var line string
	into := []any{&f.Service, &f.ReleaseID, &at, &line}
	return s.read(ctx).each(text, a, func(scan scanner) error {
		if err := scan(into...); err != nil {
			return err
		}
		f.At = instant(at)
		if readLine(line, &f) {
			each(&f)
		}
		return nil
	})
}
