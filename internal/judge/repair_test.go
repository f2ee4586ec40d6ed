package judge_test

import (
	"math"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

const (
	back  = iota // to where it was before the creep
	stays        // where the creep led
)

// repair is a demo's second release: of the little past there is, the last
// part is the creep that the release puts right. then is what after does.
func repair(seed uint64, phi float64, heavy bool, then int) judge.Question {
	q := question(rng(seed), time.Second, 30, 40, 40, phi, 0.15, heavy)
	n := len(q.Series.V)
	creep := func(i int) float64 { return 1 + 4.5*math.Min(1, math.Max(0, float64(i))/45) }
	for i := range n - 40 {
		q.Series.V[i] *= creep(i - (n - 40 - 50) + int(seed%30))
	}
	for i := n - 40; i < n; i++ {
		if then == stays {
			q.Series.V[i] *= creep(50)
		}
	}
	q.Margin, q.Coarse = 0.3, 1
	q.Past = []judge.Window{{From: at.Add(-55 * time.Second), To: at.Add(-52 * time.Second)}}
	return q
}

// TestTheRepairOfACreepIsSeen though the creep is most of the past there is,
// and what only goes on is not called the release's doing more often for it.
func TestTheRepairOfACreepIsSeen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phi           float64
		better, crept int // of 200: at least; worse where the creep stays, at most
	}{{0, 195, 2}, {0.3, 190, 2}, {0.5, 180, 2}, {0.9, 60, 2}} {
		better, stayed := 0, 0
		for seed := range uint64(200) {
			if w, _ := word(repair(seed, c.phi, seed%2 == 0, back), 0.005); w == judge.Better {
				better++
			}
			if w, _ := word(repair(seed, c.phi, seed%2 == 0, stays), 0.005); w == judge.Worse || w == judge.Better {
				stayed++
			}
		}
		if better < c.better || stayed > c.crept {
			t.Errorf("φ %.1f: %d of 200 repairs seen; %d called where nothing changed", c.phi, better, stayed)
		}
	}
	// Slow noise wanders like a creep, and comes back by itself.
	for _, phi := range []float64{0.5, 0.9, 0.95, 0.98} {
		crying := 0
		for seed := range uint64(1000) {
			q := question(rng(1e6+seed), time.Second, 0, 40, 40, phi, 0.2, seed%2 == 0)
			q.Margin, q.Coarse = 0.3, 1
			if w, _ := word(q, 0.01); w == judge.Worse || w == judge.Better {
				crying++
			}
		}
		t.Logf("φ %.2f: %d of 1000 cried wolf at one per cent", phi, crying)
		if crying > 10 {
			t.Errorf("φ %.2f: %d of 1000 cried wolf", phi, crying)
		}
	}
}
