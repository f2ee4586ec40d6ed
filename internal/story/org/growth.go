package org

import (
	"math"
	"time"
)

// halfYear is how long a step takes to grow.
const halfYear = 182 * 24 * time.Hour

// grown is how many times its usual time a step takes at a moment; 0 while
// the pipeline does not have it.
func (sim *simulation) grown(step string, at time.Time) float64 {
	x := 1.0
	for _, i := range sim.growing {
		c := &sim.o.causes[i]
		if c.Subject != step {
			continue
		}
		switch {
		case c.What == StepAdded && !c.holds(sim.s.id, at):
			return 0
		case c.What == StepGrows && c.holds(sim.s.id, at):
			done := min(1, float64(at.Sub(c.From))/float64(halfYear))
			x *= math.Pow(c.Factor, done)
		}
	}
	return x
}

// waits is how many times as long as usual a pull request waits for its first review.
func (sim *simulation) waits(at time.Time) float64 {
	for _, i := range sim.growing {
		if c := &sim.o.causes[i]; c.What == ReviewWaits && c.holds(sim.s.id, at) {
			return c.Factor
		}
	}
	return 1
}

// ratio is how long a migration takes in production against staging.
func (sim *simulation) ratio(at time.Time) float64 {
	for _, i := range sim.growing {
		if c := &sim.o.causes[i]; c.What == MigrationRatio && c.holds(sim.s.id, at) {
			return c.Factor
		}
	}
	return sim.s.ratio
}
