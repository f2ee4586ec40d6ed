package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/loop"
)

// AllQuestions are what moved in several services.
type AllQuestions struct {
	Questions []debrief.Question `json:"questions"`
	Services  int                `json:"services"` // looked at
	LeftOut   int                `json:"left_out"` // services that were not
}

// metricsIn is which metrics are wanted.
type metricsIn struct {
	ID          string `path:"id"`
	Environment string `query:"environment" maxLength:"200" doc:"Empty: that of its latest release"`
	By          string `query:"by" maxLength:"20" doc:"day, week or month, in the team's calendar and time zone"`
	Periods     int    `query:"periods" minimum:"0" maximum:"120" doc:"How many, the current one among them; 0: 30 days, 13 weeks, 12 months"`
	Bots        bool   `query:"bots" doc:"Count dependency bots' changes in the lead time's median"`
	Events      bool   `query:"events" doc:"Count flag flips, configuration edits and steps by hand in the frequency"`
	Rollbacks   bool   `query:"rollbacks" doc:"Count rollbacks among the deployments that may fail"`
	Rework      string `query:"rework" maxLength:"20" doc:"\"with rollbacks\" or \"without rollbacks\"; empty: as configured"`
}

// mostAsked bounds the services one list of questions is worked out for.
const mostAsked = 50

func (a *API) deliveryRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/services/{id}/metrics", id: "get-metrics", tag: "metrics", plain: true,
		summary:  "The five delivery metrics of one service, with every deployment and the rule that put it where it is",
		describe: "Lists, medians and 95 % intervals; never means. There are no targets, bands, scores or comparisons, and no parameter asks for them.",
	}, func(ctx context.Context, in *metricsIn) (*out[delivery.Metrics], error) {
		sv, err := a.knownService(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		m, err := loop.Metrics(ctx, a.store, a.config, a.now(), a.location(), loop.MetricsAsk{
			Service: sv.ID, Environment: in.Environment, By: in.By, Periods: in.Periods, Bots: in.Bots, Events: in.Events, Rollbacks: in.Rollbacks, Rework: in.Rework,
		})
		if err != nil {
			return nil, err
		}
		return &out[delivery.Metrics]{m}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/services/{id}/questions", id: "get-questions", tag: "metrics", plain: true,
		summary: "What moved in one service's history, taken apart, with one question each",
	}, func(ctx context.Context, in *struct {
		ID          string `path:"id"`
		Environment string `query:"environment" maxLength:"200" doc:"Empty: that of its latest release"`
	},
	) (*out[delivery.QuestionSet], error) {
		sv, err := a.knownService(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		q, err := loop.Questions(ctx, a.store, a.config, a.now(), a.location(), loop.MetricsAsk{Service: sv.ID, Environment: in.Environment})
		if err != nil {
			return nil, err
		}
		return &out[delivery.QuestionSet]{q}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/questions", id: "list-questions", tag: "metrics", plain: true,
		summary: "What moved lately, service by service, the newest first", describe: "The services that released last are looked at, at most 50: each by itself, none beside another.",
	}, func(ctx context.Context, _ *none) (*out[AllQuestions], error) {
		q, n, left, err := loop.AllQuestions(ctx, a.store, a.config, a.now(), a.location(), mostAsked)
		if err != nil {
			return nil, err
		}
		return &out[AllQuestions]{AllQuestions{Questions: notNil(q), Services: n, LeftOut: left}}, nil
	})
}

// knownService finds a service by its id, name or alias.
func (a *API) knownService(ctx context.Context, name string) (debrief.Service, error) {
	id, err := a.names.resolve(ctx, a, name)
	if err != nil {
		return debrief.Service{}, err
	}
	ss, err := a.store.Services(ctx)
	for _, s := range ss {
		if s.ID == id {
			return s, err
		}
	}
	if err == nil {
		err = debrief.Errorf(debrief.NotFound, "id", "there is no service %q", clipName(name)).WithHint("GET /api/v1/services lists them")
	}
	return debrief.Service{}, err
}

// location is the team's time zone.
func (a *API) location() *time.Location {
	loc, err := time.LoadLocation(a.config.TimeZone)
	if err != nil {
		return time.UTC // the configuration is refused where it names another; tests may leave it empty
	}
	return loc
}
