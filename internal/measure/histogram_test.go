package measure

import (
	"fmt"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// buckets serves series by le; "-" is a value that is not there. The window
// is three steps of a minute.
func buckets(t *testing.T, byLE ...string) (judge.Histogram, []string, error) {
	t.Helper()
	var series []string
	for _, s := range byLE {
		le, values, _ := strings.Cut(s, ": ")
		var points []string
		for i, v := range strings.Fields(values) {
			if v != "-" {
				points = append(points, fmt.Sprintf(`[%d,"%s"]`, 1_800_000_060+60*i, v))
			}
		}
		series = append(series, fmt.Sprintf(`{"metric":{%s},"values":[%s]}`, le, strings.Join(points, ",")))
	}
	srv := httptest.NewServer(body(matrixOf(series...)))
	t.Cleanup(srv.Close)
	p, err := NewPrometheus("main", Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	ctx, asked := Ask(t.Context(), 0)
	from := time.Unix(1_800_000_000, 0)
	h, err := p.Histogram(ctx, "sum by (le) (increase(x_bucket[1m]))", Window{From: from, To: from.Add(3 * time.Minute), Step: time.Minute})
	return h, asked.Notes(), err
}

func le(b string) string { return `"le":"` + b + `"` }

func TestHistogramTakesBucketsApart(t *testing.T) {
	t.Parallel()
	h, notes, err := buckets(t, le("+Inf")+": 10 - 0", le("0.1")+": 4 - 0", le("0.5")+": 9 - 0")
	if err != nil || len(notes) != 0 {
		t.Fatal(notes, err)
	}
	if fmt.Sprint(h.Bounds) != "[0.1 0.5 +Inf]" || fmt.Sprint(h.Counts) != "[[4 5 1] [] [0 0 0]]" || h.Counts[1] != nil {
		t.Errorf("%v %v", h.Bounds, h.Counts)
	}
}

func TestHistogramRepairsAndSaysSo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		series []string
		counts string
		note   string
	}{
		{"a bucket is missing for a while", []string{le("1") + ": 2 - 2", le("2") + ": 5 5 5", le("+Inf") + ": 6 6 6"}, "[[2 3 1] [0 5 1] [2 3 1]]", "1 of 3 steps lack some buckets"},
		{"cumulated counts fall", []string{le("1") + ": 2 4 2", le("2") + ": 5 3 5", le("+Inf") + ": 6 6 6"}, "[[2 3 1] [4 0 2] [2 3 1]]", "in 1 of 3 steps a larger bucket held fewer"},
		{"no +Inf", []string{le("1") + ": 2 2 2", le("2") + ": 5 5 5"}, "[[2 3] [2 3] [2 3]]", "there is no +Inf bucket; what was slower than 2"},
		{"two series of one bucket", []string{le("1") + `,"i":"a": 1 1 1`, le("1.0") + `,"i":"b": 2 2 -`, le("+Inf") + ": 6 6 6"}, "[[3 3] [3 3] [1 5]]", "several series share a bucket"},
	}
	for _, tt := range tests {
		h, notes, err := buckets(t, tt.series...)
		if err != nil || fmt.Sprint(h.Counts) != tt.counts || !strings.Contains(strings.Join(notes, "\n"), tt.note) {
			t.Errorf("%s: %v %q %v", tt.name, h.Counts, notes, err)
		}
	}
}

func TestHistogramIgnoresRoundingBetweenBuckets(t *testing.T) {
	t.Parallel()
	h, notes, err := buckets(t, le("1")+": 3.0000000000000004 3 3", le("+Inf")+": 3 3 3")
	if err != nil || len(notes) != 0 || h.Counts[0][1] != 0 {
		t.Errorf("%v %v %v", h.Counts, notes, err)
	}
}

func TestHistogramNeedsLE(t *testing.T) {
	t.Parallel()
	_, _, err := buckets(t, `"route":"/": 1 1 1`)
	wantError(t, err, debrief.Invalid, "need the label le", "sum by (le)")
}

func TestPerStep(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]float64{
		"sum by (le) (rate(x[5m]))":               60,
		"sum by (le) (increase(x[5m]))":           0.2,
		"sum by (le) (increase(x{a=\"b\"}[60s]))": 1,
		"x": 60,
	} {
		if got := perStep(query, time.Minute); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v", query, got)
		}
	}
}

func TestBucketQuery(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"x":                       "sum by (le) (rate(x_bucket[$__rate_interval]))",
		`x_bucket{a="b", c!="d"}`: `sum by (le) (rate(x_bucket{a="b", c!="d"}[$__rate_interval]))`,
		"sum by (le) (x)":         "sum by (le) (x)",
	} {
		if got := bucketQuery(query); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	const q = "rate(x[$__rate_interval]) + x[${__interval}]"
	if got := Expand(q, 5*time.Second, time.Second); got != "rate(x[5s]) + x[5s]" {
		t.Error(got)
	}
	if got := Expand(q, time.Minute, 30*time.Second); got != "rate(x[2m]) + x[1m]" {
		t.Error(got)
	}
	if got := Expand(q, 1500*time.Millisecond, 500*time.Millisecond); got != "rate(x[2s]) + x[1500ms]" {
		t.Error(got)
	}
}

func TestQuantileOf(t *testing.T) {
	t.Parallel()
	h := judge.Histogram{Bounds: []float64{1, 2, math.Inf(1)}, Counts: [][]float64{{10, 10, 0}, nil, {0, 0, 5}, {0, 4, 0}}}
	got := QuantileOf(h, 0.75)
	if got[0] != 1.5 || !math.IsNaN(got[1]) || got[2] != 2 || got[3] != 1.75 {
		t.Error(got)
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(body(matrixOf()))
	t.Cleanup(srv.Close)
	for kind, wants := range map[string]debrief.ErrorKind{"prometheus": debrief.Internal, "loki": debrief.Invalid} {
		p, err := New("main", Options{Kind: kind, URL: srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Fetch(t.Context(), p, Metric{Name: "errors", Errors: "a", Requests: "b"}, tenMinutes)
		if err != nil || got.Kind != judge.Share || len(got.Series.Den) != 10 || present(got.Series.Den) != 0 {
			t.Errorf("%+v %v", got, err)
		}
		_, err = Fetch(t.Context(), p, Metric{Name: "p95", Histogram: "x"}, tenMinutes)
		if err != nil && debrief.KindOf(err) != wants {
			t.Errorf("%s: %v", kind, err)
		}
	}
	two := httptest.NewServer(body(matrixOf(`{"metric":{"a":"1"},"values":[]}`, `{"metric":{"a":"2"},"values":[]}`)))
	t.Cleanup(two.Close)
	p, err := New("main", Options{Kind: "prometheus", URL: two.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Fetch(t.Context(), p, Metric{Name: "x", Role: "traffic", Query: "x"}, tenMinutes)
	wantError(t, err, debrief.Invalid, "returns 2 series where one is needed", "sum(")
}

func TestShareCountsNoFailureWhereNoneWasEver(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	s := Share(judge.Series{V: []float64{nan, 1, 9, nan}}, judge.Series{V: []float64{2, 2, 2, nan}}, 60, 60)
	if fmt.Sprint(s.Num, s.Den) != "[0 60 120 NaN] [120 120 120 NaN]" {
		t.Error(s.Num, s.Den)
	}
}
