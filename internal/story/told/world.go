package told

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
)

// world is the telemetry of a story: a provider whose values are a function of
// metric and time, so that any window shows the same past.
type world struct {
	mu      sync.Mutex
	start   time.Time
	past    time.Duration
	now     func() time.Time
	down    bool
	metrics map[string]*metric
	order   []config.Metric
}

type metric struct {
	name  string
	level float64
	noise float64 // relative spread of one point
	daily float64 // amplitude of a day, relative
	share bool
	of    float64 // requests a minute behind a share
	moves []move
	// Where it is measured: what happens to all of them moves each, and each has
	// noise of its own. One series stands for all where there is none.
	regions []string
}

// move multiplies a metric from a moment on.
type move struct {
	at     time.Time
	factor float64
	over   time.Duration // it takes this long to get there
	lasts  time.Duration // 0: for good
	region string        // empty: everywhere
}

func newWorld() *world { return &world{metrics: map[string]*metric{}, past: 28 * 24 * time.Hour} }

// Name and Kind make it a provider.
func (w *world) Name() string { return "told" }

// Kind says what it is.
func (w *world) Kind() string { return "story" }

// Series answers a metric's name, "NAME errors" or "NAME requests"; "sum(NAME)"
// adds its regions and "sum by (region) (NAME)" tells them apart.
func (w *world) Series(_ context.Context, query string, win measure.Window) ([]measure.Labelled, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return nil, debrief.Errorf(debrief.Unavailable, "told", "the provider is down, as the story says")
	}
	split := strings.HasPrefix(query, "sum by (region) (")
	query = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(query, "sum by (region) "), "sum"), ")")
	name, part, _ := strings.Cut(strings.TrimPrefix(query, "("), " ")
	m, ok := w.metrics[name]
	if !ok {
		return nil, nil
	}
	if split {
		var out []measure.Labelled
		for _, r := range m.regions {
			out = append(out, measure.Labelled{Labels: map[string]string{"region": r}, Series: w.series(win, func(at time.Time) float64 { return m.at(at, part, r) })})
		}
		return out, nil
	}
	return []measure.Labelled{{Series: w.series(win, func(at time.Time) float64 { return m.whole(at, part) })}}, nil
}

func (w *world) series(win measure.Window, value func(time.Time) float64) judge.Series {
	n := int(win.To.Sub(win.From) / win.Step)
	s := judge.Series{Start: win.From, Step: win.Step, V: make([]float64, max(n, 0))}
	for i := range s.V {
		at := win.From.Add(time.Duration(i) * win.Step)
		s.V[i] = math.NaN()
		if !at.Before(w.start.Add(-w.past)) && !at.Add(win.Step).After(w.now()) {
			s.V[i] = value(at)
		}
	}
	return s
}

// whole is the metric over all its regions: requests and errors add up, of
// other things the mean is taken.
func (m *metric) whole(t time.Time, part string) float64 {
	if len(m.regions) == 0 {
		return m.at(t, part, "")
	}
	sum := 0.0
	for _, r := range m.regions {
		sum += m.at(t, part, r)
	}
	if m.share {
		return sum
	}
	return sum / float64(len(m.regions))
}

// at is the metric's value at a time in a region: level, day, noise and what
// happened. Regions share their larger ups and downs.
func (m *metric) at(t time.Time, part, region string) float64 {
	name := m.name
	if region != "" {
		name += " " + region
	}
	day := 1 + m.daily*math.Sin(2*math.Pi*float64(t.Hour()*60+t.Minute())/1440)
	requests := m.of / 60 * day // a second
	switch {
	case part == "requests":
		return requests
	case m.share:
		p := m.level * m.factor(t, region)
		n := requests * 60
		k := math.Round(n*p + math.Sqrt(n*p*(1-p))*normal(name, t))
		return max(k, 0) / 60
	}
	noise := m.noise * normal(name, t)
	if region != "" {
		noise += 2 * m.noise * math.Sin(float64(t.Unix())/5000) * normal(m.name, t.Truncate(time.Hour))
	}
	return m.level * day * m.factor(t, region) * math.Exp(noise)
}

func (m *metric) factor(t time.Time, region string) float64 {
	f := 1.0
	for _, v := range m.moves {
		if v.region != "" && v.region != region {
			continue
		}
		if t.Before(v.at) || (v.lasts > 0 && !t.Before(v.at.Add(v.lasts))) {
			continue
		}
		x := v.factor
		if since := t.Sub(v.at); v.over > 0 && since < v.over {
			x = 1 + (v.factor-1)*since.Seconds()/v.over.Seconds()
		}
		f *= x
	}
	return f
}

// normal is a standard normal number that depends on name and time only.
func normal(name string, t time.Time) float64 {
	h := fnv.New128a()
	h.Write([]byte(name))
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(t.Unix()))
	h.Write(b[:])
	sum := h.Sum(nil)
	u1 := (float64(mix(binary.BigEndian.Uint64(sum[:8]))>>11) + 0.5) / (1 << 53)
	u2 := float64(mix(binary.BigEndian.Uint64(sum[8:]))>>11) / (1 << 53)
	return math.Sqrt(-2*math.Log(u1)) * math.Cos(2*math.Pi*u2)
}

// mix spreads a hash's bits (the finalizer of splitmix64, Steele et al. 2014).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
