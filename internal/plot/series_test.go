package plot

import (
	"encoding/xml"
	"flag"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden pictures")

var tuesday = time.Date(2026, 11, 17, 13, 3, 0, 0, time.UTC)

// creep is the story of docs/look.md: two hours by the minute, the release in
// the middle, rising from 18 minutes after it.
func creep() Series {
	r := rand.New(rand.NewPCG(1, 2))
	s := Series{
		Title: "p95 of /checkout", Desc: "38 % up (31 to 46 %) since 14:21",
		Start: tuesday, Step: time.Minute,
		Release: tuesday.Add(time.Hour), Label: "v1.42 live 14:03",
		Since: tuesday.Add(78 * time.Minute), SinceLabel: "rises since 14:21",
		Tone: Worse, Interval: &Interval{282, 298, 314},
	}
	for i := range 120 {
		v := 215 + r.NormFloat64()*5
		if i > 78 {
			v += math.Min(float64(i-78)*3, 82)
		}
		s.V = append(s.V, v)
		s.Low = append(s.Low, 200+6*math.Sin(float64(i)/40))
		s.High = append(s.High, 230+6*math.Sin(float64(i)/40))
	}
	return s
}

func states() map[string]Series {
	worse := creep()
	gap := creep()
	for i := 30; i < 50; i++ {
		gap.V[i] = math.NaN()
	}
	gap.V[40] = 211
	gap.Since, gap.Tone, gap.Interval = time.Time{}, Quiet, nil
	hatched := gap
	hatched.Known = CannotTell
	early := gap
	early.Known, early.Until = TooEarly, tuesday.Add(3*time.Hour)
	early.V = early.V[:65]
	early.Low, early.High = nil, nil
	next := creep()
	next.Next, next.NextLabel = tuesday.Add(100*time.Minute), "v1.43"
	return map[string]Series{
		"worse": worse, "gap": gap, "cannot-tell": hatched, "too-early": early, "next": next,
		"empty": {Title: "errors"}, "flat": {Title: "flat", Start: tuesday, Step: time.Minute, V: []float64{3, 3, 3}},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	pictures := map[string]string{
		"spark":       Spark{Title: "errors", V: creep().V, Low: creep().Low, High: creep().High, Release: 0.5, Tone: Worse, Since: 0.65}.SVG(),
		"hatch":       Hatch("cannot tell"),
		"outline":     Outline("too early"),
		"bar":         Bar{Title: "migrate", Took: 312, Usual: 58, Max: 320, Tone: Worse}.SVG(),
		"bar-waiting": Bar{Took: 100, Max: 320, Waiting: true}.SVG(),
	}
	for _, w := range []Word{"worse", "better", "changed", "steady", "cannot tell", ""} {
		pictures["mark-"+strings.ReplaceAll(string(w), " ", "-")] = Mark(w, string(w))
	}
	for name, s := range states() {
		pictures[name+"-wide"] = s.SVG(Wide())
		pictures[name+"-narrow"] = s.SVG(Narrow())
	}
	for name, got := range pictures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wellFormed(t, got)
			file := filepath.Join("testdata", name+".svg")
			if *update {
				if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got+"\n" != string(want) {
				t.Errorf("%s differs from the golden picture; look at it, then run with -update", file)
			}
		})
	}
}

func wellFormed(t testing.TB, svg string) {
	t.Helper()
	for _, bad := range []string{"NaN", "Inf", "inf", "-0 "} {
		// only numbers matter: titles may hold any word
		for _, attr := range strings.Split(svg, `"`)[1:] {
			if strings.ContainsAny(attr, "0123456789NI") && !strings.ContainsAny(attr, "<>") && strings.Contains(attr, bad) {
				t.Fatalf("%q in an attribute: %s", bad, attr)
			}
		}
	}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, svg)
		}
	}
}

// held checks what must hold for any drawing.
func held(t testing.TB, s Series, f Frame) {
	t.Helper()
	wellFormed(t, s.SVG(f))
	d := s.lay(f)
	page := box{0, 0, f.Width, f.Height}
	for i, l := range d.ls.set {
		if !l.box.inside(page) {
			t.Errorf("label %q outside the picture: %+v", l.text, l.box)
		}
		for _, o := range d.ls.set[i+1:] {
			if l.box.meets(o.box) {
				t.Errorf("labels %q and %q overlap: %+v %+v", l.text, o.text, l.box, o.box)
			}
		}
	}
	if f.Font < 12 {
		t.Errorf("labels of %g px are too small to read", f.Font)
	}
	if len(d.tickAt) > 3 {
		t.Errorf("%d grid lines", len(d.tickAt))
	}
	if len(d.line) > f.Points+2 {
		t.Errorf("%d points in the line", len(d.line))
	}
	for _, p := range d.line {
		if !finite(p.v) {
			continue
		}
		x, y := d.x.at(d.g.middle(p.i)), d.y.at(p.v)
		if !(x >= d.x.p0 && x <= d.x.p1 && y >= d.y.p1 && y <= d.y.p0) {
			t.Errorf("point %v drawn at %g, %g", p, x, y)
		}
	}
}

func TestAnySeriesHolds(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, -1, 1e-320, 1e300, -1e300, math.MaxFloat64, 1e15, 0.001}
	for range 3000 {
		s := Series{Title: "t", Start: tuesday, Step: time.Duration(r.Int64N(int64(time.Hour))), Label: strings.Repeat("v1.4 ", r.IntN(30)), SinceLabel: "since 14:21", NextLabel: "v1.43 live"}
		scale := math.Pow(10, float64(r.IntN(24)-12))
		for range r.IntN(400) {
			v := r.NormFloat64() * scale
			if r.IntN(20) == 0 {
				v = odd[r.IntN(len(odd))]
			}
			s.V = append(s.V, v)
			if r.IntN(3) > 0 {
				s.Low, s.High = append(s.Low, v-scale), append(s.High, v+scale)
			}
		}
		at := func() time.Time {
			return s.Start.Add(time.Duration(r.Float64() * 1.4 * float64(s.Step) * float64(len(s.V))))
		}
		s.Release, s.Next, s.Since, s.Until = at(), at(), at(), at()
		s.Known = Known(r.IntN(3))
		if r.IntN(2) == 0 {
			s.Interval = &Interval{r.NormFloat64() * scale, odd[r.IntN(len(odd))], r.NormFloat64() * scale}
		}
		held(t, s, Wide())
		held(t, s, Narrow())
		if t.Failed() {
			t.Fatalf("%+v", s)
		}
	}
}

func FuzzSeries(f *testing.F) {
	f.Add("v1.42 live 14:03", "rises <since>", int64(60e9), 1.0, 2.0, math.NaN(), int64(90e9), byte(1))
	f.Add("\x00\xff&", strings.Repeat("ü", 200), int64(-1), 1e308, -1e308, math.Inf(1), int64(math.MinInt64), byte(2))
	f.Fuzz(func(t *testing.T, label, since string, step int64, a, b, c float64, at int64, known byte) {
		s := Series{
			Title: label, Desc: since, Start: tuesday, Step: time.Duration(step), V: []float64{a, b, c, b, a}, Low: []float64{b, c, a}, High: []float64{c, b, c, a},
			Release: tuesday.Add(time.Duration(at)), Label: label, Since: tuesday.Add(time.Duration(at)), SinceLabel: since, Tone: Worse,
			Until: tuesday.Add(time.Duration(at)), Known: Known(known % 3), Interval: &Interval{a, b, c}, Next: tuesday.Add(time.Duration(at / 2)), NextLabel: since,
		}
		held(t, s, Wide())
		held(t, s, Narrow())
		wellFormed(t, Spark{Title: label, V: s.V, Low: s.Low, High: s.High, Release: a, Since: b, Tone: Better}.SVG())
		wellFormed(t, Bar{Title: since, Took: a, Usual: b, Max: c}.SVG())
		Blocks(s.V, int(known), int(known)/2)
	})
}

func TestTheChangedPartBeginsAtSince(t *testing.T) {
	t.Parallel()
	d := creep().lay(Wide())
	if d.dot == nil {
		t.Fatal("no dot where the change began")
	}
	if want := d.x.at(78.5 * 60); math.Abs(d.dot[0]-want) > 0.1 {
		t.Errorf("dot at %g, want %g", d.dot[0], want)
	}
	svg := creep().SVG(Wide())
	for _, want := range []string{`class="line worse"`, `class="dot worse"`, `class="band"`, `class="rel"`, `class="interval worse"`, ">rises since 14:21<", ">v1.42 live 14:03<", "<title>p95 of /checkout</title>", "<desc>"} {
		if !strings.Contains(svg, want) {
			t.Errorf("missing %s", want)
		}
	}
}

func TestTicksAreRound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{186, 325, "200 250 300"},
		{0, 0.0042, "0 0.002 0.004"},
		{0, 41_000_000, "0 20 M 40 M"},
		{9_000, 26_000, "10 k 20 k"},
		{0, 100, "0 50 100"},
		{-3, 3, "-2 0 2"},
	} {
		s := span{c.lo, c.hi}
		ts := s.ticks()
		if len(ts) < 1 || len(ts) > 3 {
			t.Errorf("%v: %d ticks", c, len(ts))
		}
		if got := strings.Join(tickLabels(ts), " "); got != c.want {
			t.Errorf("%g to %g: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
}

func TestThinKeepsSpikes(t *testing.T) {
	t.Parallel()
	vs := make([]float64, 10_000)
	vs[7_777], vs[1_234] = 9, -4
	var hi, lo bool
	for _, p := range thin(vs, 240) {
		hi, lo = hi || p.v == 9 && p.i == 7_777, lo || p.v == -4
	}
	if !hi || !lo {
		t.Error("a spike was lost")
	}
}

func TestMeansAndBlocks(t *testing.T) {
	t.Parallel()
	got, each := Means([]float64{1, 3, math.NaN(), 5, math.NaN(), math.NaN(), 2}, 4)
	if each != 2 || len(got) != 4 || got[0] != 2 || got[1] != 5 || !math.IsNaN(got[2]) || got[3] != 2 {
		t.Errorf("%v each %d", got, each)
	}
	if b := Blocks([]float64{0, 1, 2, 3, math.NaN(), 7, 7}, 7, 5); b != "▁▂▃▄ │██" {
		t.Errorf("%q", b)
	}
	if b := Blocks([]float64{5, 5}, 10, 0); b != "▅▅" {
		t.Errorf("%q", b)
	}
	if b := Blocks(nil, 10, 0); b != "" {
		t.Errorf("%q", b)
	}
}

func BenchmarkSeries(b *testing.B) {
	s := creep()
	for len(s.V) < 1500 {
		s.V, s.Low, s.High = append(s.V, s.V...), append(s.Low, s.Low...), append(s.High, s.High...)
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(s.SVG(Wide())) == 0 {
			b.Fatal("nothing drawn")
		}
	}
}
