package foretold_test

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief"
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

func TestReplay(t *testing.T) {
	topics := map[string][3]int{}
	var sum debrief.BriefAccuracy
	for seed := range uint64(3) {
		a := foretold.Replay(history(t, org.Options{Services: 8, Releases: 1400, Years: 2, Seed: seed}), time.Time{}, func(f debrief.ReleaseFacts, b debrief.Brief) {
			if b.Outcome == nil {
				return
			}
			for _, x := range b.Outcome.Happened {
				c := topics[x]
				c[0]++
				topics[x] = c
			}
			for _, x := range b.Outcome.Foretold {
				c := topics[x]
				c[1]++
				topics[x] = c
			}
			for _, x := range b.Outcome.Hits {
				c := topics[x]
				c[2]++
				topics[x] = c
			}
		})
		sum.Briefs += a.Briefs
		sum.Spoke += a.Spoke
		sum.Foretold += a.Foretold
		sum.Happened += a.Happened
		sum.Hits += a.Hits
		sum.CommonestForetold += a.CommonestForetold
		sum.CommonestHits += a.CommonestHits
		sum.Ranges += a.Ranges
		sum.Within += a.Within
	}
	t.Logf("%+v", sum)
	t.Logf("precision %.3f recall %.3f; commonest %.3f %.3f; within %.3f", d(sum.Hits, sum.Foretold), d(sum.Hits, sum.Happened), d(sum.CommonestHits, sum.CommonestForetold), d(sum.CommonestHits, sum.Happened), d(sum.Within, sum.Ranges))
	t.Logf("%v", topics)
}

func d(a, b int) float64 { return float64(a) / float64(b) }
