package judge

import "math"

// What a change must be worth. It may come at any of n places, and is as likely
// as not; but of series without any at most one in fifty may show one, so the
// first has to convince more than those after it: where something changed
// once, it changes again.
const (
	firstCost = 2.25
	enough    = 0.5 // probability
	// The search looks at the likeliest place of each change; all its places
	// together are usually likelier by this.
	spreadOut = 2.0
)

func (s *search) cost() float64 { return math.Log(float64(s.n)) }

// comparison says how two levels are compared.
type comparison int

const (
	relative   comparison = iota // levels are logarithms
	difference                   // levels are in the series' unit
)

// report turns the likeliest segmentation into changes.
func (s *search) report(cuts []int, sc comparison) []Change {
	places := s.settle(cuts, enough)
	if len(places) == 0 || s.gain(places) < s.first {
		return nil
	}
	out := make([]Change, len(places))
	edges := make([]int, 0, len(places)+2)
	edges = append(edges, 0)
	for _, p := range places {
		edges = append(edges, p.at)
	}
	edges = append(edges, s.n)
	for i, p := range places {
		b, vb := s.f.level(edges[i], edges[i+1])
		a, va := s.f.level(edges[i+1], edges[i+2])
		c := Change{At: p.at, Low: p.low, High: p.high, Probability: p.probability}
		half := 1.96 * math.Hypot(va, vb)
		if sc == relative {
			c.Before, c.After = math.Exp(b), math.Exp(a)
			c.Effect, c.EffectLow, c.EffectHigh = math.Expm1(a-b), math.Expm1(a-b-half), math.Expm1(a-b+half)
		} else {
			c.Before, c.After = b, a
			c.Effect, c.EffectLow, c.EffectHigh = a-b, a-b-half, a-b+half
		}
		out[i] = c
	}
	return out
}

// gain is by how much the segmentation is likelier than one level throughout,
// the prior in it.
func (s *search) gain(places []place) float64 {
	at, sum := 0, 0.0
	for _, p := range places {
		sum += s.f.one(at, p.likeliest) - s.penalty + p.spread
		at = p.likeliest
	}
	return sum + s.f.one(at, s.n) - s.f.one(0, s.n)
}
