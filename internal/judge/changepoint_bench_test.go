package judge_test

import (
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

// BenchmarkChanges600 is 600 delivery series, 200 of each kind: the target is a
// tenth of a second on one core.
func BenchmarkChanges600(b *testing.B) {
	kinds := []judge.SlowKind{judge.Durations, judge.Counts, judge.Shares}
	series := make([]judge.SlowSeries, 600)
	for i := range series {
		series[i] = makeSlow(rng(uint64(i)), kinds[i%3]).SlowSeries
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, s := range series {
			judge.Changes(s)
		}
	}
}

// BenchmarkChangesLong is one series of 100,000 measurements.
func BenchmarkChangesLong(b *testing.B) {
	r := rng(1)
	s := slow{SlowSeries: judge.SlowSeries{Kind: judge.Durations, V: make([]float64, 100_000)}, at: []int{30_000, 70_000}}
	makeDurations(r, s)
	b.ReportAllocs()
	for b.Loop() {
		judge.Changes(s.SlowSeries)
	}
}
