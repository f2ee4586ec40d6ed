package measure

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// recorded is one exchange with a real Loki 3.7.
type recorded struct {
	path   string
	query  url.Values
	status int
	kind   string
	body   string
}

func readRecorded(t *testing.T, name string) recorded {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "loki", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(string(b), "\n\n", 3)
	_, address, _ := strings.Cut(strings.SplitN(parts[0], "\n", 2)[0], " ")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	code, header, _ := strings.Cut(parts[1], "\n")
	status, err := strconv.Atoi(code)
	if err != nil {
		t.Fatal(err)
	}
	_, kind, _ := strings.Cut(header, ": ")
	return recorded{u.Path, u.Query(), status, kind, strings.TrimSuffix(parts[2], "\n")}
}

// replay answers only what was recorded: the same path and the same value of
// every parameter of the recording. Loki's defaults may be sent as well.
func replay(t *testing.T, names ...string) *httptest.Server {
	t.Helper()
	var all []recorded
	for _, n := range names {
		all = append(all, readRecorded(t, n))
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, rec := range all {
			if r.URL.Path == rec.path && same(rec.query, r.URL.Query()) {
				w.Header().Set("Content-Type", rec.kind)
				w.WriteHeader(rec.status)
				fmt.Fprint(w, rec.body)
				return
			}
		}
		t.Errorf("not recorded: %s", r.URL)
		http.Error(w, "not recorded", http.StatusTeapot)
	}))
	t.Cleanup(srv.Close)
	return srv
}

func same(want, got url.Values) bool {
	for k := range want {
		a, b := want.Get(k), got.Get(k)
		if k == "step" {
			a, b = strings.TrimSuffix(a, "s"), strings.TrimSuffix(b, "s")
		}
		if a != b {
			return false
		}
	}
	return true
}

func recordedLoki(t *testing.T, o Options, names ...string) *Loki {
	t.Helper()
	o.URL = replay(t, names...).URL
	l, err := NewLoki("logs", o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var (
	recordedFrom = time.Unix(1795374240, 0)
	recordedTo   = time.Unix(1795377840, 0)
)

const shop = `{service_name="shop",env="production"}`

func TestLokiLines(t *testing.T) {
	t.Parallel()
	l := recordedLoki(t, Options{PageLines: 500}, "query_range_streams_limit_500_forward")
	lines, truncated, err := l.Lines(t.Context(), shop+" | level=`error`", Window{From: recordedFrom, To: recordedTo})
	if err != nil || truncated || len(lines) != 158 {
		t.Fatalf("%d lines, truncated %v, %v", len(lines), truncated, err)
	}
	first := lines[0]
	if first.Text != "upstream timeout after 1035ms host=10.0.9.219 order=57227" || first.At.UnixNano() != 1795374315500000000 || first.Labels["level"] != "error" {
		t.Errorf("first: %+v", first)
	}
	if !slices.IsSortedFunc(lines, func(a, b Line) int { return a.At.Compare(b.At) }) {
		t.Error("not by time")
	}
}

func TestLokiStreamsAreMergedByTimeAndTheBudgetIsSaid(t *testing.T) {
	t.Parallel()
	l := recordedLoki(t, Options{PageLines: 100, MaxLines: 100}, "query_range_streams_next_page")
	lines, truncated, err := l.Lines(t.Context(), shop, Window{From: time.Unix(1795374300, 0), To: recordedTo})
	if err != nil || !truncated || len(lines) != 100 {
		t.Fatalf("%d lines, truncated %v, %v", len(lines), truncated, err)
	}
	at := slices.IndexFunc(lines, func(l Line) bool { return l.Labels["level"] == "error" })
	if at < 1 || at > 98 || lines[at-1].At.After(lines[at].At) || lines[at+1].At.Before(lines[at].At) {
		t.Errorf("the line of the other stream stands at %d", at)
	}
}

func TestLokiSeries(t *testing.T) {
	t.Parallel()
	w := Window{From: recordedFrom.Add(-time.Minute), To: recordedTo, Step: time.Minute}
	l := recordedLoki(t, Options{}, "query_range_matrix_rate_by_level", "query_range_matrix_unwrap_p95")
	got, err := l.Series(t.Context(), `sum by (level) (rate(`+shop+`[1m]))`, w)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d series, %v", len(got), err)
	}
	e, i := got[0], got[1]
	if e.Labels["level"] != "error" || i.Labels["level"] != "info" || len(e.Series.V) != 61 {
		t.Fatalf("%v %v, %d points", e.Labels, i.Labels, len(e.Series.V))
	}
	// The value at 1795374360 is made of the minute before it, the third of the window.
	if math.Abs(e.Series.V[2]-1.0/60) > 1e-12 || !math.IsNaN(e.Series.V[0]) || !math.IsNaN(e.Series.V[3]) {
		t.Errorf("errors: %v", e.Series.V[:5])
	}
	if n := present(i.Series.V); n != 60 {
		t.Errorf("%d points of info", n)
	}
	p95, err := l.Series(t.Context(), `quantile_over_time(0.95, `+shop+` | logfmt | unwrap duration_ms [1m]) by (env)`, w)
	if err != nil || len(p95) != 1 || p95[0].Series.V[1] != 59 {
		t.Errorf("%v %v", p95, err)
	}
}

func present(v []float64) int {
	n := 0
	for _, x := range v {
		if !math.IsNaN(x) {
			n++
		}
	}
	return n
}

func TestLokiErrorsAreToldInItsWords(t *testing.T) {
	t.Parallel()
	long := time.Unix(0, 1760814240000000000)
	tests := []struct {
		file, query, want string
		from              time.Time
		o                 Options
	}{
		{"error_400_parse", `{service_name="shop"`, "parse error at line 1, col 21: syntax error: unexpected $end, expecting } or ,", recordedFrom, Options{}},
		{"error_400_empty_matcher", `{env=~".*"}`, "queries require at least one regexp or equality matcher", recordedFrom, Options{}},
		{"error_400_limit_too_big", shop, "max entries limit per query exceeded", recordedFrom, Options{PageLines: 100000}},
	}
	for _, tt := range tests {
		l := recordedLoki(t, tt.o, tt.file)
		_, _, err := l.Lines(t.Context(), tt.query, Window{From: tt.from, To: recordedTo})
		if debrief.KindOf(err) != debrief.Invalid || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: %v", tt.file, err)
		}
	}
	// Two limits a real Loki has, and that are never run into: a window is
	// asked for in pieces. Were they not, replay would find them not recorded.
	var spans []time.Duration
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, _ := strconv.ParseInt(r.URL.Query().Get("start"), 10, 64)
		end, _ := strconv.ParseInt(r.URL.Query().Get("end"), 10, 64)
		spans = append(spans, time.Duration(end-start))
		fmt.Fprint(w, readRecorded(t, "query_range_empty").body)
	}))
	t.Cleanup(srv.Close)
	l, err := NewLoki("logs", Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Lines(t.Context(), shop, Window{From: long, To: recordedTo}); err != nil || len(spans) != 14 {
		t.Errorf("%d requests, %v", len(spans), err)
	}
	if _, err := l.Series(t.Context(), "rate("+shop+"[1h])", Window{From: long, To: recordedTo, Step: time.Hour}); err == nil {
		t.Error("streams were taken for a series")
	}
	for _, s := range spans {
		if s > 30*24*time.Hour {
			t.Errorf("asked for %s at once", s)
		}
	}
}

func TestLokiEmpty(t *testing.T) {
	t.Parallel()
	l := recordedLoki(t, Options{}, "query_range_empty")
	lines, truncated, err := l.Lines(t.Context(), `{service_name="nobody"}`, Window{From: recordedFrom, To: recordedTo})
	if err != nil || truncated || len(lines) != 0 {
		t.Errorf("%v %v %v", lines, truncated, err)
	}
}

func TestLokiLabelValues(t *testing.T) {
	t.Parallel()
	l := recordedLoki(t, Options{}, "label_values_service_name")
	got, err := l.LabelValues(t.Context(), "service_name", Window{From: recordedFrom, To: recordedTo})
	if err != nil || !slices.Equal(got, []string{"shop"}) {
		t.Errorf("%v %v", got, err)
	}
	srv := httptest.NewServer(body(`{"status":"success"}`)) // what it says of a label nobody has
	t.Cleanup(srv.Close)
	if l, err = NewLoki("logs", Options{URL: srv.URL}); err != nil {
		t.Fatal(err)
	}
	if got, err := l.LabelValues(t.Context(), "nobody", Window{From: recordedFrom, To: recordedTo}); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
}
