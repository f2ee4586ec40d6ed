package measure

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

type stored struct {
	ns           int64
	stream, text string
}

// fakeLoki pages forward as Loki does: the first lines of a window over all
// streams, in time order, start inclusive and end exclusive.
func fakeLoki(lines []stored) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		start, _ := strconv.ParseInt(q.Get("start"), 10, 64)
		end, _ := strconv.ParseInt(q.Get("end"), 10, 64)
		limit, _ := strconv.Atoi(q.Get("limit"))
		type stream struct {
			Stream map[string]string `json:"stream"`
			Values [][2]string       `json:"values"`
		}
		var out []*stream
		for _, l := range lines {
			if l.ns < start || l.ns >= end || limit == 0 {
				continue
			}
			limit--
			at := slices.IndexFunc(out, func(s *stream) bool { return s.Stream["app"] == l.stream })
			if at < 0 {
				at = len(out)
				out = append(out, &stream{Stream: map[string]string{"app": l.stream}})
			}
			out[at].Values = append(out[at].Values, [2]string{strconv.FormatInt(l.ns, 10), l.text})
		}
		body := map[string]any{"status": "success", "data": map[string]any{"resultType": "streams", "result": out}}
		_ = json.NewEncoder(w).Encode(body)
	}
}

// Whatever lines there are, paging gives each exactly once and in order, as
// long as fewer share one instant than a page holds.
func TestLokiPagingLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		page := rapid.IntRange(4, 9).Draw(rt, "page")
		n := rapid.IntRange(0, 60).Draw(rt, "lines")
		var lines []stored
		ns, at := int64(1000), 0
		for i := range n {
			if at >= page-1 || rapid.Bool().Draw(rt, "later") {
				ns, at = ns+int64(rapid.IntRange(1, 3).Draw(rt, "gap")), 0
			}
			at++
			// Equal texts within one instant are lines of their own.
			lines = append(lines, stored{ns, []string{"a", "b"}[i%2], strconv.Itoa(rapid.IntRange(0, 2).Draw(rt, "text"))})
		}
		srv := httptest.NewServer(fakeLoki(lines))
		defer srv.Close()
		l, err := NewLoki("logs", Options{URL: srv.URL, PageLines: page})
		if err != nil {
			rt.Fatal(err)
		}
		defer l.o.Client.CloseIdleConnections()
		got, truncated, err := l.Lines(t.Context(), "{}", Window{From: time.Unix(0, 0), To: time.Unix(0, 1_000_000)})
		if err != nil || truncated {
			rt.Fatal(truncated, err)
		}
		if !slices.IsSortedFunc(got, func(a, b Line) int { return a.At.Compare(b.At) }) {
			rt.Fatal("not by time")
		}
		if a, b := texts(lines), textsOf(got); !slices.Equal(a, b) {
			rt.Fatalf("page %d\nhave %v\ngot  %v", page, a, b)
		}
	})
}

func texts(lines []stored) []string {
	var out []string
	for _, l := range lines {
		out = append(out, fmt.Sprint(l.ns, l.stream, l.text))
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}

func textsOf(lines []Line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, fmt.Sprint(l.At.UnixNano(), l.Labels["app"], l.Text))
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}

func TestLokiMoreLinesInOneInstantThanAPageIsSaid(t *testing.T) {
	t.Parallel()
	lines := []stored{{10, "a", "before"}}
	for i := range 12 {
		lines = append(lines, stored{20, "a", strconv.Itoa(i)})
	}
	lines = append(lines, stored{30, "a", "after"})
	srv := httptest.NewServer(fakeLoki(lines))
	t.Cleanup(srv.Close)
	l, err := NewLoki("logs", Options{URL: srv.URL, PageLines: 5})
	if err != nil {
		t.Fatal(err)
	}
	ctx, asked := Ask(t.Context(), 0)
	got, truncated, err := l.Lines(ctx, "{}", Window{From: time.Unix(0, 0), To: time.Unix(0, 100)})
	if err != nil || !truncated || got[len(got)-1].Text != "after" || len(got) != 7 {
		t.Errorf("%d lines, truncated %v, %v", len(got), truncated, err)
	}
	if len(asked.Notes()) != 1 {
		t.Errorf("notes: %v", asked.Notes())
	}
}
