package learn

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// world is a made-up service with causes planted: a topic follows what is of a
// kind, or touches a module, or both, with a probability.
type world struct {
	kinds, modules map[string]float64 // how often a release has each
	causes         []cause
	noise          map[string]float64
}

type cause struct {
	kind, module, topic string
	p                   float64
}

func (w world) history(r *rand.Rand, n int) []debrief.ReleaseFacts {
	at := time.Date(2025, 1, 6, 10, 0, 0, 0, time.UTC)
	var out []debrief.ReleaseFacts
	for i := range n {
		at = at.Add(time.Duration(1+r.ExpFloat64()*30) * time.Hour)
		f := debrief.ReleaseFacts{
			ReleaseID: fmt.Sprintf("r%04d", i), Service: "shop", Environment: "production", Version: fmt.Sprintf("v%d", i), Commit: fmt.Sprintf("%040d", i),
			Kind: debrief.ReleaseNew, Started: at, At: at, Files: 1 + r.IntN(30), Added: int(20 * r.ExpFloat64() * r.ExpFloat64() * 8), Deleted: r.IntN(60),
		}
		for _, k := range ordered(w.kinds) {
			if r.Float64() < w.kinds[k] {
				f.Kinds = append(f.Kinds, k)
			}
		}
		for _, m := range ordered(w.modules) {
			if r.Float64() < w.modules[m] {
				f.Modules = append(f.Modules, m)
			}
		}
		topics := map[string]bool{}
		for _, c := range w.causes {
			if (c.kind == "" || slices.Contains(f.Kinds, c.kind)) && (c.module == "" || slices.Contains(f.Modules, c.module)) && r.Float64() < c.p {
				topics[c.topic] = true
			}
		}
		for _, t := range ordered(w.noise) {
			if r.Float64() < w.noise[t] {
				topics[t] = true
			}
		}
		for t := range topics {
			if t == debrief.TopicFailed {
				f.Failure = debrief.DidFail
			} else {
				f.Surprises = append(f.Surprises, t)
			}
		}
		slices.Sort(f.Surprises)
		out = append(out, f)
	}
	return out
}

func ordered[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// replay makes a brief for every release of a history, seeing only what came
// before, and settles it by what then happened.
func replay(history []debrief.ReleaseFacts) (debrief.BriefAccuracy, int) {
	spoke := 0 // with news
	var a debrief.BriefAccuracy
	var past []debrief.ReleaseFacts // newest first
	for _, f := range history {
		b := MakeBrief(BriefInput{Change: upcoming(f), Now: f.Started, Past: past})
		if slices.ContainsFunc(b.Lessons, func(l debrief.BriefLesson) bool { return !l.Usual }) {
			spoke++
		}
		b, _ = Settle(b, f)
		AddOutcome(&a, b)
		past = append([]debrief.ReleaseFacts{f}, past...)
	}
	return a, spoke
}

func upcoming(f debrief.ReleaseFacts) debrief.Upcoming {
	return debrief.Upcoming{
		Service: f.Service, Head: f.Commit, Kinds: f.Kinds, Modules: f.Modules,
		Commits: f.Changes, Files: f.Files, Added: f.Added, Deleted: f.Deleted,
	}
}

func shop() world {
	return world{
		kinds: map[string]float64{
			"migration": 0.12, "dependency": 0.25, "configuration": 0.2, "ui": 0.4, "api schema": 0.1, "flag": 0.1, "large": 0.15, "generated": 0.1,
		},
		modules: map[string]float64{"web": 0.5, "billing": 0.15, "search": 0.2, "cart": 0.25, "mail": 0.1, "admin": 0.15},
		causes: []cause{
			{"migration", "", "slow-step", 0.6},
			{"", "search", "metric-shift", 0.4},
			{"dependency", "billing", debrief.TopicFailed, 0.7},
			{"flag", "", "new-error", 0.3},
		},
		noise: map[string]float64{"metric-shift": 0.05, "retry": 0.12, "slow-deployment": 0.04, debrief.TopicFailed: 0.04},
	}
}

func TestReplayPlanted(t *testing.T) {
	t.Parallel()
	var a debrief.BriefAccuracy
	for seed := range uint64(4) {
		one, _ := replay(shop().history(rand.New(rand.NewPCG(seed, 1)), 200))
		add(&a, one)
	}
	p, r, cp, cr := rates(a)
	t.Logf("%+v: precision %.2f recall %.2f; commonest: %.2f, %.2f", a, p, r, cp, cr)
	if p < 2*cp || r < cr {
		t.Errorf("precision %.2f, recall %.2f; always the commonest: %.2f, %.2f", p, r, cp, cr)
	}
}

func add(a *debrief.BriefAccuracy, b debrief.BriefAccuracy) {
	a.Briefs += b.Briefs
	a.Spoke += b.Spoke
	a.Foretold += b.Foretold
	a.Happened += b.Happened
	a.Hits += b.Hits
	a.CommonestForetold += b.CommonestForetold
	a.CommonestHits += b.CommonestHits
	a.Ranges += b.Ranges
	a.Within += b.Within
}

func rates(a debrief.BriefAccuracy) (precision, recall, commonPrecision, commonRecall float64) {
	share := func(k, n int) float64 { return float64(k) / float64(max(n, 1)) }
	return share(a.Hits, a.Foretold), share(a.Hits, a.Happened), share(a.CommonestHits, a.CommonestForetold), share(a.CommonestHits, a.Happened)
}

// Where nothing is to be learnt, at most one brief in ten names anything: what
// happened is dealt anew to releases that it has nothing to do with.
func TestReplayShuffled(t *testing.T) {
	t.Parallel()
	spoke, briefs := 0, 0
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 2))
		h := shop().history(r, 150)
		order := r.Perm(len(h))
		dealt := slices.Clone(h)
		for i := range h {
			dealt[i].Surprises, dealt[i].Failure = h[order[i]].Surprises, h[order[i]].Failure
		}
		a, news := replay(dealt)
		spoke += news
		briefs += a.Briefs
	}
	t.Logf("%d of %d spoke", spoke, briefs)
	if spoke*10 > briefs {
		t.Errorf("%d of %d briefs of shuffled histories name something", spoke, briefs)
	}
}
