package measure

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// natively serves one series of native histograms, minute by minute.
func natively(t *testing.T, query string, minutes ...string) (judge.Histogram, []string, error) {
	t.Helper()
	var points []string
	for i, buckets := range minutes {
		if buckets != "-" {
			points = append(points, fmt.Sprintf(`[%d,{"count":"1","sum":"1","buckets":[%s]}]`, 1_800_000_060+60*i, buckets))
		}
	}
	srv := httptest.NewServer(body(matrixOf(`{"histograms":[` + strings.Join(points, ",") + `],"metric":{}}`)))
	t.Cleanup(srv.Close)
	p, err := NewPrometheus("main", Options{URL: srv.URL, Sleep: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, asked := Ask(t.Context(), 0)
	from := time.Unix(1_800_000_000, 0)
	h, err := p.Histogram(ctx, query, Window{From: from, To: from.Add(time.Duration(len(minutes)) * time.Minute), Step: time.Minute})
	return h, asked.Notes(), err
}

func TestNativeHistogramsOnCommonBounds(t *testing.T) {
	t.Parallel()
	// The second minute knows half the resolution, the third nothing, the last
	// one bucket around zero.
	h, notes, err := natively(t, "sum(increase(x[1m]))",
		`[0,"1","1.4142135623730951","3"],[0,"1.4142135623730951","2","4"],[0,"4","8","1"]`,
		`[0,"1","2","5"],[0,"2","4","6"]`, "-", `[3,"-0.001","0.001","9"]`)
	if err != nil || len(notes) != 0 {
		t.Fatal(notes, err)
	}
	if fmt.Sprint(h.Bounds) != "[-0.001 0.001 1 2 4 8]" {
		t.Errorf("bounds %v", h.Bounds)
	}
	if fmt.Sprint(h.Counts) != "[[0 0 0 7 0 1] [0 0 0 5 6 0] [] [0 9 0 0 0 0]]" || h.Counts[2] != nil {
		t.Errorf("counts %v", h.Counts)
	}
}

// TestNativeHistogramsAsRecorded: six requests a second, as Prometheus 2.42
// told of them while the resolution became half of what it was.
func TestNativeHistogramsAsRecorded(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/prometheus/native_histograms.json")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(body(string(text)))
	t.Cleanup(srv.Close)
	p, err := NewPrometheus("main", Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	from := time.Unix(1_795_391_940, 0)
	h, err := p.Histogram(t.Context(), "sum(rate(http_server_request_duration_seconds[2m]))", Window{From: from, To: from.Add(5 * time.Minute), Step: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Bounds) != 7 || h.Bounds[3] != 0.0625 || h.Bounds[6] != 0.1051120519067143 {
		t.Errorf("bounds %v: want each a fourth root of two above the one before", h.Bounds)
	}
	for i, row := range h.Counts {
		sum := 0.0
		for _, c := range row {
			sum += c
		}
		if math.Abs(sum-360) > 1e-6 {
			t.Errorf("minute %d has %v of 360 requests: %v", i, sum, row)
		}
	}
}

func TestNativeHistogramsAreRatesToo(t *testing.T) {
	t.Parallel()
	h, _, err := natively(t, "sum(rate(x[5m]))", `[0,"1","2","0.5"]`)
	if err != nil || fmt.Sprint(h.Bounds, h.Counts) != "[1 2] [[0 30]]" {
		t.Error(h, err)
	}
}

func TestBareMetricIsAskedForWhatItHas(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"x": "sum(rate(x[$__rate_interval]))", ` x{a="b"} `: `sum(rate(x{a="b"}[$__rate_interval]))`,
		"x_bucket": "", "sum(rate(x[5m]))": "",
	} {
		if got := nativeQuery(query); got != want {
			t.Errorf("%s: %q", query, got)
		}
	}
}

func TestNativeHistogramsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, buckets := range []string{`[0,"2","1","3"]`, `[0,"1","2","-3"]`, `[0,"1","2","NaN"]`, `[0,"1","2","+Inf"]`, `[0,"1"]`, `[0,"a","2","3"]`, `7`} {
		if h, _, err := natively(t, "x", buckets); err == nil {
			t.Errorf("%s was read: %v", buckets, h)
		}
	}
	var many []string
	for i := range maxCells + 1 {
		many = append(many, fmt.Sprintf(`[0,"%d","%d","1"]`, i, i+1))
	}
	_, _, err := natively(t, "x", strings.Join(many, ","))
	wantError(t, err, debrief.TooLarge, "different borders", "sum over fewer series")
}

func TestANumberIsNoNativeHistogram(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(body(matrixOf(`{"metric":{},"histograms":[[1800000060,{"count":"1","buckets":[[0,"1","2","1"]]}]]}`)))
	t.Cleanup(srv.Close)
	p, err := NewPrometheus("main", Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Series(t.Context(), "x", tenMinutes)
	wantError(t, err, debrief.Invalid, "native histograms where numbers are needed", "put it under histogram")
	_, err = func() (judge.Histogram, error) {
		q, err := NewPrometheus("main", Options{URL: srv.URL, MaxSamples: 1})
		if err != nil {
			t.Fatal(err)
		}
		return q.Histogram(t.Context(), "x", Window{From: tenMinutes.From, To: tenMinutes.From.Add(time.Minute), Step: time.Minute})
	}()
	wantError(t, err, debrief.TooLarge, "max_samples")
}

// TestCommonBoundsLoseNothing: whatever resolutions come together, every
// bucket lies within one of the common ones and nothing is lost.
func TestCommonBoundsLoseNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := newNatives()
		s := &nativeSeries{}
		total := 0.0
		for range 1 + r.IntN(20) {
			schema, row := r.IntN(6), []bar(nil)
			for range r.IntN(30) {
				k := float64(r.IntN(200) - 100)
				per := math.Pow(2, float64(schema))
				at, err := n.find(cell{math.Exp2((k - 1) / per), math.Exp2(k / per)})
				if err != nil {
					t.Fatal(err)
				}
				row = append(row, bar{at, 1})
				total++
			}
			s.rows = append(s.rows, row)
		}
		h := n.merged(time.Unix(0, 0), time.Minute, 1, s)
		got := 0.0
		for _, row := range h.Counts {
			for _, c := range row {
				got += c
			}
		}
		if got != total || len(h.Bounds) > mostCells {
			t.Fatalf("%v of %v observations in %d buckets", got, total, len(h.Bounds))
		}
		for i, b := range h.Bounds[1:] {
			if !(b > h.Bounds[i]) {
				t.Fatalf("bounds %v", h.Bounds)
			}
		}
	}
}

// BenchmarkNative reads four weeks of minutes of a native histogram.
func BenchmarkNative(b *testing.B) {
	var buckets []string
	for k := range 30 {
		buckets = append(buckets, fmt.Sprintf(`[0,"%v","%v","%d.5"]`, math.Exp2(float64(k-31)/4), math.Exp2(float64(k-30)/4), k))
	}
	row := strings.Join(buckets, ",")
	var points []string
	for i := range 10_000 {
		points = append(points, fmt.Sprintf(`[%d,{"count":"1","sum":"1","buckets":[%s]}]`, 1_800_000_060+60*i, row))
	}
	text := matrixOf(`{"metric":{},"histograms":[` + strings.Join(points, ",") + `]}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		n := newNatives()
		m := &matrix{asker: &asker{o: Options{MaxSeries: 1}}, start: time.Unix(1_800_000_000, 0), step: time.Minute, points: 10_000, to: 10_000, native: n}
		a := &answer{series: func(map[string]string, []point) error { return nil }, native: n, bars: m.keep, note: func(string, ...any) {}}
		if err := a.read(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
		if h := n.merged(m.start, m.step, 60, n.sorted()...); len(h.Bounds) != 31 {
			b.Fatal(len(h.Bounds))
		}
	}
}
