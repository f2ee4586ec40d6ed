package measure

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// providersUnderTest are held to one contract: whatever comes back, a
// provider gives aligned numbers or an error that says what to do.
var providersUnderTest = []struct {
	kind string
	path string // where range queries go, under any prefix
}{
	{"loki", "/loki/api/v1/query_range"},
	{"prometheus", "/api/v1/query_range"},
}

func contract(t *testing.T, f func(t *testing.T, c *contractCase)) {
	t.Parallel()
	for _, p := range providersUnderTest {
		t.Run(p.kind, func(t *testing.T) {
			t.Parallel()
			f(t, &contractCase{kind: p.kind, path: p.path})
		})
	}
}

type contractCase struct {
	kind, path string
	asked      atomic.Int32
	slept      []time.Duration
}

// ask serves an answer and asks for ten minutes of series.
func (c *contractCase) ask(t *testing.T, o Options, serve http.HandlerFunc) ([]Labelled, error) {
	t.Helper()
	return c.askIn(t.Context(), t, o, serve)
}

var tenMinutes = Window{From: time.Unix(1_800_000_000, 0), To: time.Unix(1_800_000_600, 0), Step: time.Minute}

func (c *contractCase) askIn(ctx context.Context, t *testing.T, o Options, serve http.HandlerFunc) ([]Labelled, error) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.asked.Add(1)
		if r.URL.Path != "/prefix"+c.path {
			t.Errorf("asked %s", r.URL.Path)
		}
		serve(w, r)
	}))
	t.Cleanup(srv.Close)
	o.Kind, o.URL = c.kind, srv.URL+"/prefix/"
	if o.Sleep == nil {
		o.Sleep = func(_ context.Context, d time.Duration) error {
			c.slept = append(c.slept, d)
			return nil
		}
	}
	p, err := New("main", o)
	if err != nil {
		t.Fatal(err)
	}
	return p.Series(ctx, "up", tenMinutes)
}

func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func status(code int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, code) }
}

func matrixOf(series ...string) string {
	return `{"status":"success","data":{"resultType":"matrix","result":[` + strings.Join(series, ",") + `]}}`
}

func wantError(t *testing.T, err error, kind debrief.ErrorKind, words ...string) {
	t.Helper()
	if err == nil || debrief.KindOf(err) != kind {
		t.Fatalf("err = %v (%s), want kind %s", err, debrief.KindOf(err), kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func TestContractEmpty(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		for _, text := range []string{matrixOf(), `{"status":"success","data":{"resultType":"matrix","result":null}}`} {
			if got, err := c.ask(t, Options{}, body(text)); err != nil || len(got) != 0 {
				t.Errorf("%v, %v", got, err)
			}
		}
	})
}

func TestContractNaNAndGap(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		got, err := c.ask(t, Options{}, body(matrixOf(`{"values":[[1800000060,"1"],[1800000120,"NaN"],[1800000180,"+Inf"],[1800000240.000,"2.5e0"],[1800000600,10],[1800000660,"99"],[1,"99"]],"metric":{"b":"x","a":"y"}}`)))
		if err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
		s := got[0].Series
		want := []float64{1, math.NaN(), math.NaN(), 2.5, math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN(), 10}
		if fmt.Sprint(s.V) != fmt.Sprint(want) || !s.Start.Equal(tenMinutes.From) || s.Step != time.Minute {
			t.Errorf("%v from %v", s.V, s.Start)
		}
		if fmt.Sprint(got[0].Labels) != "map[a:y b:x]" {
			t.Errorf("labels %v", got[0].Labels)
		}
	})
}

func TestContractManySeries(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		var all []string
		for i := range 11 {
			all = append(all, fmt.Sprintf(`{"metric":{"i":"%02d"},"values":[[1800000060,"%d"]]}`, i, i))
		}
		got, err := c.ask(t, Options{MaxSeries: 11}, body(matrixOf(all...)))
		if err != nil || len(got) != 11 || got[7].Labels["i"] != "07" || got[7].Series.V[0] != 7 {
			t.Fatalf("%d series, %v", len(got), err)
		}
		_, err = c.ask(t, Options{MaxSeries: 10}, body(matrixOf(all...)))
		wantError(t, err, debrief.TooLarge, "more than 10 series (max_series)", "sum")
		_, err = c.ask(t, Options{MaxSamples: 10}, body(matrixOf(all...)))
		wantError(t, err, debrief.TooLarge, "max_samples")
		ctx, asked := Ask(t.Context(), 20)
		if _, err := c.askIn(ctx, t, Options{}, body(matrixOf(all...))); err != nil || asked.Samples() != 11 {
			t.Fatal(asked.Samples(), err)
		}
		_, err = c.askIn(ctx, t, Options{}, body(matrixOf(all...)))
		wantError(t, err, debrief.TooLarge, "this look asks for more than its budget of 20 samples")
	})
}

func TestContractWrongType(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		for _, text := range []string{
			`{"status":"success","data":{"resultType":"scalar","result":[1800000060,"1"]}}`,
			`{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[["1800000060000000000","text"]]}]}}`,
			`{"data":{"result":[{"stream":{},"values":[["1800000060000000000","text"]]}],"resultType":"streams"},"status":"success"}`,
			`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1800000060,{"count":"1"}]]}]}}`,
			`{"status":"success","data":["a"]}`,
			`{"status":"error","errorType":"execution","error":"too many of something"}`,
			`{}`,
		} {
			_, err := c.ask(t, Options{}, body(text))
			wantError(t, err, debrief.Invalid)
		}
		if c.asked.Load() != 7 {
			t.Errorf("asked %d times: what is wrong stays wrong", c.asked.Load())
		}
	})
}

func TestContractTruncated(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		whole := matrixOf(`{"metric":{"a":"b"},"values":[[1800000060,"1"],[1800000120,"2"]]}`)
		for cut := 0; cut < len(whole); cut += 5 {
			c.asked.Store(0)
			_, err := c.ask(t, Options{}, body(whole[:cut]))
			if err == nil {
				t.Fatalf("half an answer was taken for a whole one: %s", whole[:cut])
			}
			wantError(t, err, debrief.Unavailable)
			if c.asked.Load() != tries {
				t.Fatalf("asked %d times", c.asked.Load())
			}
		}
		// A body shorter than it was announced.
		_, err := c.ask(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
			fmt.Fprint(w, whole[:40])
		})
		wantError(t, err, debrief.Unavailable)
		_, err = c.ask(t, Options{}, body("<html>log in</html>"))
		wantError(t, err, debrief.Unavailable, "cannot be read")
		_, err = c.ask(t, Options{MaxBody: 50}, body(whole))
		wantError(t, err, debrief.TooLarge)
	})
}

func TestContractChunks(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		const points = 40_320
		var total int
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start, end := instant(t, r.URL.Query(), "start"), instant(t, r.URL.Query(), "end")
			n := (end-start)/60 + 1
			if n >= 11_000 {
				t.Errorf("%d points at once", n)
			}
			total += int(n)
			var b strings.Builder
			for at := start; at <= end; at += 60 {
				if at > start {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, `[%d,"%d"]`, at, at)
			}
			fmt.Fprint(w, matrixOf(`{"metric":{},"values":[`+b.String()+`]}`))
		}))
		t.Cleanup(srv.Close)
		p, err := New("main", Options{Kind: c.kind, URL: srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		from := time.Unix(1_800_000_000, 0)
		got, err := p.Series(t.Context(), "up", Window{From: from, To: from.Add(points * time.Minute), Step: time.Minute})
		if err != nil || len(got) != 1 || total != points {
			t.Fatalf("%d series, %d points asked, %v", len(got), total, err)
		}
		for i, v := range got[0].Series.V {
			if v != float64(1_800_000_000+60*(i+1)) {
				t.Fatalf("point %d: %v", i, v)
			}
		}
	})
}

func instant(t *testing.T, q url.Values, name string) int64 {
	v, err := strconv.ParseInt(q.Get(name), 10, 64)
	if err != nil {
		t.Error(err)
	}
	if v > 1e15 {
		v /= 1e9
	}
	return v
}

func TestContractWarningsAreKept(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		ctx, asked := Ask(t.Context(), 0)
		for range 2 {
			_, err := c.askIn(ctx, t, Options{}, body(`{"status":"success","isPartial":true,"warnings":["a store did not answer, token=secret123"],"data":{"resultType":"matrix","result":[]}}`))
			if err != nil {
				t.Fatal(err)
			}
		}
		notes := strings.Join(asked.Notes(), "|")
		if notes != "the provider's answer is partial|the provider says: a store did not answer, token=***" {
			t.Error(notes)
		}
	})
}
