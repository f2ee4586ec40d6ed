package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief/internal/loop"
)

// SourceList lists sources.
type SourceList struct {
	Sources []loop.SourceState `json:"sources"`
}

// Asked answers who wants deliveries parsed again.
type Asked struct {
	Source string `json:"source"`
	Kept   int    `json:"kept" doc:"Deliveries there are; those whose payload is still kept are parsed again, dead letters included"`
}

func (a *API) sourceRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/sources", id: "list-sources", tag: "sources",
		summary: "Sources: how each is set up, what came, and what became of it",
	}, func(ctx context.Context, _ *none) (*out[SourceList], error) {
		a.refused.flush(ctx, a)
		list, err := loop.Sources(ctx, a.store, a.config)
		return &out[SourceList]{SourceList{Sources: notNil(list)}}, err
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/sources/{source}", id: "get-source", tag: "sources",
		summary: "One source, with its newest deliveries of each state, masked",
	}, func(ctx context.Context, in *struct {
		Source string `path:"source"`
		Each   int    `query:"each" minimum:"1" maximum:"100" default:"20" doc:"How many of each state"`
	},
	) (*out[loop.SourceState], error) {
		a.refused.flush(ctx, a)
		s, err := loop.Source(ctx, a.store, a.config, in.Source, in.Each)
		return &out[loop.SourceState]{s}, err
	})
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/sources/{source}/parse-again", id: "parse-again", tag: "sources", status: http.StatusAccepted,
		summary:  "Parse a source's kept deliveries again, dead letters included",
		describe: "For after an upgrade. What is told alike stays as it is; what is told otherwise is replaced. Asking twice changes nothing.",
	}, func(ctx context.Context, in *struct {
		Source string `path:"source"`
	},
	) (*out[Asked], error) {
		s, err := loop.Source(ctx, a.store, a.config, in.Source, 1)
		if err != nil {
			return nil, err
		}
		if err := a.store.ParseAgain(ctx, in.Source); err != nil {
			return nil, err
		}
		return &out[Asked]{Asked{Source: in.Source, Kept: s.Open + s.Accepted + s.Ignored + s.Rejected + s.Dead}}, nil
	})
}
