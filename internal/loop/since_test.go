package loop_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/store"
)

// world is a provider whose metric and version labels are functions of time.
type world struct {
	now      func() time.Time
	value    func(query string, at time.Time) float64
	versions func(at time.Time) []string
}

func (p *world) Name() string { return "main" }
func (p *world) Kind() string { return "world" }

func (p *world) Series(_ context.Context, query string, w measure.Window) ([]measure.Labelled, error) {
	series := map[string]*judge.Series{}
	add := func(label string, at time.Time, v float64) {
		s := series[label]
		if s == nil {
			s = &judge.Series{Start: w.From, Step: w.Step}
			for t := w.From; t.Before(w.To); t = t.Add(w.Step) {
				s.V = append(s.V, math.NaN())
			}
			series[label] = s
		}
		s.V[int(at.Sub(w.From)/w.Step)] = v
	}
	for at := w.From; at.Before(w.To) && at.Before(p.now()); at = at.Add(w.Step) {
		if query != "versions" {
			add("", at, p.value(query, at))
			continue
		}
		for _, v := range p.versions(at) {
			add(v, at, 1)
		}
	}
	var out []measure.Labelled
	for label, s := range series {
		out = append(out, measure.Labelled{Labels: map[string]string{"version": label}, Series: *s})
	}
	return out, nil
}

func (h *house) look(p *world, metrics ...config.Metric) {
	p.now = h.clock.Now
	h.tele["main"] = p
	h.cfg.Services = map[string]config.Service{"shop": {
		Metrics: metrics,
		Version: config.VersionLabel{Provider: "main", Query: "versions", Label: "version"},
	}}
	h.build()
}

// wobble is a level of 100 with a little noise that any test can repeat.
func wobble(at time.Time) float64 {
	x := math.Sin(float64(at.Unix())) * 43758.5453
	return 100 + 10*(x-math.Floor(x)-0.5)
}

func TestSinceIsSaidOfAChangeOnlyAndPointsAtItsBeginning(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		var live time.Time
		h.look(&world{value: func(query string, at time.Time) float64 {
			v := wobble(at)
			if query == "slow" && !live.IsZero() && !at.Before(live.Add(time.Minute)) && at.Before(live.Add(20*time.Hour)) {
				v *= 1.63
			}
			if query == "slow" && !live.IsZero() && !at.Before(live.Add(-11*time.Minute)) && at.Before(live.Add(-2*time.Minute)) {
				v *= 1.2 // the migration, before anybody met the release
			}
			return v
		}},
			config.Metric{Name: "p95", Role: "latency", Unit: "ms", Provider: "main", Query: "slow"},
			config.Metric{Name: "p95 of /", Role: "latency", Unit: "ms", Provider: "main", Query: "fine", Part: true})
		live = h.clock.Now()
		h.deploy("production", "v2", func(r *debrief.Report) {
			r.Times.Started = live.Add(-12 * time.Minute)
			r.Stages = []debrief.Stage{
				{Name: "migrate", State: debrief.Succeeded, Started: live.Add(-11 * time.Minute), Finished: live.Add(-2 * time.Minute)},
				{Name: "roll out", State: debrief.Succeeded, Started: live.Add(-90 * time.Second), Finished: live},
			}
		})
		h.run(25 * time.Hour)
		s := h.latest()
		if len(s.Looks) != 3 {
			h.t.Fatalf("%d looks", len(s.Looks))
		}
		for _, k := range s.Looks {
			slow, fine := k.Verdicts[0], k.Verdicts[1]
			if slow.Word != debrief.Worse {
				h.t.Errorf("look %d: %s: %s", k.Number, slow.Word, slow.Sentence)
				continue
			}
			if off := slow.Since.Sub(live.Add(time.Minute)).Abs(); slow.Since.Before(live.Add(-90*time.Second)) || off > 5*time.Minute {
				h.t.Errorf("look %d: since %s after it was live", k.Number, slow.Since.Sub(live))
			}
			if fine.Word != debrief.Steady || !fine.Since.IsZero() || !fine.Part || slow.Part {
				h.t.Errorf("look %d: the steady one: %s since %s, part %v", k.Number, fine.Word, fine.Since, fine.Part)
			}
			if strings.Contains(strings.Join(fine.Warnings, " "), "begun") {
				h.t.Errorf("look %d: what did not change began: %q", k.Number, fine.Warnings)
			}
			if want := k.Number == 3; slow.Until.IsZero() == want || (want && slow.Until.Sub(live.Add(20*time.Hour)).Abs() > 5*time.Minute) {
				h.t.Errorf("look %d: until %s; %s", k.Number, slow.Until, slow.Sentence)
			}
		}
	})
}

func TestAVersionThatComesBackUnrecordedIsNoticed(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		start := h.clock.Now()
		back := start.Add(4 * time.Hour)
		gap := start.Add(150 * time.Minute) // telemetry away: nobody's return
		h.look(&world{
			value: func(_ string, at time.Time) float64 { return wobble(at) },
			versions: func(at time.Time) []string {
				switch {
				case !at.Before(gap) && at.Before(gap.Add(10*time.Minute)):
					return nil
				case at.Before(start.Add(2*time.Hour)) || !at.Before(back):
					return []string{"v1.3"}
				}
				return []string{"v1.4"}
			},
		}, config.Metric{Name: "p95", Role: "latency", Unit: "ms", Provider: "main", Query: "p95"})
		h.deploy("production", "v1.3", nil)
		h.run(time.Minute)
		h.watch()
		h.run(2*time.Hour - time.Minute)
		h.deploy("production", "v1.4", nil)
		h.run(119 * time.Minute)
		if s := h.latest(); has(s, "unrecorded-release") {
			h.t.Fatalf("all that runs was recorded: %+v", s.Surprises)
		}
		h.run(10 * time.Minute)
		s := h.latest()
		if s.Release.Version != "v1.4" || !has(s, "unrecorded-release") {
			h.t.Fatalf("v1.3 is back and nobody recorded it: %s %+v", s.Release.Version, s.Surprises)
		}
		h.run(2 * time.Hour) // the window moves on: it is said once
		n := 0
		for _, x := range h.latest().Surprises {
			if x.Kind == "unrecorded-release" {
				n++
			}
		}
		if n != 1 {
			h.t.Errorf("said %d times", n)
		}
	})
}

// TestTheDefaultProbeCanTell with nothing configured but an address.
func TestTheDefaultProbeCanTell(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		factor float64
		fails  bool
		want   debrief.Word
	}{"as before": {1, false, debrief.Steady}, "three times as slow": {3, false, debrief.Worse}, "down": {1, true, debrief.Worse}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(h *house) {
				address := "http://shop.test/cart?customer=4711"
				h.cfg.Services = map[string]config.Service{"shop": {Probes: []config.Probe{{URL: address, Every: 10 * time.Second, Timeout: 5 * time.Second}}}}
				h.build()
				h.clock.Set(h.clock.Now().Truncate(time.Minute).Add(25 * time.Second)) // four whole minutes remain: 24 probings
				live := h.clock.Now()
				hours := map[time.Time][]measure.Probing{}
				for at := live.Add(-26 * time.Hour); at.Before(live.Add(10 * time.Minute)); at = at.Add(10 * time.Second) {
					p := measure.Probing{At: at, Took: time.Duration(wobble(at) * float64(time.Millisecond)), Status: 200}
					if !at.Before(live) {
						p.Took = time.Duration(float64(p.Took) * c.factor)
						if c.fails {
							p.Status, p.Problem = 503, measure.BadStatus
						}
					}
					hours[measure.Hour(at)] = append(hours[measure.Hour(at)], p)
				}
				h.deploy("production", "v1", nil)
				if err := h.st.Update(h.t.Context(), func(tx *store.Tx) error {
					svc, err := tx.Service("shop", false)
					for hour, found := range hours {
						if err == nil {
							err = tx.SaveChunk(svc.ID, "probe "+address, hour, measure.EncodeChunk(hour, found))
						}
					}
					return err
				}); err != nil {
					h.t.Fatal(err)
				}
				h.run(10 * time.Minute)
				k := h.latest().Looks[0]
				if k.State != debrief.LookDone || k.Word != c.want {
					h.t.Errorf("the first look: %s %s %+v", k.State, k.Word, k.Verdicts)
				}
				if got := k.Verdicts[0].Metric; got != "response time of shop.test/cart" {
					h.t.Errorf("the metric is called %q", got)
				}
			})
		})
	}
}
