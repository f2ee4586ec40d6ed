package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// Releases is one page of releases, newest first.
type Releases struct {
	Releases []debrief.Release `json:"releases"`
	Next     string            `json:"next" doc:"The cursor for ?before= of the following page; empty on the last one"`
}

type answerIn struct {
	request
	ID string `path:"id" doc:"The surprise's id"`
}

func (a *API) releaseRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/releases", id: "list-releases", tag: "releases", summary: "Releases, newest first, with what their looks found",
	}, func(ctx context.Context, in *struct {
		Service     string `query:"service" doc:"Its id, name or alias"`
		Environment string `query:"environment"`
		Limit       int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
		Before      string `query:"before" maxLength:"200" doc:"The \"next\" of the page before"`
	},
	) (*out[Releases], error) {
		rs, next, err := a.store.Releases(ctx, store.Filter{Service: in.Service, Environment: in.Environment, Limit: in.Limit, Before: in.Before})
		if err != nil {
			return nil, err
		}
		return &out[Releases]{Releases{Releases: notNil(rs), Next: next}}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/releases/{id}", id: "get-release", tag: "releases",
		summary:  "A release's whole story",
		describe: "By its id or any of its deployments' ids; \"latest\" is the newest one, of ?service= where given.",
	}, func(ctx context.Context, in *struct {
		ID      string `path:"id"`
		Service string `query:"service" doc:"With latest: whose"`
	},
	) (*out[debrief.Story], error) {
		id := in.ID
		if id == "latest" {
			var err error
			if id, err = a.store.LatestRelease(ctx, in.Service); err != nil {
				return nil, err
			}
			if id == "" {
				return nil, debrief.Errorf(debrief.NotFound, "id", "there is no release yet").
					WithHint("record one with: debrief deploy --service NAME --env production -- COMMAND")
			}
		}
		s, err := a.store.Story(ctx, id)
		if err != nil {
			return nil, err
		}
		return &out[debrief.Story]{s}, nil
	})
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/surprises/{id}/answer", id: "answer-surprise", tag: "surprises", body: Answered{},
		summary:  "Answer a surprise",
		describe: "expected, surprising, not ours, or nothing there. Only the last counts against debrief's own precision.",
	}, func(ctx context.Context, in *answerIn) (*out[debrief.Surprise], error) {
		answer, err := readAnswer(&in.request)
		if err != nil {
			return nil, err
		}
		s, err := a.store.Answer(ctx, in.ID, answer, a.now())
		if err != nil {
			return nil, err
		}
		return &out[debrief.Surprise]{s}, nil
	})
}

func readAnswer(in *request) (debrief.Answer, error) {
	body, err := in.jsonBody(maxBody)
	if err != nil {
		return "", err
	}
	ms, err := members(body)
	if err != nil {
		return "", err
	}
	var said string
	for _, m := range ms {
		if m.name != "answer" {
			return "", debrief.Errorf(debrief.Invalid, clipName(m.name), "unknown field").WithHint("known fields: answer")
		}
		if err := json.Unmarshal(m.value, &said); err != nil {
			return "", debrief.Errorf(debrief.Invalid, "answer", "must be a text")
		}
	}
	var known []string
	for _, answer := range debrief.Answers() {
		if said == string(answer) {
			return answer, nil
		}
		known = append(known, string(answer))
	}
	return "", debrief.Errorf(debrief.Invalid, "answer", "%q is not an answer", clipName(said)).WithHint("known answers: %s", strings.Join(known, ", "))
}
