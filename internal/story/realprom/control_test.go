package realprom_test

import (
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/story/realprom"
)

// regional is two days of a shop in three regions: classic buckets, and errors
// of requests. A release to eu at `live` makes it half as slow again and
// doubles its errors; at the same time everything everywhere gets slower.
func regional(live time.Time, after int) []realprom.Series {
	const past = 2 * 1440
	below := []struct {
		le    string
		share float64 // of requests, at the usual speed
	}{{"0.05", 0.3}, {"0.1", 0.6}, {"0.2", 0.85}, {"0.4", 0.97}, {"0.8", 0.995}, {"+Inf", 1}}
	var out []realprom.Series
	for r, region := range []string{"eu", "us", "ap"} {
		rng := rand.New(rand.NewPCG(7, uint64(r)))
		var buckets []realprom.Series
		for _, b := range below {
			buckets = append(buckets, realprom.Series{Name: "shop_seconds_bucket", Labels: map[string]string{"region": region, "le": b.le}})
		}
		ok := realprom.Series{Name: "shop_requests_total", Labels: map[string]string{"region": region, "code": "200"}}
		failed := realprom.Series{Name: "shop_requests_total", Labels: map[string]string{"region": region, "code": "500"}}
		sums, good, bad := make([]float64, len(below)), 0.0, 0.0
		for i := -past; i <= after; i++ {
			at := live.Add(time.Duration(i) * time.Minute)
			slow, fails := 0.15*math.Sin(float64(i)/37)+0.02*rng.NormFloat64(), 0.01
			if i > 0 {
				slow += 0.5 // whoever one depends on
				if region == "eu" {
					slow, fails = slow+0.5, 0.03
				}
			}
			n := math.Round(600 * (1 + 0.05*rng.NormFloat64()))
			for j, b := range below {
				share := b.share
				if share < 1 {
					share = math.Pow(share, math.Exp(slow)) // slower: fewer below each bound
				}
				sums[j] += math.Round(n * share)
				buckets[j].Samples = append(buckets[j].Samples, realprom.Sample{At: at, V: sums[j]})
			}
			k := math.Round(n*fails + math.Sqrt(n*fails)*rng.NormFloat64())
			good, bad = good+n-k, bad+math.Max(k, 0)
			ok.Samples = append(ok.Samples, realprom.Sample{At: at, V: good})
			failed.Samples = append(failed.Samples, realprom.Sample{At: at, V: bad})
		}
		out = append(append(out, buckets...), ok, failed)
	}
	return out
}

func TestARegionAgainstTheOthersInARealPrometheus(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	const after = 60
	now := time.Now().UTC().Truncate(time.Minute)
	live := now.Add(-after * time.Minute)
	if err := srv.Write(t.Context(), regional(live, after)...); err != nil {
		t.Fatal(err)
	}
	p, err := measure.NewPrometheus("main", measure.Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Looks.Past = 47 * time.Hour
	region := config.Control{Label: "region"}
	cfg.Services = map[string]config.Service{"shop": {Metrics: []config.Metric{
		{Name: "p90", Role: "latency", Unit: "s", Provider: "main", Quantile: 0.9, Histogram: "shop_seconds", Control: region},
		{Name: "errors", Role: "errors", Unit: "%", Provider: "main", Control: region, Errors: `sum(rate(shop_requests_total{code=~"5.."}[5m]))`, Requests: "sum(rate(shop_requests_total[5m]))"},
		{Name: "traffic", Role: "traffic", Unit: "/s", Provider: "main", Query: "sum(rate(shop_requests_total[5m]))", Control: config.Control{Query: `sum by (region) (rate(shop_requests_total{region!="eu"}[5m]))`}},
	}}}
	l := loop.New(loop.Options{Config: cfg, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Sources: loop.Telemetry{"main": p}})
	examine := func(names ...string) []debrief.Verdict {
		t.Helper()
		found := l.Examine(t.Context(), loop.Exam{Service: "shop", Config: cfg.Services["shop"], Names: names, Exposed: live, From: live, To: now, Number: 2, Final: true})
		if len(found.Blind) > 0 || len(found.Verdicts) != 3 {
			t.Fatalf("%+v", found)
		}
		return found.Verdicts
	}
	for _, v := range examine("v2", "eu") {
		v.Trace = debrief.Trace{}
		switch v.Metric {
		case "p90":
			if v.Word != debrief.Worse || v.Beside != "2 other regions" || v.Effect < 0.1 {
				t.Errorf("%+v", v)
			}
		case "errors":
			if v.Word != debrief.Worse || math.Abs(v.Effect-2) > 0.7 {
				t.Errorf("%+v", v)
			}
		case "traffic":
			if v.Word == debrief.Changed {
				t.Errorf("%+v", v)
			}
		}
	}
	// The same moment for us: what moved it moved ap too (and eu more).
	for _, v := range examine("v2", "us") {
		if v.Metric == "p90" && v.Word == debrief.Worse {
			t.Errorf("us is called worse for what moved all: %s %q", v.Sentence, v.Warnings)
		}
	}
}
