package cli

import (
	"bufio"
	"cmp"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// plainSeries is how a series without JSON is read: a line for each point, and
// flags for the rest.
type plainSeries struct {
	release string
	kind    string
	step    time.Duration
	before  time.Duration
	after   time.Duration
}

// point is one line: a time and a value, or errors and requests.
type plainPoint struct{ t, v, of float64 }

// mostPoints bounds a plain series: four weeks at one-second steps.
const mostPoints = mostCells

// read makes a question of lines "TIME VALUE".
func (p *plainSeries) read(r io.Reader) (seriesCase, error) {
	c := seriesCase{ID: "series", Kind: p.kind}
	at, err := parseMoment(p.release)
	if err != nil {
		return c, debrief.Errorf(debrief.Invalid, "--release", "%q is no time that can be read", p.release).
			WithHint("for example 2026-11-03T14:02:00Z, or unix seconds")
	}
	c.Release = float64(at.UnixMicro()) / 1e6
	points, err := p.points(r)
	if err != nil {
		return c, err
	}
	slices.SortStableFunc(points, func(a, b plainPoint) int { return cmp.Compare(a.t, b.t) })
	if c.Step = p.step.Seconds(); c.Step == 0 {
		c.Step = usualGap(points)
	}
	// As long before as the looks at releases take, or a dozen points.
	before := cmp.Or(p.before.Seconds(), max(time.Hour.Seconds(), 12*c.Step))
	end := math.Inf(1)
	if p.after > 0 {
		end = c.Release + p.after.Seconds()
	}
	for _, x := range points {
		switch {
		case x.t >= end:
		case x.t >= c.Release:
			c.After.add(x, &c.After.T, c.Kind)
		case x.t >= c.Release-before:
			c.Before.add(x, &c.Before.T, c.Kind)
		default:
			c.History.add(x, &c.History.T, c.Kind)
		}
	}
	if len(c.After.T) == 0 {
		return c, debrief.Errorf(debrief.Invalid, "--release", "%s lies after the last point", p.release)
	}
	return c, nil
}

func (s *seriesColumns) add(x plainPoint, t *debrief.Numbers, kind string) {
	*t = append(*t, x.t)
	if kind == errorRate {
		s.Errors, s.Requests = append(s.Errors, x.v), append(s.Requests, x.of)
		return
	}
	s.V = append(s.V, x.v)
}

// points reads the lines. A first line that does not begin with a time names
// the columns.
func (p *plainSeries) points(r io.Reader) ([]plainPoint, error) {
	var out []plainPoint
	s := bufio.NewScanner(r)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(s.Text(), "\uFEFF"))
		if line == "" || line[0] == '#' {
			continue
		}
		x, err := plainLine(line, p.kind == errorRate)
		switch {
		case err != nil && n == 1 && !strings.ContainsAny(line[:1], "0123456789"):
			continue // a CSV's header
		case err != nil:
			return nil, atLine(n, err)
		case len(out) == mostPoints:
			return nil, atLine(n, debrief.Errorf(debrief.Invalid, "", "more than %d points", mostPoints))
		}
		out = append(out, x)
	}
	if err := s.Err(); err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "stdin", "cannot be read: %w", err)
	}
	if len(out) < 2 {
		return nil, debrief.Errorf(debrief.Invalid, "stdin", "holds fewer than two points").WithHint("write TIME VALUE, one a line")
	}
	return out, nil
}

func plainLine(line string, share bool) (plainPoint, error) {
	fields := splitPlain(line)
	want, form := 2, "TIME VALUE"
	if share {
		want, form = 3, "TIME ERRORS REQUESTS"
	}
	if len(fields) != want {
		return plainPoint{}, debrief.Errorf(debrief.Invalid, "", "%q is not %s", line, form).WithHint("separated by a comma, a semicolon, a tab or a space")
	}
	at, err := parseMoment(fields[0])
	if err != nil {
		return plainPoint{}, debrief.Errorf(debrief.Invalid, "", "%q is no time that can be read", fields[0]).
			WithHint("for example 2026-11-03T14:02:00Z, or unix seconds")
	}
	x := plainPoint{t: float64(at.UnixMicro()) / 1e6}
	for i, into := range []*float64{&x.v, &x.of}[:want-1] {
		if *into, err = plainNumber(fields[i+1]); err != nil {
			return x, err
		}
	}
	return x, nil
}

// splitPlain splits at the first kind of separator there is. A space may also
// stand within the time: 2026-11-03 14:02:00 82.
func splitPlain(line string) []string {
	var fields []string
	for _, sep := range []string{"\t", ";", ","} {
		if strings.Contains(line, sep) {
			fields = strings.Split(line, sep)
			break
		}
	}
	if fields == nil {
		fields = strings.Fields(line)
		if len(fields) > 2 && strings.Contains(fields[0], "-") && strings.Contains(fields[1], ":") {
			fields = append([]string{fields[0] + " " + fields[1]}, fields[2:]...)
		}
	}
	for i, f := range fields {
		fields[i] = strings.Trim(strings.TrimSpace(f), `"`)
	}
	return fields
}

// plainNumber reads a value; what spreadsheets and databases leave where there
// is none is missing.
func plainNumber(s string) (float64, error) {
	switch strings.ToLower(s) {
	case "", "nan", "null", "na", "-":
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, debrief.Errorf(debrief.Invalid, "", "%q is not a number", s)
	}
	return v, nil
}

// usualGap is the median distance of sorted points.
func usualGap(points []plainPoint) float64 {
	gaps := make([]float64, 0, len(points))
	for i := 1; i < len(points); i++ {
		if d := points[i].t - points[i-1].t; d > 0 {
			gaps = append(gaps, d)
		}
	}
	if len(gaps) == 0 {
		return 60
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}
