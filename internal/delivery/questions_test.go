package delivery

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// world is a made-up service whose figures are as usual, or shifted from one
// week on.
type world struct {
	seed     string
	weeks    int
	perWeek  int // releases
	shiftAt  int // the week from which Factor holds
	part     int // which part of the way grows; -1: none
	factor   float64
	kind     string // which kind fails more often; "": none
	riskier  float64
	commoner float64 // the kind's share grows to this; 0: it does not
	batch    float64 // batch size is multiplied, and so many more releases carry the same changes; 0: it is not
}

// facts are the world's releases. Numbers are drawn like those of real
// services: durations are spread by a factor of two, weeks differ.
func (w world) facts() []debrief.ReleaseFacts {
	d := seeded("world", w.seed)
	uniform := func() float64 { return (float64(d.next()>>11) + 0.5) / (1 << 53) }
	normal := func() float64 { return math.Sqrt(-2*math.Log(uniform())) * math.Cos(2*math.Pi*uniform()) }
	usual := [parts9]float64{8 * 3600, 4 * 3600, 5 * 3600, 1800, 120, 300, 600, 0, 900}
	var out []debrief.ReleaseFacts
	n := 0
	for week := range w.weeks {
		after := week >= w.shiftAt
		busy := math.Exp(0.25 * normal())
		if after && w.batch > 0 {
			busy /= w.batch
		}
		for range max(0, int(math.Round(float64(w.perWeek)*busy+0.7*normal()))) {
			f := debrief.ReleaseFacts{
				ReleaseID: fmt.Sprintf("r%d", n), Service: "shop", Environment: "production", Version: fmt.Sprintf("v%d", n), Kind: debrief.ReleaseNew,
				At: monday.AddDate(0, 0, 7*week).Add(time.Duration(uniform() * 5 * 24 * float64(time.Hour))),
			}
			n++
			kinds, share := []string{"UI", "dependency", "migration"}, []float64{0.6, 0.9, 1}
			if after && w.commoner > 0 {
				share = []float64{0.6 * (1 - w.commoner) / 0.9, 1 - w.commoner, 1}
			}
			for k, u := 0, uniform(); k < 3; k++ {
				if u < share[k] {
					f.PrimaryKind = kinds[k]
					break
				}
			}
			p := map[string]float64{"UI": 0.05, "dependency": 0.1, "migration": 0.3}[f.PrimaryKind]
			if after && f.PrimaryKind == w.kind && w.kind != "" {
				p *= w.riskier
			}
			if uniform() < p {
				f.Failure, f.RestoredAt = debrief.DidFail, f.At.Add(time.Hour)
			}
			size := 1 + int(3*uniform())
			if w.batch > 0 {
				size *= 4
				if after {
					size = int(math.Round(float64(size) * w.batch))
				}
			}
			f.Changes = size
			for k := range size {
				l := debrief.LeadFacts{Change: fmt.Sprintf("%s/%d", f.ReleaseID, k), Parts: map[string]debrief.Seconds{}}
				scale := math.Exp(0.3 * normal()) // a change that is large is large throughout
				for i, name := range partNames {
					took := usual[i] * scale * math.Exp(0.5*normal())
					if after && i == w.part {
						took *= w.factor
					}
					if took > 0 {
						l.Parts[name] = debrief.SecondsOf(int64(took * 1e6))
						l.Lead = debrief.SecondsOf(l.Lead.Micros() + l.Parts[name].Micros())
					}
				}
				l.Committed = f.At.Add(-time.Duration(l.Lead.Micros()) * time.Microsecond)
				f.Leads = append(f.Leads, l)
			}
			out = append(out, f)
		}
	}
	return out
}

func (w world) input() MetricsInput {
	to := monday.AddDate(0, 0, 7*w.weeks)
	return MetricsInput{Facts: w.facts(), From: ByWeek.start(monday, time.UTC), To: to, Now: to.AddDate(0, 0, 2), Location: time.UTC, Settings: Settings{By: ByWeek, ReworkRollbacks: true}}
}

func BenchmarkAsk(b *testing.B) {
	in := world{seed: "bench", weeks: 78, perWeek: 5, shiftAt: 40, part: 1, factor: 3}.input()
	b.ReportMetric(float64(len(in.Facts)), "releases")
	for b.Loop() {
		a := Ask(in)
		if len(a.Questions) == 0 {
			b.Fatal("nothing was found")
		}
	}
}

func TestWhatMoved(t *testing.T) {
	t.Parallel()
	a := Ask(world{seed: "one", weeks: 60, perWeek: 6, shiftAt: 35, part: 1, factor: 3}.input())
	i := slices.IndexFunc(a.Questions, func(q debrief.Question) bool { return q.Metric == ChangeLeadTime })
	if i < 0 {
		t.Fatalf("%+v %s", a.Questions, a.Sentence)
	}
	q := a.Questions[i]
	if q.Moves[0].Parts[0].Name != ReviewWait || q.Question != asking[ReviewWait] {
		t.Errorf("%s %s: %+v", q.Sentence, q.Question, q.Moves[0])
	}
	t.Log(q.Sentence)
	for _, m := range q.Moves {
		t.Logf("%s by %s: %s", m.Of, m.Method, m.Sentence)
	}
	t.Log(q.Beside)
}

// rankedFirst counts in how many of so many seeds the planted part stands first
// in the first way a metric's move is taken apart.
func rankedFirst(seeds int, metric, part string, make func(seed string) world) (first int) {
	for seed := range seeds {
		w := make(fmt.Sprint(metric, part, seed))
		in := w.input()
		y := byWeek(in)
		m := move{from: 0, to: len(y.weeks)}
		m.At = w.shiftAt
		s := y.sides(m)
		moves := y.apart(debrief.Question{ID: "q", Metric: metric}, s)
		if len(moves) > 0 && moves[0].Parts[0].Name == part {
			first++
		}
	}
	return first
}

// The planted part is ranked first in at least 90 % of seeds at the sizes stated
// in docs/metrics.md: 26 weeks on each side.
func TestThePlantedPartIsRankedFirst(t *testing.T) {
	t.Parallel()
	const seeds = 100
	for name, c := range map[string]struct {
		metric, part string
		make         func(seed string) world
	}{
		"review wait ×1.5, 3 releases a week": {ChangeLeadTime, ReviewWait, func(s string) world {
			return world{seed: s, weeks: 52, perWeek: 3, shiftAt: 26, part: 1, factor: 1.5}
		}},
		"coding ×1.3, 5 releases a week": {ChangeLeadTime, Coding, func(s string) world {
			return world{seed: s, weeks: 52, perWeek: 5, shiftAt: 26, part: 0, factor: 1.3}
		}},
		"tests ×20, 3 releases a week": {ChangeLeadTime, Test, func(s string) world {
			return world{seed: s, weeks: 52, perWeek: 3, shiftAt: 26, part: 6, factor: 20}
		}},
		"migrations fail 3 times as often, 6 a week": {ChangeFailureRate, "within migration", func(s string) world {
			return world{seed: s, weeks: 52, perWeek: 6, shiftAt: 26, part: -1, kind: "migration", riskier: 3}
		}},
		"migrations from 10 to 70 % of releases, 10 a week": {ChangeFailureRate, "more or fewer: migration", func(s string) world {
			return world{seed: s, weeks: 52, perWeek: 10, shiftAt: 26, part: -1, commoner: 0.7}
		}},
		"batches half as large, 3 a week": {DeploymentFrequency, BatchSize, func(s string) world {
			return world{seed: s, weeks: 52, perWeek: 3, shiftAt: 26, part: -1, batch: 0.5}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := rankedFirst(seeds, c.metric, c.part, c.make)
			t.Logf("%s: first in %d of %d", name, n, seeds)
			if n < seeds*9/10 {
				t.Errorf("%s is first in only %d of %d", c.part, n, seeds)
			}
		})
	}
}

// Where nothing was planted little is asked: at most one history in five asks
// about a metric at all, over 78 weeks and five metrics.
func TestQuietHistoriesAskLittle(t *testing.T) {
	t.Parallel()
	asked, parts := 0, 0
	const seeds = 60
	for seed := range seeds {
		a := Ask(world{seed: fmt.Sprint("quiet", seed), weeks: 78, perWeek: 4, part: -1}.input())
		for _, q := range a.Questions {
			if q.PartOf == "" {
				asked++
			} else {
				parts++
			}
		}
	}
	t.Logf("%d questions about metrics and %d about parts in %d quiet histories", asked, parts, seeds)
	if asked > seeds/5 || parts > seeds/5 {
		t.Errorf("%d questions about metrics and %d about parts in %d quiet histories", asked, parts, seeds)
	}
}
