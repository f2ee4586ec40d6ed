package delivery

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// besideWeeks is how far around a change what else changed is sought.
const besideWeeks = 8

// besides are what else changed about then, in words. None of it is said to have
// led to anything.
func (w weekly) besides(s sides, m move) []string {
	before, after := recent(w, max(m.from, m.At-besideWeeks), m.At), recent(w, m.At, min(m.to, m.At+besideWeeks))
	if len(before) == 0 || len(after) == 0 {
		return nil
	}
	out := slices.Concat(steps(before, after), strategies(before, after), kindsThen(w, m), flips(w, m))
	if len(out) > 8 {
		out = out[:8]
	}
	return out
}

func recent(w weekly, from, to int) []debrief.ReleaseFacts {
	var out []debrief.ReleaseFacts
	for i := from; i < to; i++ {
		for _, f := range w.facts[i] {
			if f.Kind.Checked() {
				out = append(out, f)
			}
		}
	}
	return out
}

// steps are the pipeline's steps that came, went, or take more than half as
// long again.
func steps(before, after []debrief.ReleaseFacts) []string {
	b, a := stepTimes(before), stepTimes(after)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if len(b[name]) == 0 && 2*len(a[name]) >= len(after) {
			out = append(out, fmt.Sprintf("a new pipeline step, %s, takes %s (median)", name, Lasting(MiddleOf(a[name]).Median)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		switch was, is := MiddleOf(b[name]), MiddleOf(a[name]); {
		case is.N == 0 && 2*len(b[name]) >= len(before):
			out = append(out, fmt.Sprintf("the pipeline step %s is gone (it took %s)", name, Lasting(was.Median)))
		case was.N >= 3 && is.N >= 3 && was.Median >= 1 && (is.Median > 1.5*was.Median || is.Median < was.Median/1.5) && max(is.Median-was.Median, was.Median-is.Median) >= 60:
			out = append(out, fmt.Sprintf("the pipeline step %s takes %s where it took %s", name, Lasting(is.Median), Lasting(was.Median)))
		}
	}
	return out
}

func stepTimes(fs []debrief.ReleaseFacts) map[string][]float64 {
	out := map[string][]float64{}
	for _, f := range fs {
		for _, s := range f.Stages {
			out[s.Name] = append(out[s.Name], float64(s.Took))
		}
	}
	return out
}

// strategies says that releases reach everybody in another way.
func strategies(before, after []debrief.ReleaseFacts) []string {
	common := func(fs []debrief.ReleaseFacts) string {
		n := map[string]int{}
		for _, f := range fs {
			n[f.Strategy]++
		}
		for _, s := range slices.Sorted(maps.Keys(n)) {
			if 2*n[s] > len(fs) {
				return s
			}
		}
		return ""
	}
	b, a := common(before), common(after)
	if b == "" || a == "" || a == b {
		return nil
	}
	return []string{"most releases go out " + a + " where they went out " + b}
}

// worthNaming are the kinds of change that may alter how everything after them
// is delivered.
var worthNaming = []string{"CI", "infrastructure", "dependency", "configuration"}

// kindsThen names the releases about that time that changed how things are
// built and run.
func kindsThen(w weekly, m move) []string {
	by := map[string][]string{}
	for i := m.Low; i <= min(m.High, len(w.facts)-1); i++ {
		for _, f := range w.facts[i] {
			for _, k := range worthNaming {
				if f.Kind == debrief.ReleaseNew && slices.ContainsFunc(f.Kinds, func(have string) bool { return strings.EqualFold(have, k) }) {
					by[k] = append(by[k], f.Version)
				}
			}
		}
	}
	var out []string
	for _, k := range worthNaming {
		switch vs := by[k]; {
		case len(vs) == 1:
			out = append(out, fmt.Sprintf("%s brought a change of kind %s", vs[0], k))
		case len(vs) > 1 && len(vs) <= 3:
			out = append(out, fmt.Sprintf("%s brought changes of kind %s", strings.Join(vs, ", "), k))
		}
	}
	return out
}

// flips are what took effect by itself about then.
func flips(w weekly, m move) []string {
	var out []string
	from, to := w.weeks[m.Low].from, w.weeks[min(m.High, len(w.weeks)-1)].to
	for _, c := range w.in.Events {
		if !c.Live.Before(from) && c.Live.Before(to) && len(out) < 3 {
			out = append(out, fmt.Sprintf("%s: %s, on %s", c.Kind, c.Title, c.Live.In(w.in.Location).Format("2 January")))
		}
	}
	return out
}

// movedWords tells of a part that moved about then.
func (w weekly) movedWords(l Line, m move) string {
	verb := "rose"
	if m.After < m.Before {
		verb = "fell"
	}
	return fmt.Sprintf("%s %s %s in the week of %s", l.Name, verb, both(value(m.Before, l.Unit), value(m.After, l.Unit)), week(w.weeks[m.At].from))
}

func week(t time.Time) string { return t.Format("2 January 2006") }
