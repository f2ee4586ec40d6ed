package judge_test

import (
	"math"
	"math/rand/v2"

	"github.com/debriefhq/debrief/internal/judge"
)

// quiet is a world without any change, to count the changes invented in it.
type quiet struct {
	name string
	most float64 // of its series may show one
	make func(r *rand.Rand) judge.SlowSeries
}

func quietWorlds() []quiet {
	gauge := func(kind judge.SlowKind, phi, sd float64, heavy bool) func(r *rand.Rand) judge.SlowSeries {
		return func(r *rand.Rand) judge.SlowSeries {
			v := noise(r, 60+r.IntN(341), phi, sd, heavy)
			for i, x := range v {
				v[i] = 20 * math.Exp(x)
			}
			return judge.SlowSeries{Kind: kind, V: v}
		}
	}
	count := func(mean, overdispersion float64) func(r *rand.Rand) judge.SlowSeries {
		return func(r *rand.Rand) judge.SlowSeries {
			v := make([]float64, 40+r.IntN(117))
			for i := range v {
				m := mean
				if overdispersion > 0 {
					m *= gammaMean(r, int(1/overdispersion))
				}
				v[i] = poisson(r, m)
			}
			return judge.SlowSeries{Kind: judge.Counts, V: v}
		}
	}
	share := func(overdispersed bool) func(r *rand.Rand) judge.SlowSeries {
		return func(r *rand.Rand) judge.SlowSeries {
			v := make([]float64, 40+r.IntN(117))
			n := make([]float64, len(v))
			for i := range v {
				p := 0.15
				if overdispersed { // a beta of the same mean: variance half as large again at n = 16
					a, b := gammaMean(r, 5)*5, gammaMean(r, 28)*28
					p = a / (a + b)
				}
				n[i] = float64(3 + r.IntN(28))
				for range int(n[i]) {
					if r.Float64() < p {
						v[i]++
					}
				}
				v[i] /= n[i]
			}
			return judge.SlowSeries{Kind: judge.Shares, V: v, N: n}
		}
	}
	// Of a hundred points two belong to no level: counts three to ten times as
	// high, weeks in which everything failed.
	spiked := func(make func(r *rand.Rand) judge.SlowSeries) func(r *rand.Rand) judge.SlowSeries {
		return func(r *rand.Rand) judge.SlowSeries {
			s := make(r)
			for i := range s.V {
				if r.Float64() < 0.02 {
					if s.Kind == judge.Shares {
						s.V[i] = 1
					} else {
						s.V[i] = math.Round(s.V[i] * (3 + 7*r.Float64()))
					}
				}
			}
			return s
		}
	}
	return []quiet{
		{"durations: white", 0.03, gauge(judge.Durations, 0, 0.2, false)},
		{"durations: AR .5", 0.03, gauge(judge.Durations, 0.5, 0.2, false)},
		{"durations: AR .7", 0.03, gauge(judge.Durations, 0.7, 0.2, false)},
		{"durations: AR .9", 0.03, gauge(judge.Durations, 0.9, 0.2, false)},
		{"durations: t3", 0.03, gauge(judge.Durations, 0, 0.2, true)},
		{"durations: AR .5, t3", 0.03, gauge(judge.Durations, 0.5, 0.2, true)},
		{"counts: Poisson, mean 0.5", 0.03, count(0.5, 0)},
		{"counts: Poisson, mean 5", 0.03, count(5, 0)},
		{"counts: Poisson, mean 200", 0.03, count(200, 0)},
		{"counts: mean 10, size 4", 0.03, count(10, 0.25)},
		{"counts: mean 10, size 2", 0.03, count(10, 0.5)},
		{"counts: mean 10, size 8, spikes", 0.03, spiked(count(10, 0.125))},
		{"shares: binomial", 0.03, share(false)},
		{"shares: overdispersed", 0.03, share(true)},
		{"shares: binomial, spikes", 0.03, spiked(share(false))},
		{"any: white", 0.03, gauge(judge.Reals, 0, 0.2, false)},
		{"any: AR .5", 0.03, gauge(judge.Reals, 0.5, 0.2, false)},
		{"any: AR .9", 0.2, gauge(judge.Reals, 0.9, 0.2, false)},
		{"any: t3", 0.03, gauge(judge.Reals, 0, 0.2, true)},
	}
}

// gammaMean has mean one and variance 1/k.
func gammaMean(r *rand.Rand, k int) float64 {
	sum := 0.0
	for range k {
		sum += r.ExpFloat64()
	}
	return sum / float64(k)
}
