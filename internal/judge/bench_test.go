package judge_test

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// BenchmarkJudge50 is a whole look: 50 series, each with four weeks of
// one-minute history. The target is under one second.
func BenchmarkJudge50(b *testing.B) {
	for _, look := range []struct {
		name  string
		after int
	}{{"5min", 5}, {"1h", 60}, {"24h", 1440}} {
		b.Run(look.name, func(b *testing.B) {
			n := 28*1440 - 60 - look.after
			q := question(rng(1), time.Minute, n, 60, look.after, 0.5, 0.2, true)
			b.ReportAllocs()
			var m judge.Memory
			for b.Loop() {
				for range 50 {
					m.Judge(q)
				}
			}
		})
	}
}

// BenchmarkJudge2000 is one verdict on 2,000 points of history, after another.
func BenchmarkJudge2000(b *testing.B) {
	q := question(rng(1), time.Minute, 2000, 48, 24, 0.5, 0.2, true)
	b.ReportAllocs()
	var m judge.Memory
	for b.Loop() {
		m.Judge(q)
	}
}

func BenchmarkJudgeAgainstControls(b *testing.B) {
	q := withControls(1, 2000, 60, 10, 3, 0.1, 0.03)
	b.ReportAllocs()
	for b.Loop() {
		judge.Judge(q)
	}
}
