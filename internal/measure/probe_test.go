package measure

import (
	"encoding/pem"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func probe(t *testing.T, url string, ca []byte, timeout time.Duration) Probing {
	t.Helper()
	target := Target{Name: "x", URL: url, Timeout: timeout}
	p, err := NewProber([]Target{target}, ca, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return p.Probe(t.Context(), target)
}

func TestProbeFindings(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		case "/broken":
			http.Error(w, "no", http.StatusInternalServerError)
		case "/hangs":
			select {
			case <-release:
			case <-r.Context().Done():
			}
		case "/hangs-later":
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-release:
			case <-r.Context().Done():
			}
		case "/cut":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "short")
		case "/endless":
			for {
				if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
					return
				}
			}
		}
	}))
	t.Cleanup(srv.Close)
	closed := httptest.NewServer(nil)
	closed.Close()
	tests := []struct {
		url     string
		status  int
		problem Problem
		timeout time.Duration
	}{
		{srv.URL + "/", 200, NoProblem, time.Minute},
		{srv.URL + "/moved", 302, NoProblem, time.Minute},
		{srv.URL + "/broken", 500, BadStatus, time.Minute},
		{srv.URL + "/hangs", 0, TimedOut, 30 * time.Millisecond},
		{srv.URL + "/hangs-later", 200, TimedOut, 200 * time.Millisecond},
		{srv.URL + "/cut", 200, CutOff, time.Minute},
		{srv.URL + "/endless", 200, NoProblem, time.Minute},
		{closed.URL, 0, NotReached, time.Minute},
		{"http://169.254.169.254/", 0, NotAllowed, time.Minute},
		{strings.Replace(srv.URL, "http:", "https:", 1), 0, BadTLS, time.Minute},
	}
	for _, tt := range tests {
		got := probe(t, tt.url, nil, tt.timeout)
		if got.Status != tt.status || got.Problem != tt.problem || got.At.IsZero() || got.Took <= 0 || !got.Expires.IsZero() {
			t.Errorf("%s: %+v", tt.url, got)
		}
	}
}

func TestProbeReadsTheCertificate(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(srv.Close)
	cert := srv.Certificate()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
	good := probe(t, srv.URL, ca, time.Minute)
	if !good.OK() || !good.Expires.Equal(cert.NotAfter) {
		t.Errorf("trusted: %+v", good)
	}
	bad := probe(t, srv.URL, nil, time.Minute)
	if bad.Problem != BadTLS || !bad.Expires.Equal(cert.NotAfter) {
		t.Errorf("not trusted: %+v", bad)
	}
}

func TestProbeAsksOnlyWhatIsNamed(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
	t.Cleanup(srv.Close)
	p, err := NewProber(nil, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Probe(t.Context(), Target{URL: srv.URL}); got.Problem != NotAllowed {
		t.Errorf("%+v", got)
	}
}

// A chunk gives back what went in, to the millisecond and microsecond.
func TestChunkRoundTrip(t *testing.T) {
	t.Parallel()
	hour := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		var want []Probing
		at := hour
		for range rapid.IntRange(0, 50).Draw(rt, "n") {
			at = at.Add(time.Duration(rapid.IntRange(0, 60_000).Draw(rt, "gap")) * time.Millisecond)
			p := Probing{
				At: at, Took: time.Duration(rapid.IntRange(0, 10_000_000).Draw(rt, "took")) * time.Microsecond,
				Status: rapid.SampledFrom([]int{0, 200, 302, 503}).Draw(rt, "status"), Problem: rapid.SampledFrom(problems).Draw(rt, "problem"),
			}
			if rapid.Bool().Draw(rt, "tls") {
				p.Expires = hour.AddDate(0, 0, rapid.IntRange(-10, 400).Draw(rt, "days"))
			}
			want = append(want, p)
		}
		chunk, err := AppendChunk("", hour, want...)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := DecodeChunk(chunk)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestChunkIsCompact(t *testing.T) {
	t.Parallel()
	hour := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	chunk := ""
	for i := range 360 {
		var err error
		chunk, err = AppendChunk(chunk, hour, Probing{At: hour.Add(time.Duration(i) * 10 * time.Second), Took: 31 * time.Millisecond, Status: 200, Expires: hour.AddDate(0, 2, 0)})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(chunk) > 360*14 {
		t.Errorf("%d bytes for 360 probings", len(chunk))
	}
}

func FuzzDecodeChunk(f *testing.F) {
	hour := time.Unix(1_800_000_000, 0).Truncate(time.Hour)
	f.Add(EncodeChunk(hour, []Probing{{At: hour, Took: time.Second, Status: 200}, {At: hour.Add(time.Minute), Problem: BadTLS, Expires: hour}}))
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, s string) {
		ps, err := DecodeChunk(s)
		if err != nil {
			return
		}
		if _, err := ProbeSeries(ps, Window{From: hour, To: hour.Add(time.Hour), Step: time.Minute}); err != nil {
			t.Error(err)
		}
	})
}

func TestProbeSeries(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_800_000_000, 0)
	at := func(s int, took time.Duration, p Problem) Probing {
		return Probing{At: start.Add(time.Duration(s) * time.Second), Took: took, Status: 200, Problem: p}
	}
	got, err := ProbeSeries([]Probing{
		at(-1, time.Hour, NoProblem), at(0, 100*time.Millisecond, NoProblem), at(20, 300*time.Millisecond, NoProblem), at(40, 200*time.Millisecond, NoProblem),
		at(130, 5*time.Second, TimedOut), at(180, time.Hour, NoProblem),
	}, Window{From: start, To: start.Add(3 * time.Minute), Step: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprint(got.Latency.V, got.Latency.N, got.Errors.Num, got.Errors.Den, got.Traffic.V)
	if shown != fmt.Sprint([]float64{0.2, math.NaN(), math.NaN()}, []float64{3, 0, 0}, []float64{0, math.NaN(), 1}, []float64{3, math.NaN(), 1}, []float64{0.05, math.NaN(), 1.0 / 60}) {
		t.Error(shown)
	}
	if q := QuantileOf(got.Whole, 0.5)[0]; math.Abs(q-0.2) > 0.02 || len(got.Whole.Bounds) > 20 || got.Whole.Counts[1] != nil || got.Whole.Counts[2] != nil {
		t.Errorf("median %v", q)
	}
}

// BenchmarkProbeSeries lays four weeks of a probe every ten seconds on minutes.
func BenchmarkProbeSeries(b *testing.B) {
	start := time.Unix(1_800_000_000, 0).Truncate(time.Hour)
	ps := make([]Probing, 28*24*360)
	for i := range ps {
		ps[i] = Probing{At: start.Add(time.Duration(i) * 10 * time.Second), Took: time.Duration(20+i%40) * time.Millisecond, Status: 200}
	}
	w := Window{From: start, To: start.Add(28 * 24 * time.Hour), Step: time.Minute}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ProbeSeries(ps, w); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeChunk(b *testing.B) {
	hour := time.Unix(1_800_000_000, 0).Truncate(time.Hour)
	var ps []Probing
	for i := range 360 {
		ps = append(ps, Probing{At: hour.Add(time.Duration(i) * 10 * time.Second), Took: 31 * time.Millisecond, Status: 200})
	}
	chunk := EncodeChunk(hour, ps)
	b.ReportAllocs()
	for b.Loop() {
		if got, err := DecodeChunk(chunk); err != nil || len(got) != 360 {
			b.Fatal(len(got), err)
		}
	}
}
