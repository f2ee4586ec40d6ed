package delivery

import (
	"cmp"
	"slices"

	"github.com/debriefhq/debrief"
)

// parts9 is how long each part of a way took, in the order of Parts, in seconds.
const parts9 = 9

// way9 is one change's way, as decompositions read it.
type way9 struct {
	total float64
	parts [parts9]float64
	week  int
	kind  string
	id    string
}

func wayOf(l debrief.LeadFacts, f debrief.ReleaseFacts) way9 {
	w := way9{total: float64(l.Lead), kind: f.PrimaryKind, id: f.ReleaseID}
	for i, p := range partNames {
		w.parts[i] = float64(l.Parts[p])
	}
	return w
}

var partNames = [parts9]string{Coding, ReviewWait, Review, MergeToBuild, Queue, Build, Test, ApprovalWait, RollOut}

// sortWays puts ways in the order of their totals.
func sortWays(ws []way9) {
	slices.SortFunc(ws, func(a, b way9) int { return cmp.Or(cmp.Compare(a.total, b.total), cmp.Compare(a.id, b.id)) })
}

// band is the mean over a stretch of the order by total, in which parts add up
// exactly.
type band struct {
	total  float64
	parts  [parts9]float64
	weight float64
}

// Where the middle half and the slow tail lie in the order by total.
const (
	midLow, midHigh   = 0.25, 0.75
	tailLow, tailHigh = 0.85, 0.95
)

func midBand(ws []way9) band {
	ws = slices.Clone(ws)
	sortWays(ws)
	return bandOf(ws, nil, midLow, midHigh)
}

// bandOf averages what lies between two shares of sorted ways, each of which
// counts as often as its week was drawn (nil: once). A way on the edge counts
// with the part of it that lies inside; ways of one total share what falls to
// them, so that their order does not matter.
func bandOf(ws []way9, drawn []float64, low, high float64) band {
	var b band
	eachInBand(ws, drawn, low, high, func(i int, weight float64) {
		b.weight += weight
		for p := range b.parts {
			b.parts[p] += weight * ws[i].parts[p]
		}
	})
	if b.weight == 0 {
		return b
	}
	for p := range b.parts {
		b.parts[p] /= b.weight
		b.total += b.parts[p]
	}
	return b
}

func eachInBand(ws []way9, drawn []float64, low, high float64, each func(i int, weight float64)) {
	times := func(i int) float64 {
		if drawn == nil {
			return 1
		}
		return drawn[ws[i].week]
	}
	n := 0.0
	for i := range ws {
		n += times(i)
	}
	from, to, at := low*n, high*n, 0.0
	for i := 0; i < len(ws) && at < to; {
		j, tied := i, 0.0
		for j < len(ws) && ws[j].total == ws[i].total {
			tied += times(j)
			j++
		}
		if inside := min(at+tied, to) - max(at, from); inside > 0 && tied > 0 {
			for ; i < j; i++ {
				if t := times(i); t > 0 {
					each(i, inside*t/tied)
				}
			}
		}
		i, at = j, at+tied
	}
}
