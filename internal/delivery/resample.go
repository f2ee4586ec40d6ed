package delivery

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"

	"github.com/debriefhq/debrief"
)

// draws is how often weeks are drawn anew for an interval.
const draws = 400

// dice are numbers that look random and are the same for the same question
// (Steele, Lea and Flood 2014: SplitMix64).
type dice struct{ state uint64 }

func seeded(words ...string) *dice {
	h := fnv.New64a()
	for _, w := range words {
		h.Write([]byte(w))
		h.Write([]byte{0})
	}
	return &dice{h.Sum64()}
}

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// weeks draws n weeks of n with replacement: how often each was drawn.
func (d *dice) weeks(n int, into []float64) []float64 {
	into = into[:0]
	for range n {
		into = append(into, 0)
	}
	for range n {
		into[d.next()%uint64(n)]++
	}
	return into
}

// bounds are the 95 % intervals of each part: what part it adds when whole
// weeks are drawn anew, on either side by itself. adds returns nil where a draw
// holds nothing to compare.
func bounds(parts []debrief.Part, before, after int, d *dice, adds func(before, after []float64) []float64) {
	if before == 0 || after == 0 {
		return
	}
	seen := make([][]float64, len(parts))
	var b, a []float64
	for range draws {
		b, a = d.weeks(before, b), d.weeks(after, a)
		for i, x := range adds(b, a) {
			seen[i] = append(seen[i], x)
		}
	}
	for i := range parts {
		s := seen[i]
		slices.Sort(s)
		if len(s) < draws/2 {
			parts[i].Low, parts[i].High = math.Min(parts[i].Adds, 0), math.Max(parts[i].Adds, 0)
			continue
		}
		parts[i].Low = min(quantile(s, 0.025), parts[i].Adds)
		parts[i].High = max(quantile(s, 0.975), parts[i].Adds)
	}
}

// settleParts puts the largest first, and says shares where all parts have one
// sign: of a sum in which parts cancel a percentage means nothing.
func settleParts(parts []debrief.Part) []debrief.Part {
	up, down, sum := false, false, 0.0
	for _, p := range parts {
		up, down, sum = up || p.Adds > 0, down || p.Adds < 0, sum+p.Adds
	}
	if up != down && sum != 0 {
		for i := range parts {
			parts[i].Share = parts[i].Adds / sum
		}
	}
	slices.SortStableFunc(parts, func(a, b debrief.Part) int { return cmp.Compare(math.Abs(b.Adds), math.Abs(a.Adds)) })
	return parts
}
