package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// generated are questions of every kind: changed and not, with gaps, short and
// long after, with much and little history.
func generated(n int) []seriesCase {
	r := rand.New(rand.NewPCG(22, 11))
	out := make([]seriesCase, n)
	for i := range out {
		c := seriesCase{ID: fmt.Sprintf("case-%03d", i), Metric: "m", Kind: "gauge", Step: []float64{60, 300}[i%2]}
		past, before, after := []int{600, 90, 0}[i%3], 24, []int{24, 6}[i%4/2]
		factor := []float64{1, 1.25, 2, 0.6, 1}[i%5]
		noise, level := 0.0, 40+200*r.Float64()
		at := 1.79e9
		next := func(by float64) float64 {
			noise = 0.5*noise + 0.1*r.NormFloat64()
			if r.IntN(50) == 0 {
				return math.NaN()
			}
			return by * level * math.Exp(noise)
		}
		c.History.T0, c.History.Step = at, c.Step
		for range past {
			c.History.V = append(c.History.V, next(1))
			at += c.Step
		}
		for range before {
			c.Before.T, c.Before.V = append(c.Before.T, at), append(c.Before.V, next(1))
			at += c.Step
		}
		c.Release = at
		for range after {
			c.After.T, c.After.V = append(c.After.T, at), append(c.After.V, next(factor))
			at += c.Step
		}
		if i%7 == 0 {
			c.Kind = errorRate
			for _, s := range []*seriesColumns{&c.History.seriesColumns, &c.Before.seriesColumns, &c.After.seriesColumns} {
				for _, v := range s.V {
					errors := math.Floor(v / 20)
					s.Errors, s.Requests = append(s.Errors, errors), append(s.Requests, 1000)
				}
			}
		}
		out[i] = c
	}
	return out
}

func judged(t *testing.T, cases []seriesCase) map[string]seriesAnswer {
	t.Helper()
	var in, out, errs bytes.Buffer
	for _, c := range cases {
		in.WriteString(exactly(c))
	}
	e := OS()
	e.Args, e.Stdin, e.Stdout, e.Stderr = []string{"judge", "series"}, &in, &out, &errs
	if code := Main(context.Background(), e); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	answers := map[string]seriesAnswer{}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(cases) {
		t.Fatalf("%d answers to %d questions", len(lines), len(cases))
	}
	for i, line := range lines {
		var a seriesAnswer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		if a.ID != cases[i].ID {
			t.Fatalf("answer %d is about %s, not %s", i, a.ID, cases[i].ID)
		}
		answers[a.ID] = a
	}
	return answers
}

// TestVerdictsDependOnTheSeriesAlone: names, order and unit change nothing.
func TestVerdictsDependOnTheSeriesAlone(t *testing.T) {
	t.Parallel()
	cases := generated(120)
	want := judged(t, cases)
	changed := 0
	for _, a := range want {
		if a.Changed {
			changed++
		}
	}
	if changed < 20 || changed > 100 {
		t.Fatalf("%d of %d changed: the cases do not try both", changed, len(cases))
	}
	for _, by := range []float64{1, 1000, 1.0 / 1024, 0.37} {
		r := rand.New(rand.NewPCG(3, uint64(by*1000)))
		name := map[string]string{}
		other := make([]seriesCase, len(cases))
		for i, at := range r.Perm(len(cases)) {
			c := cases[at]
			c.ID = fmt.Sprintf("x%08x", r.Uint32())
			name[c.ID] = cases[at].ID
			for _, v := range []*debrief.Numbers{&c.History.V, &c.Before.V, &c.After.V} {
				*v = scaled(*v, by)
			}
			other[i] = c
		}
		for id, got := range judged(t, other) {
			w := want[name[id]]
			if got.Changed != w.Changed || got.Direction != w.Direction || math.Abs(got.Score-w.Score) > 1e-3*(1+math.Abs(w.Score)) {
				t.Errorf("%s ×%g: changed %v %s, score %g; was %v %s, %g", w.ID, by, got.Changed, got.Direction, got.Score, w.Changed, w.Direction, w.Score)
			}
		}
	}
}

// exactly writes a question with every digit; debrief.Numbers keeps six.
func exactly(c seriesCase) string {
	list := func(vs debrief.Numbers) string {
		var b strings.Builder
		for i, v := range vs {
			if i > 0 {
				b.WriteByte(',')
			}
			if math.IsNaN(v) {
				b.WriteString("null")
			} else {
				fmt.Fprintf(&b, "%v", v)
			}
		}
		return "[" + b.String() + "]"
	}
	columns := func(s seriesColumns) string {
		out := `"v":` + list(s.V)
		if c.Kind == errorRate {
			out += `,"errors":` + list(s.Errors) + `,"requests":` + list(s.Requests)
		}
		return out
	}
	return fmt.Sprintf(`{"id":%q,"kind":%q,"step_s":%v,"release_ts":%v,"before":{"t":%s,%s},"after":{"t":%s,%s},"history":{"t0":%v,"step_s":%v,%s}}`+"\n",
		c.ID, c.Kind, c.Step, c.Release, list(c.Before.T), columns(c.Before.seriesColumns), list(c.After.T), columns(c.After.seriesColumns),
		c.History.T0, c.History.Step, columns(c.History.seriesColumns))
}

func scaled(vs debrief.Numbers, by float64) debrief.Numbers {
	out := make(debrief.Numbers, len(vs))
	for i, v := range vs {
		out[i] = v * by
	}
	return out
}

// The same holds for slow series: the unit of durations moves no change.
func TestChangesDependOnTheSeriesAlone(t *testing.T) {
	t.Parallel()
	const n = 60
	r := rand.New(rand.NewPCG(9, 9))
	series := make([][]float64, n)
	for i := range series {
		level := 50 + 100*r.Float64()
		for k := range 80 {
			if k == 40 && i%2 == 0 {
				level *= 1.6
			}
			series[i] = append(series[i], level*math.Exp(0.1*r.NormFloat64()))
		}
	}
	answers := func(by float64, order []int) map[int]string {
		var in, out, errs bytes.Buffer
		for _, i := range order {
			vs := make([]string, len(series[i]))
			for k, v := range series[i] {
				vs[k] = fmt.Sprint(v * by)
			}
			fmt.Fprintf(&in, `{"id":"%d-%g","group":%q,"series":[%s]}`+"\n", i, by, []string{"duration", "real"}[i%3/2], strings.Join(vs, ","))
		}
		e := OS()
		e.Args, e.Stdin, e.Stdout, e.Stderr = []string{"judge", "changepoints"}, &in, &out, &errs
		if code := Main(context.Background(), e); code != 0 {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		got := map[int]string{}
		for k, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
			var a changesAnswer
			if err := json.Unmarshal([]byte(line), &a); err != nil || a.ID != fmt.Sprintf("%d-%g", order[k], by) {
				t.Fatalf("%v: %s", err, line)
			}
			got[order[k]] = fmt.Sprint(a.Changes)
		}
		return got
	}
	want := answers(1, r.Perm(n))
	found := 0
	for i, changes := range want {
		if (changes != "[]") == (i%2 == 0) {
			found++
		}
	}
	if found < n*9/10 {
		t.Errorf("only %d of %d are told rightly", found, n)
	}
	for _, by := range []float64{1000, 1.0 / 1024, 0.3} {
		for i, changes := range answers(by, r.Perm(n)) {
			if changes != want[i] {
				t.Errorf("series %d ×%g: %s, was %s", i, by, changes, want[i])
			}
		}
	}
}

// What moved everything is not the release's doing, where others show it.
func TestControlsInAQuestion(t *testing.T) {
	t.Parallel()
	c := generated(5)[2] // twice as much after
	c.History.V = nil
	for i := range 600 {
		c.History.V = append(c.History.V, 100*math.Exp(0.1*math.Sin(float64(i)*12.9898)))
	}
	c.History.T0 = c.Before.T[0] - 600*c.Step
	line := func(controls, disturbed string) seriesCase {
		text := strings.TrimSuffix(strings.TrimSpace(exactly(c)), "}") + `,"controls":[` + controls + `],"disturbed":` + disturbed + "}"
		got, err := readCase([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	all := append(append(append(debrief.Numbers{}, c.History.V...), c.Before.V...), c.After.V...)
	for i := range all {
		if math.IsNaN(all[i]) {
			all[i] = 100
		}
		all[i] *= 3 * (1 + 0.01*math.Sin(float64(i)))
	}
	text := strings.ReplaceAll(strings.Trim(fmt.Sprint([]float64(all)), "[]"), " ", ",")
	control := fmt.Sprintf(`{"t0":%v,"step_s":%v,"v":[%s]}`, c.History.T0, c.Step, text)
	alone, beside := line("", "[]"), line(control+","+control, fmt.Sprintf("[[%v,%v]]", c.History.T0, c.History.T0+600))
	q, err := alone.question()
	if err != nil {
		t.Fatal(err)
	}
	if r := judge.Judge(q); !answerSeries(&alone, r).Changed {
		t.Errorf("by itself it did not change: %+v", answerSeries(&alone, r))
	}
	q, err = beside.question()
	if err != nil || len(q.Controls) != 2 || len(q.Past) != 1 || len(q.Controls[0].V) != len(q.Series.V) {
		t.Fatalf("%v: %d controls, %d disturbed", err, len(q.Controls), len(q.Past))
	}
	if v := q.Controls[1].V; math.IsNaN(v[0]) || math.IsNaN(v[len(v)-1]) {
		t.Error("the control does not cover the question")
	}
	if a := answerSeries(&beside, judge.Judge(q)); a.Controls != 2 || a.Changed {
		t.Errorf("what moved everything is called the release's: %+v", a)
	}
	for field, controls := range map[string]string{"controls.0.t0": `{"t0":1e12,"v":[1]}`, "controls.0.step_s": `{"step_s":-1,"v":[1]}`, "controls.0.v": `{"t":[1,2],"v":[1]}`} {
		c := line(controls, "[]")
		_, err := c.question()
		var known *debrief.Error
		if !errors.As(err, &known) || known.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	bad := line("", "[[5,1]]")
	if _, err := bad.question(); err == nil {
		t.Error("a span that ends before it begins is taken")
	}
}
