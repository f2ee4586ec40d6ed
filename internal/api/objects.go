package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// Incidents is one page of incidents, newest first.
type Incidents struct {
	Incidents []debrief.Incident `json:"incidents"`
	Next      string             `json:"next" doc:"The cursor for ?before= of the following page; empty on the last one"`
}

// Tickets is one page of tickets, newest first.
type Tickets struct {
	Tickets []debrief.Ticket `json:"tickets"`
	Next    string           `json:"next" doc:"The cursor for ?before= of the following page; empty on the last one"`
}

type objectsIn struct {
	Service string    `query:"service" doc:"Its id, name or alias"`
	From    time.Time `query:"from" doc:"Only what began then or later"`
	To      time.Time `query:"to" doc:"Only what began before"`
	Open    bool      `query:"open" doc:"Only what still runs"`
	Limit   int       `query:"limit" minimum:"1" maximum:"1000" default:"50"`
	Before  string    `query:"before" maxLength:"200" doc:"The \"next\" of the page before"`
}

func (in objectsIn) filter() store.ObjectFilter {
	return store.ObjectFilter{Service: in.Service, From: in.From, To: in.To, Open: in.Open, Limit: in.Limit, Before: in.Before}
}

func (a *API) objectRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/incidents", id: "list-incidents", tag: "incidents", summary: "Incidents and alerts, newest first",
		describe: "Each with every fact and who said it. With ?service=, those that mention it too.",
	}, func(ctx context.Context, in *objectsIn) (*out[Incidents], error) {
		list, next, err := a.store.Incidents(ctx, in.filter())
		if err != nil {
			return nil, err
		}
		return &out[Incidents]{Incidents{Incidents: notNil(list), Next: next}}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/incidents/{id}", id: "get-incident", tag: "incidents", summary: "One incident, also by an id it had before",
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	},
	) (*out[debrief.Incident], error) {
		i, err := a.store.Incident(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &out[debrief.Incident]{i}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/tickets", id: "list-tickets", tag: "tickets", summary: "Support tickets and issues, newest first",
	}, func(ctx context.Context, in *objectsIn) (*out[Tickets], error) {
		list, next, err := a.store.Tickets(ctx, in.filter())
		if err != nil {
			return nil, err
		}
		return &out[Tickets]{Tickets{Tickets: notNil(list), Next: next}}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/tickets/{id}", id: "get-ticket", tag: "tickets", summary: "One ticket, also by an id it had before",
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	},
	) (*out[debrief.Ticket], error) {
		t, err := a.store.Ticket(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &out[debrief.Ticket]{t}, nil
	})
}
