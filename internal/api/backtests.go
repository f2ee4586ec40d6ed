package api

import (
	"context"
	"math"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// Limits of one backtest.
const (
	maxBacktestMetrics = 500
	maxBacktestLooks   = 20
	maxBacktestText    = 1 << 10
)

// Kept answers a backtest that was sent.
type Kept struct {
	Service string `json:"service"`
	URL     string `json:"url"`
}

type keptOut struct {
	Status int
	Body   Kept
}

func (a *API) backtestRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/backtests", id: "keep-backtest", tag: "services", status: http.StatusCreated, body: debrief.Backtest{},
		summary: "Keep what debrief backtest measured", describe: "The latest one of a service is kept, and shown on its page.",
	}, func(ctx context.Context, in *request) (*keptOut, error) {
		body, err := in.jsonBody(maxBody)
		if err != nil {
			return nil, err
		}
		var b debrief.Backtest
		masked, ok := maskJSON(body) // a provider's error may hold a login
		if !ok {
			return nil, debrief.Errorf(debrief.Invalid, "", "not JSON")
		}
		if err := strict(masked, &b); err != nil {
			return nil, err
		}
		if err := a.checkBacktest(b); err != nil {
			return nil, err
		}
		var id string
		err = a.store.Update(ctx, func(tx *store.Tx) error {
			sv, err := tx.Service(b.Service, false)
			if err != nil {
				return err
			}
			id = sv.ID
			return tx.SaveBacktest(sv.ID, b)
		})
		if err != nil {
			return nil, err
		}
		return &keptOut{http.StatusCreated, Kept{Service: id, URL: a.page(in.r, "/services/"+id)}}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/services/{id}/backtest", id: "get-backtest", tag: "services",
		summary: "What made-up releases on the service's own past showed, the latest measured",
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	},
	) (*out[debrief.Backtest], error) {
		id, err := a.names.resolve(ctx, a, in.ID)
		if err != nil {
			return nil, err
		}
		b, found, err := a.store.Backtest(ctx, id)
		if err == nil && !found {
			err = debrief.Errorf(debrief.NotFound, "id", "no backtest of %q is kept", clipName(in.ID)).WithHint("make one with: debrief backtest --service %s --days 14", clipName(in.ID))
		}
		return &out[debrief.Backtest]{b}, err
	})
}

// checkBacktest names the first thing that is wrong: pages will show it.
func (a *API) checkBacktest(b debrief.Backtest) error {
	wrong := func(field, format string, args ...any) error {
		return debrief.Errorf(debrief.Invalid, field, format, args...)
	}
	share := func(x float64) bool { return x >= 0 && x <= 1 }
	switch {
	case debrief.Slug(b.Service) == "" || len(b.Service) > 100:
		return wrong("service", "missing, or not 1 to 100 characters with a letter or digit")
	case b.Measured.IsZero() || b.From.IsZero() || !b.To.After(b.From):
		return wrong("measured_at", "measured_at, and from before to, are needed")
	case b.Measured.After(a.now().Add(ahead)):
		return wrong("measured_at", "future-dated")
	case b.Releases < 1 || b.Releases > 1e6 || b.False < 0 || b.False > b.Releases || b.Avoided < 0:
		return wrong("releases", "the counts do not fit each other")
	case !share(b.FalseLow) || !share(b.FalseHigh):
		return wrong("false_low", "a share is from 0 to 1")
	case len(b.Metrics) == 0 || len(b.Metrics) > maxBacktestMetrics || len(b.Warnings) > maxBacktestLooks:
		return wrong("metrics", "1 to %d metrics are needed", maxBacktestMetrics)
	}
	for i, m := range b.Metrics {
		at := "metrics." + strconv.Itoa(i)
		switch {
		case m.Metric == "" || len(m.Metric) > maxBacktestText || len(m.Problem) > 4*maxBacktestText || len(m.Unit) > 100:
			return wrong(at+".metric", "missing, or something is longer than %d bytes", maxBacktestText)
		case len(m.Looks) > maxBacktestLooks || m.False < 0 || m.Releases < 0 || m.False > m.Releases || !share(m.FalseLow) || !share(m.FalseHigh):
			return wrong(at+".false", "the counts do not fit each other")
		}
		for j, l := range m.Looks {
			if l.After <= 0 || l.Taken < 0 || l.False < 0 || l.False > l.Taken || l.Blind() < 0 || l.Blind() > l.Taken || l.Found < 0 || l.Found > l.Planted || !(l.Seen >= 0) || math.IsInf(l.Seen, 0) {
				return wrong(at+".looks."+strconv.Itoa(j), "the counts do not fit each other")
			}
		}
	}
	return nil
}
