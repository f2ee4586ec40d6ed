package measure

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

func TestSplitByKeepsTheLabel(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`sum(rate(x{a="b"}[1m]))`:               `sum by (region) (rate(x{a="b"}[1m]))`,
		"sum by (le) (rate(x_bucket[1m]))":      "sum by (le, region) (rate(x_bucket[1m]))",
		"sum(rate(x_bucket[1m])) by (le)":       "sum by (le, region) (rate(x_bucket[1m]))",
		"sum by(region,le)(x)":                  "sum by (region, le)(x)",
		"sum without (instance, region) (x)":    "sum without (instance) (x)",
		"sum()":                                 "sum by (region) ()",
		"rate(sum_total[1m])":                   "rate(sum_total[1m])",
		"sum":                                   "sum",
		`sum(x{le="sum(y)"})`:                   `sum by (region) (x{le="sum(y)"})`,
		`sum(x{a=')"'}) / sum(y)`:               `sum by (region) (x{a=')"'}) / sum by (region) (y)`,
		"max(sum by (pod) (x))":                 "max by (region) (sum by (pod, region) (x))",
		"topk(5, sum(x))":                       "topk by (region) (5, sum by (region) (x))",
		"histogram_quantile(.9, sum by(le)(x))": "histogram_quantile(.9, sum by (le, region)(x))",
		"sum(x":                                 "sum(x",
		`"sum(x)`:                               `"sum(x)`,
	} {
		if got := SplitBy(query, "region"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", query, got, want)
		}
	}
}

func FuzzSplitBy(f *testing.F) {
	for _, q := range []string{"sum by (le) (rate(x[1m]))", "sum(x) without (a)", `max(x{a="\")"})`, "topk(", "sum by", "by(sum)(sum)"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		if once := SplitBy(q, "region"); strings.Count(once, "(") < strings.Count(q, "(") && !strings.ContainsAny(q, "\"'`") && !strings.Contains(q, "without") && !strings.Contains(q, "by") {
			t.Errorf("%q lost a bracket: %q", q, once)
		}
	})
}

func TestMatchesNamesOfARelease(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value string
		names []string
		want  bool
	}{
		{"v1.42", []string{"v1.42"}, true},
		{"1.42", []string{"eu", "V1.42"}, true},
		{"1.4", []string{"v1.42"}, false},
		{"eu", []string{"EU", "v1"}, true},
		{"eu", []string{"v1"}, false},
		{"", []string{""}, false},
	} {
		if got := Matches(c.value, c.names); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// byRegion answers with two series, told apart by region.
func byRegion(t *testing.T, answer func(query string) string) Provider {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, answer(r.URL.Query().Get("query")))
	}))
	t.Cleanup(srv.Close)
	p, err := New("main", Options{Kind: "prometheus", URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var twoMinutes = Window{From: time.Unix(1_800_000_000, 0), To: time.Unix(1_800_000_120, 0), Step: time.Minute}

func pair(labels string, a, b string) string {
	return fmt.Sprintf(`{"metric":{%s},"values":[[1800000060,%q],[1800000120,%q]]}`, labels, a, b)
}

func TestSplitOfEveryKindOfMetric(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p := byRegion(t, func(q string) string {
		if !strings.Contains(q, "region") {
			t.Errorf("asked %s", q)
		}
		return matrixOf(pair(`"region":"eu"`, "1", "2"), pair(`"region":"us"`, "3", "5"))
	})
	got, err := Split(ctx, p, Metric{Role: "traffic", Query: "sum(x)"}, "region", twoMinutes)
	if err != nil || len(got) != 2 || got[1].Value != "us" || got[1].Kind != judge.Count || fmt.Sprint(got[1].Series.V) != "[3 5]" {
		t.Fatalf("%+v %v", got, err)
	}
	if all := Together(got); fmt.Sprint(all.Series.V) != "[4 7]" {
		t.Errorf("together %v", all.Series.V)
	}
	got[0].Kind, got[1].Kind = judge.Gauge, judge.Gauge
	if all := Together(got); fmt.Sprint(all.Series.V) != "[2 3.5]" {
		t.Errorf("the middle is %v", all.Series.V)
	}
	got, err = Split(ctx, p, Metric{Errors: "sum(rate(x[1m]))", Requests: "sum(rate(y[1m]))"}, "region", twoMinutes)
	if err != nil || len(got) != 2 || got[0].Kind != judge.Share || fmt.Sprint(got[0].Series.Num, got[0].Series.Den) != "[60 120] [60 120]" {
		t.Fatalf("%+v %v", got, err)
	}
	if all := Together(got); fmt.Sprint(all.Series.Den) != "[240 420]" {
		t.Errorf("together %v", all.Series.Den)
	}
	p = byRegion(t, func(string) string {
		return matrixOf(pair(`"region":"eu","le":"1"`, "1", "1"), pair(`"region":"eu","le":"+Inf"`, "2", "2"), pair(`"region":"us","le":"+Inf"`, "4", "4"), pair(`"region":"us","le":"2"`, "4", "4"))
	})
	got, err = Split(ctx, p, Metric{Histogram: "sum by (le) (increase(x_bucket[1m]))"}, "region", twoMinutes)
	if err != nil || len(got) != 2 || fmt.Sprint(got[0].Histogram.Bounds, got[0].Histogram.Counts) != "[1 +Inf] [[1 1] [1 1]]" {
		t.Fatalf("%+v %v", got, err)
	}
	if line := got[0].Line(0.5); fmt.Sprint(line.V, line.N) != "[1 1] [2 2]" {
		t.Errorf("as a line %v %v", line.V, line.N)
	}
	if all := Together(got); fmt.Sprint(all.Histogram.Bounds, all.Histogram.Counts) != "[+Inf] [[6] [6]]" {
		t.Errorf("together %v %v", all.Histogram.Bounds, all.Histogram.Counts)
	}
}

func TestControlQueries(t *testing.T) {
	t.Parallel()
	p := byRegion(t, func(string) string {
		return matrixOf(pair(`"region":"us"`, "1", "2"), pair(`"region":"ap"`, "3", "5"))
	})
	got, err := Controls(t.Context(), p, Metric{Query: "q", Control: Control{Query: "others"}}, twoMinutes)
	if err != nil || len(got) != 2 || fmt.Sprint(got[0].Series.V) != "[3 5]" {
		t.Errorf("%+v %v", got, err)
	}
	got, err = Controls(t.Context(), p, Metric{Errors: "q", Requests: "r", Control: Control{Errors: "others", Requests: "others"}}, twoMinutes)
	if err != nil || len(got) != 2 || got[0].Kind != judge.Share {
		t.Errorf("%+v %v", got, err)
	}
	_, err = Split(t.Context(), p, Metric{Name: "x", Query: "q"}, "pod", twoMinutes)
	wantError(t, err, debrief.Invalid, "several series", "sum them")
}

func TestJoinOfPastAndFresh(t *testing.T) {
	t.Parallel()
	series := func(start int64, v ...float64) Asked {
		return Asked{Kind: judge.Gauge, Series: judge.Series{Start: time.Unix(start, 0), Step: time.Minute, V: v}}
	}
	got, err := Join(series(0, 1, 2), series(120, 3))
	if err != nil || fmt.Sprint(got.Series.V) != "[1 2 3]" || !got.Series.Start.Equal(time.Unix(0, 0)) {
		t.Errorf("%+v %v", got, err)
	}
	for _, b := range []Asked{series(180, 3), series(60, 3), {Kind: judge.Share}, {Kind: judge.Gauge, Histogram: &judge.Histogram{}}} {
		if got, err := Join(series(0, 1, 2), b); err == nil {
			t.Errorf("%+v", got)
		}
	}
	histogram := func(start int64, bounds []float64, counts ...[]float64) Asked {
		return Asked{Kind: judge.Gauge, Histogram: &judge.Histogram{Start: time.Unix(start, 0), Step: time.Minute, Bounds: bounds, Counts: counts}}
	}
	inf := math.Inf(1)
	same, err := Join(histogram(0, []float64{1, 2, inf}, []float64{1, 0, 0}), histogram(60, []float64{1, 2, inf}, []float64{0, 2, 0}, nil))
	if err != nil || fmt.Sprint(same.Histogram.Bounds, same.Histogram.Counts) != "[1 2 +Inf] [[1 0 0] [0 2 0] []]" {
		t.Errorf("%+v %v", same.Histogram, err)
	}
	// Resolutions differ: what both have in common is kept, and nothing is lost.
	finer, err := Join(histogram(0, []float64{1, 2, 4}, []float64{0, 5, 6}), histogram(60, []float64{1, 1.5, 2, 3}, []float64{0, 1, 2, 3}))
	if err != nil || fmt.Sprint(finer.Histogram.Bounds, finer.Histogram.Counts) != "[1 2 4] [[0 5 6] [0 3 3]]" {
		t.Errorf("%+v %v", finer.Histogram, err)
	}
	empty, err := Join(histogram(0, nil, nil, nil), histogram(120, []float64{1, 2}, []float64{0, 3}))
	if err != nil || len(empty.Histogram.Counts) != 3 || fmt.Sprint(empty.Histogram.Counts[2]) != "[0 3]" {
		t.Errorf("%+v %v", empty.Histogram, err)
	}
}
