package loop

import (
	"context"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/store"
)

// DeliveryReader is what metrics and questions are read from.
type DeliveryReader interface {
	Facts(ctx context.Context, f store.FactFilter) ([]debrief.ReleaseFacts, string, error)
	LatestFact(ctx context.Context, service, environment string) (env string, sample, found bool, err error)
	Flips(ctx context.Context, service string, from, to time.Time, limit int) ([]debrief.Change, error)
	Waiting(ctx context.Context, service, environment, releaseID string, limit int) ([]debrief.Change, error)
}

// MetricsAsk is which metrics are wanted.
type MetricsAsk struct {
	Service     string // its id
	Environment string // empty: that of its latest release
	By          string // day, week, month; empty: week
	Periods     int    // how many, the current one among them; 0: 13 weeks, 30 days, 12 months
	Bots        bool
	Events      bool
	Rollbacks   bool   // count rollbacks among the deployments that may fail
	Rework      string // "with rollbacks", "without rollbacks"; empty: as configured
}

const (
	mostPeriods  = 120
	mostFlips    = 1000
	mostWaiting  = 200
	askedWeeks   = 78 // how far back questions look
	factsAtOnce  = 10000
	gapsReachFor = 92 * 24 * time.Hour // how long before the window a release may lie that a gap begins with
)

// input loads what metrics are worked out from; from and to are the window.
func (q MetricsAsk) input(ctx context.Context, r DeliveryReader, cfg config.Config, now time.Time, loc *time.Location, by delivery.By, n int, before time.Duration) (delivery.MetricsInput, error) {
	in := delivery.MetricsInput{Now: now, Location: loc, Settings: delivery.Settings{
		By: by, Bots: q.Bots || cfg.Metrics.Bots, Events: q.Events, CountRollbacks: q.Rollbacks, ReworkRollbacks: cfg.Metrics.ReworkRollbacks,
	}}
	switch q.Rework {
	case "":
	case "with rollbacks", "without rollbacks":
		in.Settings.ReworkRollbacks = q.Rework == "with rollbacks"
	default:
		return in, debrief.Errorf(debrief.Invalid, "rework", "%q is no reading of rework", q.Rework).WithHint("known are: with rollbacks, without rollbacks")
	}
	in.From, in.To = by.Window(now, n, loc)
	env, sample, found, err := r.LatestFact(ctx, q.Service, q.Environment)
	if err != nil || !found {
		return in, err
	}
	f := store.FactFilter{Service: q.Service, Environment: env, From: in.From.Add(-before), To: in.To, Sample: &sample, Limit: factsAtOnce}
	for {
		fs, next, err := r.Facts(ctx, f)
		if err != nil {
			return in, err
		}
		in.Facts = append(in.Facts, fs...)
		if f.After = next; next == "" {
			break
		}
	}
	flips, err := r.Flips(ctx, q.Service, in.From, in.To, mostFlips)
	if err != nil {
		return in, err
	}
	for _, c := range flips {
		if c.Environment == "" || c.Environment == env {
			in.Events = append(in.Events, c)
		}
	}
	return in, nil
}

// Metrics are the five metrics of one service.
func Metrics(ctx context.Context, r DeliveryReader, cfg config.Config, now time.Time, loc *time.Location, q MetricsAsk) (delivery.Metrics, error) {
	by, err := delivery.ParseBy(q.By)
	if err != nil {
		return delivery.Metrics{}, err
	}
	if q.Periods < 0 || q.Periods > mostPeriods {
		return delivery.Metrics{}, debrief.Errorf(debrief.Invalid, "periods", "%d is not from 1 to %d", q.Periods, mostPeriods)
	}
	n := q.Periods
	if n == 0 {
		n = map[delivery.By]int{delivery.ByDay: 30, delivery.ByWeek: 13, delivery.ByMonth: 12}[by]
	}
	in, err := q.input(ctx, r, cfg, now, loc, by, n, gapsReachFor)
	if err != nil {
		return delivery.Metrics{}, err
	}
	for _, f := range slices.Backward(in.Facts) {
		if f.Kind == debrief.ReleaseNew {
			if in.Waiting, err = r.Waiting(ctx, q.Service, f.Environment, f.ReleaseID, mostWaiting); err != nil {
				return delivery.Metrics{}, err
			}
			break
		}
	}
	m := delivery.Of(in)
	m.Service = q.Service
	if m.Environment == "" {
		m.Environment = q.Environment
	}
	return m, nil
}

// Questions are what moved in a service's history, taken apart.
func Questions(ctx context.Context, r DeliveryReader, cfg config.Config, now time.Time, loc *time.Location, q MetricsAsk) (delivery.QuestionSet, error) {
	in, err := q.input(ctx, r, cfg, now, loc, delivery.ByWeek, askedWeeks+1, 0)
	if err != nil {
		return delivery.QuestionSet{}, err
	}
	a := delivery.Ask(in)
	a.Service = q.Service
	if a.Environment == "" {
		a.Environment = q.Environment
	}
	return a, nil
}

// AllReader is what the questions of several services are read from.
type AllReader interface {
	DeliveryReader
	Releases(ctx context.Context, f store.Filter) (rs []debrief.Release, next string, err error)
	Services(ctx context.Context) ([]debrief.Service, error)
}

// recently is within which time a service must have released to be asked about
// in a list of several.
const recently = 90 * 24 * time.Hour

// AllQuestions are the questions of the services that released last, each by
// itself; left is how many were not looked at.
func AllQuestions(ctx context.Context, r AllReader, cfg config.Config, now time.Time, loc *time.Location, most int) (qs []debrief.Question, looked, left int, err error) {
	services, err := r.Services(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	known := map[string]bool{}
	for _, s := range services {
		known[s.ID] = true
	}
	// The latest releases name the services that are alive, without asking each.
	var order []string
	seen := map[string]bool{}
	f := store.Filter{From: now.Add(-recently), Limit: 1000}
	for range 10 {
		rs, next, err := r.Releases(ctx, f)
		if err != nil {
			return nil, 0, 0, err
		}
		for _, x := range rs {
			if !seen[x.Service] && known[x.Service] {
				seen[x.Service] = true
				order = append(order, x.Service)
			}
		}
		if f.Before = next; next == "" || len(order) >= most {
			break
		}
	}
	for i, id := range order {
		if i == most {
			break
		}
		a, err := Questions(ctx, r, cfg, now, loc, MetricsAsk{Service: id})
		if err != nil {
			return nil, 0, 0, err
		}
		qs = append(qs, a.Questions...)
		looked++
	}
	slices.SortStableFunc(qs, func(a, b debrief.Question) int { return b.Since.Compare(a.Since) })
	return qs, looked, len(known) - looked, nil
}
