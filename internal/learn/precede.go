package learn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/debriefhq/debrief"
)

// factor is something that releases have, held against what came of them.
type factor struct {
	feature int32
	other   int32 // the second of a pair; none: -1
	outcome int
	sums    sums
	p       float64
	along   []*factor // what goes along with it, and was left out for that
}

const none = -1

// asked says which outcomes a group is asked for. Modules and hours are many,
// and that a gradual roll-out takes long is no news: all but kinds are asked for
// trouble alone, so that the question that matters does not drown in others.
func asked(g group, outcome int) bool { return outcome == trouble || g == ofKind }

// precedes finds what of one group precedes what; one sweep over the rows
// serves all groups.
func (r *reading) precedes(g group) []*factor {
	if r.factors == nil {
		r.factors = r.single()
	}
	var of []*factor
	for _, f := range r.factors {
		if r.h.features.list[f.feature].group == g {
			of = append(of, f)
		}
	}
	return of
}

// single asks every feature by itself.
func (r *reading) single() []*factor {
	h := r.h
	type key struct {
		feature int32
		outcome int
	}
	all := make([]bool, len(h.features.list))
	for i := range all {
		all[i] = true
	}
	inTrouble := make([]sums, len(all))
	others := map[key]*sums{}
	c := newCounter(h, all)
	c.each(h.rows, func(f int32, o int, t table) {
		switch {
		case o == trouble:
			inTrouble[f].add(t)
		case asked(h.features.list[f].group, o):
			s := others[key{f, o}]
			if s == nil {
				s = &sums{}
				others[key{f, o}] = s
			}
			s.add(t)
		}
	})
	factors := []*factor{}
	for f := range inTrouble {
		for o := range h.outcomes.names {
			s := &inTrouble[f]
			if o != trouble {
				s = others[key{int32(f), o}]
			}
			if s != nil && s.k > 0 {
				factors = append(factors, &factor{feature: int32(f), other: none, outcome: o, sums: *s, p: 1})
			}
		}
	}
	// Only what stands out at all is worked out to the end: of the others it is
	// enough to know that they were asked.
	wanted := make([]bool, len(all))
	tables := map[key][]table{}
	for _, f := range factors {
		if f.promising() {
			wanted[f.feature] = true
			tables[key{f.feature, f.outcome}] = nil
		}
	}
	c = newCounter(h, wanted)
	c.each(h.rows, func(f int32, o int, t table) {
		if ts, ok := tables[key{f, o}]; ok && t.tells() {
			tables[key{f, o}] = append(ts, t)
		}
	})
	for _, f := range factors {
		if ts := tables[key{f.feature, f.outcome}]; len(ts) > 0 {
			f.p = chance(ts)
		}
	}
	return factors
}

// tested reports whether the question was put: the releases with the factor are
// not too few, and there could have been enough that came to it.
func (f *factor) tested() bool { return f.sums.k >= Few && f.sums.most >= Few }

// promising reports whether chance is worth working out. Where fewer than five
// came to it nothing will be said, whatever chance may be: p stays 1.
func (f *factor) promising() bool {
	s := &f.sums
	return f.tested() && s.informed >= Few && s.variance > 0 && float64(s.informed)-s.expect > math.Sqrt(s.variance)/2
}

// candidates words what factors precede.
func (r *reading) candidates(factors []*factor) []candidate {
	var out []candidate
	for _, f := range factors {
		if c, ok := r.tooFew(f); ok {
			out = append(out, c)
		}
		if f.tested() {
			out = append(out, candidate{tested: true, factor: f, Finding: debrief.Finding{P: f.p}})
		}
	}
	return out
}

// tooFew notes what looks remarkable and happened too seldom.
func (r *reading) tooFew(f *factor) (candidate, bool) {
	s := &f.sums
	if f.outcome != trouble || s.informed < 2 || s.a >= Few || float64(s.informed) < 3*s.expect {
		return candidate{}, false
	}
	return candidate{few: fmt.Sprintf("%s (%d of %d)", r.subject(f), s.a, s.k)}, true
}

// filled says a factor that stood its test in words.
func (r *reading) filled(f *factor) debrief.Finding {
	s := &f.sums
	what, came := r.subject(f), r.outcomeWords(f.outcome)
	shown := shrunken(s.a, s.k, float64(s.into)/math.Max(1, float64(s.bare)))
	out := debrief.Finding{
		Subject: what, P: f.p, Services: r.servicesOf(f),
		Sentence: fmt.Sprintf("%s preceded %s in %s; the other releases of the same services and quarters would lead one to expect %s.",
			capital(r.phrase(f)), came, outOf(s.a, s.k), about(float64(s.a)-s.share()*float64(s.informed))),
		Sure: fmt.Sprintf("%s; of such releases %s (90 %% interval), of the others %s", surely(f.p), span(shown), outOf(s.into, s.bare)),
	}
	out.ID = debrief.ID("finding", groupNames[r.h.features.list[f.feature].group], what, came)
	if along := r.alongside(f); along != "" {
		out.Sentence += " " + along
	}
	excess := s.share() * float64(s.informed) / r.months()
	out.Saves, out.SavesHow = r.costs.of(f.outcome == trouble, excess)
	return out
}

// alongside names what was left out because it goes along with the factor.
func (r *reading) alongside(f *factor) string {
	if len(f.along) == 0 {
		return ""
	}
	var names []string
	for _, a := range f.along[:min(3, len(f.along))] {
		names = append(names, r.subject(a))
	}
	return "Going along with it, and saying nothing more: " + list(names) + "."
}

// has reports whether a release has the factor.
func (f *factor) has(h *History, x *row) bool {
	was := h.was(x)
	return slices.Contains(was, f.feature) && (f.other == none || slices.Contains(was, f.other))
}

// evidence are the releases behind it, the latest first.
func (r *reading) evidence(f *factor) []debrief.Evidence {
	var with []*row
	for _, x := range r.came() {
		if x.out&(1<<f.outcome) != 0 && f.has(r.h, x) {
			with = append(with, x)
		}
	}
	return r.latest(with)
}

// mostEvidence is how many releases a finding points at.
const mostEvidence = 12

func (r *reading) latest(rows []*row) []debrief.Evidence {
	slices.SortStableFunc(rows, func(a, b *row) int { return cmp.Compare(b.at, a.at) })
	var out []debrief.Evidence
	for _, x := range rows[:min(mostEvidence, len(rows))] {
		out = append(out, debrief.Evidence{Kind: "release", ID: r.h.ids.at(x.id), Service: r.h.services.names[x.service], At: timeOf(x)})
	}
	return out
}

// still reports whether it happened in the last three months: what is over is
// not said again.
func (r *reading) still(f *factor) bool {
	since := r.Month.Before(2).From.Unix()
	if service := r.h.features.list[f.feature].service; service != everywhere {
		rows := r.h.of(r.h.services.names[service])
		for i := len(rows) - 1; i >= 0 && rows[i].at >= since; i-- {
			if x := &rows[i]; x.known && x.out&(1<<f.outcome) != 0 && f.has(r.h, x) {
				return true
			}
		}
		return false
	}
	for _, x := range r.came() {
		if x.at >= since && x.out&(1<<f.outcome) != 0 && f.has(r.h, x) {
			return true
		}
	}
	return false
}

// came are the releases that came to something: few, and asked often.
func (r *reading) came() []*row {
	if r.troubled == nil {
		r.troubled = []*row{}
		for i := range r.h.rows {
			if x := &r.h.rows[i]; x.known && x.out != 0 {
				r.troubled = append(r.troubled, x)
			}
		}
	}
	return r.troubled
}
