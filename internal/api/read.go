package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// out is an answer with a body.
type out[T any] struct{ Body T }

type none struct{}

// Previous answers what ran before.
type Previous struct {
	Found   bool   `json:"found"`
	ID      string `json:"id,omitempty"`
	Version string `json:"version,omitempty"`
	Commit  string `json:"commit,omitempty"`
}

// Services lists services.
type Services struct {
	Services []debrief.Service `json:"services"`
}

// OneService is a service, with how well debrief notices in it.
type OneService struct {
	debrief.Service
	Noticed      int `json:"noticed" doc:"Surprises noticed so far"`
	NothingThere int `json:"nothing_there" doc:"How many of them were answered with: nothing there"`
}

// Hits are a search's answers, best first.
type Hits struct {
	Hits []store.Hit `json:"hits"`
}

// Messages are what debrief said, or tried to say, to the outside.
type Messages struct {
	Messages []debrief.Message `json:"messages"`
}

// Answered is the body of an answer to a surprise.
type Answered struct {
	Answer debrief.Answer `json:"answer" enum:"expected,surprising,not ours,nothing there"`
}

func (a *API) readRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/deployments/previous", id: "previous-deployment", tag: "deployments",
		summary: "What was last deployed successfully to an environment",
	}, func(ctx context.Context, in *struct {
		Service     string `query:"service" required:"true" minLength:"1"`
		Environment string `query:"environment" required:"true" minLength:"1"`
		Target      string `query:"target"`
	},
	) (*out[Previous], error) {
		service, err := a.names.resolve(ctx, a, in.Service)
		if err != nil {
			return nil, err
		}
		d, found, err := a.store.Previous(ctx, service, in.Environment, in.Target)
		if err != nil && debrief.KindOf(err) != debrief.NotFound {
			return nil, err
		}
		return &out[Previous]{Previous{Found: found, ID: d.ID, Version: d.Version, Commit: d.Commit}}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/services", id: "list-services", tag: "services", summary: "The services debrief knows",
	}, func(ctx context.Context, _ *none) (*out[Services], error) {
		ss, err := a.store.Services(ctx)
		if err != nil {
			return nil, err
		}
		return &out[Services]{Services{Services: notNil(ss)}}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/services/{id}", id: "get-service", tag: "services", summary: "One service, by its id, name or alias",
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	},
	) (*out[OneService], error) {
		ss, err := a.store.Services(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range ss {
			if s.ID == in.ID || strings.EqualFold(s.Name, in.ID) || containsFold(s.Aliases, in.ID) {
				n, err := a.store.Noticed(ctx, s.ID)
				if err != nil {
					return nil, err
				}
				return &out[OneService]{OneService{Service: s, Noticed: n.Noticed, NothingThere: n.NothingThere}}, nil
			}
		}
		return nil, debrief.Errorf(debrief.NotFound, "id", "there is no service %q", clipName(in.ID)).WithHint("GET /api/v1/services lists them")
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/search", id: "search", tag: "search", summary: "Search releases, changes and surprises",
	}, func(ctx context.Context, in *struct {
		Q     string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"Words"`
		Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	},
	) (*out[Hits], error) {
		hits, err := a.store.Search(ctx, in.Q, in.Limit)
		if err != nil {
			return nil, err
		}
		return &out[Hits]{Hits{Hits: notNil(hits)}}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/messages", id: "list-messages", tag: "messages",
		summary: "What debrief said to the outside, newest first", describe: "A message whose outcome is unknown is unresolved; it is not sent again by itself.",
	}, func(ctx context.Context, in *struct {
		State []debrief.MessageState `query:"state" enum:"waiting,sending,sent,failed,unresolved" doc:"Only these, with commas"`
		Limit int                    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
	},
	) (*out[Messages], error) {
		ms, err := a.store.Messages(ctx, in.State, in.Limit)
		if err != nil {
			return nil, err
		}
		return &out[Messages]{Messages{Messages: notNil(ms)}}, nil
	})
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/messages/resolve", id: "resolve-message", tag: "messages", body: Resolved{},
		summary: "A person's word on a message that is unresolved or failed: it arrived, or it is to be sent again",
	}, func(ctx context.Context, in *newDebrief) (*out[debrief.Message], error) {
		var said Resolved
		if err := in.strict(&said); err != nil {
			return nil, err
		}
		if said.As != "arrived" && said.As != "again" {
			return nil, debrief.Errorf(debrief.Invalid, "as", "%q is neither arrived nor again", clipName(said.As))
		}
		m, err := a.store.ResolveMessage(ctx, said.Key, said.As == "arrived")
		return &out[debrief.Message]{m}, err
	})
}

// Resolved is a person's word on one message.
type Resolved struct {
	Key string `json:"key"`
	As  string `json:"as" doc:"arrived or again"`
}

func containsFold(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}

// notNil makes an empty list [] and not null.
func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
