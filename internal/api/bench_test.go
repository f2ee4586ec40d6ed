package api_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// BenchmarkAcceptHTTP is one report from the HTTP request to the durable row,
// one after the other.
func BenchmarkAcceptHTTP(b *testing.B) {
	h := open(b)
	n := 0
	for b.Loop() {
		n++
		if w := h.ask("POST", "/api/v1/deployments", strings.Replace(deployed, "ci-1", "ci-"+strconv.Itoa(n), 1)); w.Code != 202 {
			b.Fatal(w.Code, w.Body)
		}
	}
}

// BenchmarkAcceptHTTPParallel shares transactions among requests.
func BenchmarkAcceptHTTPParallel(b *testing.B) {
	h := open(b)
	var ids atomic.Int64
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if w := h.ask("POST", "/api/v1/deployments", strings.Replace(deployed, "ci-1", "par-"+strconv.FormatInt(ids.Add(1), 10), 1)); w.Code != 202 {
				b.Error(w.Code, w.Body)
			}
		}
	})
}

// BenchmarkAcceptBare is the store's own Accept of the same row: what the HTTP
// layer adds is the difference.
func BenchmarkAcceptBare(b *testing.B) {
	h := open(b)
	n := 0
	for b.Loop() {
		n++
		e := debrief.Envelope{Source: "api", Key: "deployments/ci-" + strconv.Itoa(n), Body: []byte(deployed), Digest: "x"}
		if _, err := h.store.Accept(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHook(b *testing.B) {
	h := open(b)
	n := 0
	for b.Loop() {
		n++
		if n%400 == 0 {
			h.clock.Advance(1e10) // the limit is not what is measured
		}
		if w := h.ask("POST", "/hooks/github", status, delivery("deployment_status", strconv.Itoa(n)), sign(secret)); w.Code != 202 {
			b.Fatal(w.Code, w.Body)
		}
	}
}

func BenchmarkStory(b *testing.B) {
	h := open(b)
	err := h.store.Update(b.Context(), func(tx *store.Tx) error {
		if _, err := tx.Service("shop", false); err != nil {
			return err
		}
		at := h.clock.Now()
		if err := tx.SaveReleases("shop", []debrief.Release{{ID: "r1", Service: "shop", Environment: "production", Version: "v1", Kind: debrief.ReleaseNew, Started: at, FullExposure: at}}); err != nil {
			return err
		}
		vs := make([]debrief.Verdict, 20)
		for i := range vs {
			vs[i] = debrief.Verdict{Metric: "p95 of /" + strconv.Itoa(i), Word: debrief.Steady, Trace: debrief.Trace{Start: at, Step: 6e10, V: make(debrief.Numbers, 180), Low: make(debrief.Numbers, 180), High: make(debrief.Numbers, 180)}}
		}
		return tx.SaveLook(debrief.Look{ReleaseID: "r1", Service: "shop", Number: 1, State: debrief.LookDone, Word: debrief.Steady, Verdicts: vs})
	})
	if err != nil {
		b.Fatal(err)
	}
	var w *httptest.ResponseRecorder
	for b.Loop() {
		if w = h.ask("GET", "/api/v1/releases/r1", ""); w.Code != 200 {
			b.Fatal(w.Code, w.Body)
		}
	}
	b.ReportMetric(float64(w.Body.Len()), "bytes/answer")
}
