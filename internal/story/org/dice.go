package org

import (
	"math"
	"math/rand/v2"
	"time"
)

// dice are random numbers that depend on nothing but what they were cast for.
type dice struct {
	*rand.Rand
	pcg *rand.PCG
}

// What dice are cast for: a stream of its own each, so that one more draw here
// moves nothing elsewhere.
const (
	forOrg uint64 = iota + 1
	forPlants
	forService
	forMoments
	forRollouts
	forQuarter
	forRelease
	forOutcome
	forAfter
	forShuffle
	forAlerts
	forDebriefs
	forTold
	forFlips
)

func newDice() *dice {
	p := rand.NewPCG(0, 0)
	return &dice{rand.New(p), p}
}

// cast makes the dice those of one purpose.
func (d *dice) cast(seed, purpose uint64, of ...uint64) *dice {
	a, b := mix(seed), mix(seed^0x9e3779b97f4a7c15)
	for _, x := range append(of, purpose) {
		a = mix(a ^ x)
		b = mix(b + x)
	}
	d.pcg.Seed(a, b)
	return d
}

func diceFor(seed, purpose uint64, of ...uint64) *dice { return newDice().cast(seed, purpose, of...) }

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood 2014): near seeds
// give unrelated streams.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (d *dice) chance(p float64) bool { return d.Float64() < p }

// between is uniform.
func (d *dice) between(low, high float64) float64 { return low + (high-low)*d.Float64() }

// around is a positive number whose logarithm is normal: median, spread of the
// logarithm.
func (d *dice) around(median, spread float64) float64 {
	return median * math.Exp(spread*d.NormFloat64())
}

// count is Poisson by multiplication: for small means.
func (d *dice) count(mean float64) int {
	limit, p, n := math.Exp(-mean), d.Float64(), 0
	for p > limit && n < 1000 {
		p *= d.Float64()
		n++
	}
	return n
}

// weighted picks an index by weight.
func (d *dice) weighted(ws []float64) int {
	sum := 0.0
	for _, w := range ws {
		sum += w
	}
	x := d.Float64() * sum
	for i, w := range ws {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(ws) - 1
}

func pick[T any](d *dice, list []T) T { return list[d.IntN(len(list))] }

// Spans are whole milliseconds, so that whatever adds them up agrees.
func seconds(s float64) time.Duration {
	return time.Duration(math.Round(s*1000)) * time.Millisecond
}

func hours(h float64) time.Duration { return seconds(3600 * h) }
