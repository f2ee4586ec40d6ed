package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/api"
)

func backtest(h *hall) debrief.Backtest {
	now := debrief.Instant(h.clock.Now())
	return debrief.Backtest{
		Service: "Shop", Measured: now, From: now.AddDate(0, 0, -14), To: now.AddDate(0, 0, -1), Seed: 1, Releases: 100, False: 1, FalseHigh: 0.06,
		Metrics: []debrief.BacktestMetric{{Metric: "p95", Role: debrief.Latency, Releases: 100, Problem: "https://ada:secret123@prom answered 500", Looks: []debrief.BacktestLook{
			{After: time.Hour, Taken: 100, CannotTell: map[debrief.Reason]int{debrief.TooLittle: 7}, Seen: 0.12, Relative: true, Found: 34, Planted: 40},
		}}},
	}
}

func TestABacktestIsKeptAndRead(t *testing.T) {
	t.Parallel()
	h := open(t)
	if w := h.ask("GET", "/api/v1/services/shop/backtest", ""); w.Code != 404 || !strings.Contains(decode[api.Problem](t, w).Hint, "debrief backtest --service shop") {
		t.Error(w.Code, w.Body)
	}
	b := backtest(h)
	body, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if w := h.ask("POST", "/api/v1/backtests", string(body), stranger); w.Code != 401 {
		t.Error("a stranger may keep one:", w.Code)
	}
	w := h.ask("POST", "/api/v1/backtests", string(body))
	if got := decode[api.Kept](t, w); w.Code != 201 || got.Service != "shop" || !strings.HasSuffix(got.URL, "/services/shop") {
		t.Fatal(w.Code, w.Body)
	}
	w = h.ask("GET", "/api/v1/services/SHOP/backtest", "")
	got := decode[debrief.Backtest](t, w)
	if w.Code != 200 || got.Releases != 100 || got.Metrics[0].Looks[0].Seen != 0.12 || got.Metrics[0].Looks[0].CannotTell[debrief.TooLittle] != 7 {
		t.Error(w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), "secret123") {
		t.Error("a login is kept:", w.Body)
	}
}

func TestABacktestThatCannotBe(t *testing.T) {
	t.Parallel()
	h := open(t)
	for field, spoil := range map[string]func(*debrief.Backtest){
		"service":           func(b *debrief.Backtest) { b.Service = "" },
		"measured_at":       func(b *debrief.Backtest) { b.Measured = b.Measured.AddDate(1, 0, 0) },
		"releases":          func(b *debrief.Backtest) { b.False = 101 },
		"false_low":         func(b *debrief.Backtest) { b.FalseHigh = 2 },
		"metrics":           func(b *debrief.Backtest) { b.Metrics = nil },
		"metrics.0.metric":  func(b *debrief.Backtest) { b.Metrics[0].Metric = "" },
		"metrics.0.false":   func(b *debrief.Backtest) { b.Metrics[0].False = -1 },
		"metrics.0.looks.0": func(b *debrief.Backtest) { b.Metrics[0].Looks[0].Found = 50 },
	} {
		b := backtest(h)
		spoil(&b)
		body, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		if w := h.ask("POST", "/api/v1/backtests", string(body)); w.Code != 422 || decode[api.Problem](t, w).Field != field {
			t.Errorf("%s: %d %s", field, w.Code, w.Body)
		}
	}
	for _, body := range []string{"", "[]", `{"service":"shop","speed":1}`, `{"service":`} {
		if w := h.ask("POST", "/api/v1/backtests", body); w.Code != 422 && w.Code != 400 {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	}
	if w := h.ask("GET", "/api/v1/services", ""); strings.Contains(w.Body.String(), "shop") {
		t.Error("a refused one left a service:", w.Body)
	}
}
