package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/loop"
)

// Attributions are those a person is asked about, newest first.
type Attributions struct {
	Attributions []debrief.Attribution `json:"attributions"`
}

// Blamed is the body that answers an attribution.
type Blamed struct {
	Answer string `json:"answer" doc:"A release's id or version, a flag or another change (id or a part of its title), or \"not a deployment\""`
	Note   string `json:"note,omitempty" doc:"Why, in a sentence"`
}

type blameIn struct {
	request
	ID string `path:"id" doc:"The incident's id, or that of the rollback, hotfix or revert"`
}

func (a *API) attributionRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/attributions", id: "list-asked", tag: "incidents", summary: "What a person is asked: which change it came from",
		describe: "The open questions, newest first, of all services or of one.",
	}, func(ctx context.Context, in *struct {
		Service string `query:"service" doc:"Its id, name or alias"`
		Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
	},
	) (*out[Attributions], error) {
		list, err := a.store.Asked(ctx, in.Service, in.Limit)
		if err != nil {
			return nil, err
		}
		return &out[Attributions]{Attributions{notNil(list)}}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/attributions/accuracy", id: "attribution-accuracy", tag: "incidents", summary: "How often attribution was right, how often it asked, and its weights",
	}, func(ctx context.Context, _ *struct{}) (*out[delivery.Accuracy], error) {
		acc, err := loop.Accuracy(ctx, a.store)
		if err != nil {
			return nil, err
		}
		return &out[delivery.Accuracy]{acc}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/attributions/{id}", id: "get-attribution", tag: "incidents", summary: "Which change an incident, a rollback, a hotfix or a revert may have come from",
		describe: "Candidates with their reasons, the likeliest first, and what follows from them.",
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	},
	) (*out[debrief.Attribution], error) {
		found, ok, err := a.store.Attribution(ctx, in.ID)
		if err == nil && !ok {
			err = debrief.Errorf(debrief.NotFound, "id", "nothing is attributed under %q", in.ID)
		}
		if err != nil {
			return nil, err
		}
		return &out[debrief.Attribution]{found}, nil
	})
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/attributions/{id}/answer", id: "answer-attribution", tag: "incidents", body: Blamed{},
		summary:  "Say which change it came from",
		describe: "The answer stands until it is taken back, and decides which releases count as failed.",
	}, func(ctx context.Context, in *blameIn) (*out[debrief.Attribution], error) {
		b, err := readBlamed(&in.request)
		if err != nil {
			return nil, err
		}
		done, err := a.store.Correct(ctx, in.ID, b.Answer, b.Note, a.now())
		if err != nil {
			return nil, err
		}
		return &out[debrief.Attribution]{done}, nil
	})
	register(a, h, operation{
		method: http.MethodDelete, path: "/api/v1/attributions/{id}/answer", id: "take-answer-back", tag: "incidents",
		summary: "Take the latest answer back: the one before stands again, or none does",
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	},
	) (*out[debrief.Attribution], error) {
		done, err := a.store.Uncorrect(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &out[debrief.Attribution]{done}, nil
	})
}

// longestNote bounds why a person says so.
const longestNote = 500

func readBlamed(in *request) (b Blamed, err error) {
	body, err := in.jsonBody(maxBody)
	if err != nil {
		return b, err
	}
	ms, err := members(body)
	if err != nil {
		return b, err
	}
	for _, m := range ms {
		var to *string
		switch m.name {
		case "answer":
			to = &b.Answer
		case "note":
			to = &b.Note
		default:
			return b, debrief.Errorf(debrief.Invalid, clipName(m.name), "unknown field").WithHint("known fields: answer, note")
		}
		if err := json.Unmarshal(m.value, to); err != nil {
			return b, debrief.Errorf(debrief.Invalid, m.name, "must be a text")
		}
	}
	switch {
	case b.Answer == "":
		return b, debrief.Errorf(debrief.Invalid, "answer", "missing").WithHint("a release's id or version, a flag, or %q", debrief.NotADeployment)
	case len(b.Answer) > longestNote || len(b.Note) > longestNote:
		return b, debrief.Errorf(debrief.Invalid, "note", "longer than %d bytes", longestNote)
	}
	b.Note = debrief.Mask(b.Note)
	return b, nil
}
