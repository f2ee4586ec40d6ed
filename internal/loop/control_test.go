package loop_test

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/measure"
)

// places is a provider whose metric has a value per label value; a query that
// is not split gives their mean. It remembers how many points it was asked for.
type places struct {
	mu     sync.Mutex
	now    func() time.Time
	label  string
	values map[string]func(at time.Time) float64 // NaN: not there
	asked  []measure.Window
}

func (p *places) Name() string { return "main" }
func (p *places) Kind() string { return "places" }

func (p *places) Series(_ context.Context, query string, w measure.Window) ([]measure.Labelled, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, w)
	start, n, err := w.Grid()
	if err != nil {
		return nil, err
	}
	one := func(f func(time.Time) float64) judge.Series {
		s := judge.Series{Start: start, Step: w.Step, V: make([]float64, n)}
		for i := range s.V {
			at := start.Add(time.Duration(i) * w.Step)
			if s.V[i] = math.NaN(); at.Before(p.now()) {
				s.V[i] = f(at)
			}
		}
		return s
	}
	if strings.Contains(query, p.label) {
		var out []measure.Labelled
		for v, f := range p.values {
			out = append(out, measure.Labelled{Labels: map[string]string{p.label: v}, Series: one(f)})
		}
		return out, nil
	}
	return []measure.Labelled{{Series: one(func(at time.Time) float64 {
		sum, n := 0.0, 0.0
		for _, f := range p.values {
			if v := f(at); v == v {
				sum, n = sum+v, n+1
			}
		}
		return sum / n
	})}}, nil
}

func (h *house) places(p *places, m config.Metric) {
	p.now = h.clock.Now
	h.tele["main"] = p
	m.Name, m.Unit, m.Provider, m.Query = "p95", "ms", "main", "avg(p95)"
	if m.Role == "" {
		m.Role = "latency"
	}
	m.Control = config.Control{Label: p.label}
	h.cfg.Services = map[string]config.Service{"shop": {Metrics: []config.Metric{m}}}
	h.build()
}

// together moves everything: a day, and whatever else happens to all.
func together(at time.Time) float64 {
	return 1 + 0.3*math.Sin(float64(at.Unix())/7000) + 0.2*math.Sin(float64(at.Unix())/1700)
}

// place is one place's own value: the shared way and a little noise.
func place(seed int64, factor func(time.Time) float64) func(time.Time) float64 {
	return func(at time.Time) float64 {
		return wobble(at.Add(time.Duration(seed)*time.Hour)) * together(at) * factor(at)
	}
}

func same(time.Time) float64 { return 1 }

func (h *house) verdict(look int) debrief.Verdict {
	h.t.Helper()
	s := h.latest()
	if k := s.Looks[look-1]; k.State != debrief.LookDone || len(k.Verdicts) != 1 {
		h.t.Fatalf("look %d: %+v", look, k)
	}
	return s.Looks[look-1].Verdicts[0]
}

func TestARegionIsHeldAgainstTheOthers(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		live := h.clock.Now()
		since := func(factor float64) func(time.Time) float64 {
			return func(at time.Time) float64 {
				if at.Before(live) {
					return 1
				}
				return factor
			}
		}
		// All get four times as slow at that moment; where the release went, a quarter more.
		h.places(&places{label: "region", values: map[string]func(time.Time) float64{
			"eu": place(1, since(4*1.25)), "us": place(2, since(4)), "ap": place(3, since(4)), "sa": place(4, since(4)),
		}}, config.Metric{})
		h.deploy("production", "v2", func(r *debrief.Report) { r.Target = "eu" })
		h.run(70 * time.Minute)
		v := h.verdict(2)
		if v.Word != debrief.Worse || math.Abs(v.Effect-0.25) > 0.05 || v.Beside != "3 other regions" {
			h.t.Errorf("%+v", v)
		}
		if len(v.Against) == 0 || v.Against[0] != "3 other regions" || !strings.Contains(strings.Join(v.Warnings, ";"), "the controls moved with the release too, ") {
			h.t.Errorf("against %q, warnings %q", v.Against, v.Warnings)
		}
	})
}

func TestEverywhereAtOnceHasNoControls(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.places(&places{label: "region", values: map[string]func(time.Time) float64{"eu": place(1, same)}}, config.Metric{})
		h.deploy("production", "v2", func(r *debrief.Report) { r.Target = "eu" })
		h.run(10 * time.Minute)
		v := h.verdict(1)
		if v.Word != debrief.Steady && v.Word != debrief.CannotTell || v.Beside != "" || !strings.Contains(strings.Join(v.Warnings, ";"), "judged by itself: every region got the release") {
			h.t.Errorf("%+v", v)
		}
	})
}

func TestACanaryIsHeldAgainstTheOldVersionBesideIt(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		live := h.clock.Now()
		old := place(1, same)
		canary := func(at time.Time) float64 {
			if at.Before(live) {
				return math.NaN()
			}
			return 1.6 * place(2, same)(at)
		}
		h.places(&places{label: "version", values: map[string]func(time.Time) float64{"1.4.1": old, "1.4.2": canary}}, config.Metric{})
		h.deploy("production", "v1.4.2", func(r *debrief.Report) { r.Times.FirstExposure = live })
		h.run(70 * time.Minute)
		v := h.verdict(2)
		if v.Word != debrief.Worse || math.Abs(v.Effect-0.6) > 0.1 || v.Beside != "the old version beside it" || v.Trace.Shade != "the old version" || len(v.Against) != 1 {
			h.t.Errorf("%+v", v)
		}
		if !strings.Contains(strings.Join(v.Warnings, ";"), "the new version has no past") {
			h.t.Errorf("%q", v.Warnings)
		}
	})
}

// TestWhatCannotBeACanary: a roll-out that is
// over at once leaves nothing beside the new version, and its traffic is given.
func TestWhatCannotBeACanary(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]string{
		"latency": "the old version did not run beside the new one for long enough",
		"traffic": "how much traffic a new version gets is decided by the roll-out",
	} {
		each(t, func(h *house) {
			live := h.clock.Now()
			part := func(after bool) func(time.Time) float64 {
				return func(at time.Time) float64 {
					if at.Before(live) == after {
						return math.NaN()
					}
					return place(1, same)(at)
				}
			}
			h.places(&places{label: "version", values: map[string]func(time.Time) float64{"v1": part(false), "v2": part(true)}}, config.Metric{Role: role})
			h.deploy("production", "v2", nil)
			h.run(70 * time.Minute)
			if v := h.verdict(2); v.Beside != "" || v.Word == debrief.Worse || !strings.Contains(strings.Join(v.Warnings, ";"), "judged by itself: "+want) {
				h.t.Errorf("%s: %+v", role, v)
			}
		})
	}
}

// TestThePastIsAskedOnce: however often an open look is shown, four weeks are
// asked for once, and what the look says is what it would say without memory.
func TestThePastIsAskedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		p := &places{label: "nothing", values: map[string]func(time.Time) float64{"": place(1, same)}}
		h.places(p, config.Metric{})
		h.cfg.Services["shop"].Metrics[0].Control = config.Control{}
		h.build()
		live := h.clock.Now()
		h.deploy("production", "v2", nil)
		h.run(25 * time.Hour)
		long, asked := 0, len(p.asked)
		for _, w := range p.asked {
			if w.To.Sub(w.From) > 26*24*time.Hour {
				long++
			}
		}
		if long != 1 || asked < 10 {
			h.t.Errorf("%d of %d questions were about four weeks", long, asked)
		}
		kept := h.verdict(3)
		found := h.l.Examine(h.t.Context(), h.exam(live))
		if again := found.Verdicts[0]; again.P != kept.P || again.Effect != kept.Effect || again.Smallest != kept.Smallest {
			h.t.Errorf("with a past kept %+v, without %+v", kept, again)
		}
	})
}

// exam is the third look of a release that was live at a moment, asked anew.
func (h *house) exam(live time.Time) loop.Exam {
	k := h.latest().Looks[2]
	return loop.Exam{
		Service: "shop", Config: h.cfg.Services["shop"], Number: 3, Final: true,
		Began: live.Add(-2 * time.Minute), Exposed: live.Add(-2 * time.Minute), From: k.From, To: k.To,
	}
}
