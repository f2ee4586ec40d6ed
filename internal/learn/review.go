package learn

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// MostFindings is how many a review tells of. More would be read by nobody.
const MostFindings = 5

// Reach is how far back a review reads, the month itself included.
const Reach = 12

// From is the beginning of what the review of a month reads.
func From(m Month) time.Time { return m.Before(Reach - 1).From }

// Found is everything the patterns found.
type Found struct {
	Findings []debrief.Finding // what acting on would save most first
	Tested   int               // how many questions were put to the data
	Few      []string          // what looked remarkable and happened too seldom
	Foretold []string          // steps whose time in production staging foretells, in a sentence each
	Nought   []string          // steps of which it says nothing
}

// Find asks every pattern of the twelve months that end with a month, and keeps
// what stands.
func Find(in Input) Found {
	r := reads(in)
	f := r.found(math.MaxInt)
	f.Foretold, f.Nought = r.foretold()
	return f
}

func reads(in Input) *reading {
	r := &reading{Input: in, h: in.History.Done(), from: From(in.Month), to: in.Month.To}
	r.costs, r.span = costsIn(r.h.rows), r.lasted()
	return r
}

// Look looks back on a month.
func Look(in Input) debrief.Review {
	r := reads(in)
	review := debrief.Review{
		Month: in.Month.String(), From: in.Month.From, To: in.Month.To, Service: in.Service, Sample: r.h.sample,
		Findings: []debrief.Finding{},
	}
	for i := range r.h.rows {
		if x := &r.h.rows[i]; x.at >= in.Month.From.Unix() && x.at < in.Month.To.Unix() {
			review.Releases++
			review.Failed += int(x.out & 1)
		}
	}
	all := r.found(MostFindings)
	review.Tested, review.Few = all.Tested, all.Few[:min(MostFindings, len(all.Few))]
	review.More = max(0, len(all.Findings)-MostFindings)
	review.Findings = append(review.Findings, all.Findings[:min(MostFindings, len(all.Findings))]...)
	review.Beside = r.beside()
	return review
}

// found asks every pattern, and gathers the evidence of the first so many
// findings. Those that claim something share one false
// discovery rate; of what stands, only what says something of its own is kept.
func (r *reading) found(shown int) Found {
	type asked struct {
		candidate
		pattern Pattern
	}
	var out Found
	var all, tests []asked
	for _, p := range Patterns() {
		for _, c := range p.Find(r) {
			switch {
			case c.few != "":
				out.Few = append(out.Few, c.few)
			case c.tested:
				tests = append(tests, asked{c, p})
			default:
				all = append(all, asked{c, p})
			}
		}
	}
	ps := make([]float64, len(tests))
	for i, t := range tests {
		ps[i] = t.P
	}
	byOutcome := map[int][]*factor{}
	for i, stands := range discoveries(ps, len(ps), Rate) {
		switch t := tests[i]; {
		case !stands:
		case t.factor != nil:
			byOutcome[t.factor.outcome] = append(byOutcome[t.factor.outcome], t.factor)
		default:
			all = append(all, t)
		}
	}
	own := map[*factor]bool{}
	for _, f := range r.own(byOutcome) {
		own[f] = true
	}
	factors := map[string]*factor{} // by the finding they became
	for _, t := range tests {
		if t.factor != nil && own[t.factor] && r.still(t.factor) {
			t.Finding = r.filled(t.factor)
			factors[t.ID] = t.factor
			all = append(all, t)
		}
	}
	for _, a := range all {
		f := a.Finding
		f.Pattern, f.Why = a.pattern.ID, a.pattern.Why
		f.Question = cmp.Or(f.Question, a.pattern.Question)
		out.Findings = append(out.Findings, f)
	}
	slices.SortStableFunc(out.Findings, func(a, b debrief.Finding) int {
		return cmp.Or(cmp.Compare(b.Saves, a.Saves), cmp.Compare(a.P, b.P), cmp.Compare(a.ID, b.ID))
	})
	for i := range out.Findings[:min(shown, len(out.Findings))] {
		if f := factors[out.Findings[i].ID]; f != nil {
			out.Findings[i].Evidence = r.evidence(f)
		}
	}
	out.Tested = len(tests)
	slices.Sort(out.Few)
	out.Few = slices.Compact(out.Few)
	return out
}

// own are the factors that say something of their own. What precedes trouble
// and, at the same releases, surprises, is said once: as what precedes trouble.
func (r *reading) own(byOutcome map[int][]*factor) []*factor {
	var own []*factor
	if fs := byOutcome[trouble]; len(fs) > 0 {
		own = r.apart(fs)
	}
	inTrouble := own
	for o := 1; o < mostOutcomes; o++ {
		fs := slices.DeleteFunc(byOutcome[o], func(f *factor) bool {
			return slices.ContainsFunc(inTrouble, func(t *factor) bool { return t.feature == f.feature || t.other == f.feature })
		})
		if len(fs) > 0 {
			own = append(own, r.apart(fs)...)
		}
	}
	return own
}

func timeOf(x *row) time.Time { return time.Unix(x.at, 0).UTC() }
