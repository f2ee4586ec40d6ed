package foretold_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/learn"
	"github.com/debriefhq/debrief/internal/story/foretold"
	"github.com/debriefhq/debrief/internal/story/org"
)

func history(t testing.TB, o org.Options) []debrief.ReleaseFacts {
	t.Helper()
	o.End = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	made, err := org.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var out []debrief.ReleaseFacts
	err = made.Walk(func(i org.Item) error {
		if i.Release != nil {
			out = append(out, i.Release.ReleaseFacts)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func share(k, n int) float64 { return float64(k) / float64(max(n, 1)) }

// Over made-up organisations, in the order of time, each brief seeing only what
// was known before: more of what it names happens than of what always naming
// the commonest would, and it names at least as much of what happens. Its
// ranges hold four of five.
func TestBriefsForetellMoreThanTheCommonest(t *testing.T) {
	t.Parallel()
	var sum debrief.BriefAccuracy
	for seed := range uint64(2) {
		foretold.Replay(history(t, org.Options{Services: 6, Releases: 900, Years: 2, Seed: seed}), time.Time{}, func(_ debrief.ReleaseFacts, b debrief.Brief) {
			learn.AddOutcome(&sum, b)
		})
	}
	precision, recall := share(sum.Hits, sum.Foretold), share(sum.Hits, sum.Happened)
	usual, usualRecall := share(sum.CommonestHits, sum.CommonestForetold), share(sum.CommonestHits, sum.Happened)
	within := share(sum.Within, sum.Ranges)
	said := fmt.Sprintf("%d briefs, %d spoke: precision %.3f, recall %.3f; always the commonest: %.3f, %.3f; %d of %d ranges held", sum.Briefs, sum.Spoke, precision, recall, usual, usualRecall, sum.Within, sum.Ranges)
	t.Log(said)
	if sum.Briefs < 1000 || sum.Ranges < 1000 {
		t.Fatal("too little was replayed")
	}
	if precision <= usual || recall < usualRecall {
		t.Error(said)
	}
	if within < 0.75 || within > 0.90 {
		t.Errorf("%.2f of the ranges held; four of five should", within)
	}
}

// Where what came of releases is dealt anew within each service and quarter,
// nothing about a change tells of a failure: at most one brief in ten may say
// that it does.
func TestBriefsOfShuffledHistoriesAreSilent(t *testing.T) {
	t.Parallel()
	briefs, spoke := 0, 0
	for seed := range uint64(2) {
		foretold.Replay(history(t, org.Options{Services: 6, Releases: 500, Years: 2, Seed: 100 + seed, Shuffle: true}), time.Time{}, func(_ debrief.ReleaseFacts, b debrief.Brief) {
			briefs++
			for _, l := range b.Lessons {
				if !l.Usual && l.Topic == debrief.TopicFailed {
					spoke++
				}
			}
		})
	}
	t.Logf("%d of %d briefs of shuffled histories name a failure", spoke, briefs)
	if briefs < 800 || spoke*10 > briefs {
		t.Errorf("%d of %d briefs of shuffled histories name a failure", spoke, briefs)
	}
}
