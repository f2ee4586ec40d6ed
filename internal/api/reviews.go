package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
)

// Reviews are the months that were looked back on, the latest first.
type Reviews struct {
	Reviews []debrief.Review `json:"reviews"`
	Next    string           `json:"next" doc:"The month for ?before= of the following page; empty on the last one"`
}

func (a *API) reviewRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/reviews", id: "list-reviews", tag: "reviews", summary: "The months that were looked back on, as it was said then, the latest first", plain: true,
	}, func(ctx context.Context, in *struct {
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"12"`
		Before string `query:"before" maxLength:"7" doc:"Only months before this one, as in 2026-10"`
	},
	) (*out[Reviews], error) {
		list, err := a.store.Reviews(ctx, "", in.Before, in.Limit+1)
		if err != nil {
			return nil, err
		}
		page := Reviews{Reviews: notNil(list)}
		if len(list) > in.Limit {
			page.Reviews = list[:in.Limit]
			page.Next = page.Reviews[in.Limit-1].Month
		}
		return &out[Reviews]{page}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/reviews/{month}", id: "get-review", tag: "reviews", plain: true, summary: "A month looked back on: at most five findings, those first that acting on would save most",
		describe: "As it was kept after the month; where it was not, and with ?again=true or ?service=, reckoned from what is known now. Releases are never compared by team or person.",
	}, func(ctx context.Context, in *struct {
		Month   string `path:"month" maxLength:"7" doc:"As in 2026-10"`
		Service string `query:"service" maxLength:"200" doc:"Only this service: its id, name or alias"`
		Again   bool   `query:"again" doc:"Reckon it anew, also where it was kept"`
	},
	) (*out[debrief.Review], error) {
		r, err := a.reviewer.Review(ctx, in.Month, in.Service, in.Again)
		if err != nil {
			return nil, err
		}
		return &out[debrief.Review]{r}, nil
	})
}
