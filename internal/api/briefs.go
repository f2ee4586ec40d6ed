package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// Limits of what a brief is asked with.
const (
	maxBriefPaths  = 5000
	maxBriefTitles = 1000
	maxBriefWords  = 200
	maxBriefName   = 500
)

// Briefed answers a brief that was asked for.
type Briefed struct {
	debrief.Brief
	URL string `json:"url"`
}

type briefedOut struct {
	Status int
	Body   Briefed
}

// KeptBriefs is a list of briefs, newest first.
type KeptBriefs struct {
	Briefs []store.KeptBrief `json:"briefs"`
}

func (a *API) briefRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/briefs", id: "make-brief", tag: "briefs", status: http.StatusCreated, body: debrief.Upcoming{},
		summary:  "What past releases like a change about to ship taught",
		describe: "The change is told by its facts: paths, sizes, titles of commits. Without kinds, they follow from the paths. Asking again about the same head gives the same brief, said anew.",
	}, func(ctx context.Context, in *request) (*briefedOut, error) {
		body, err := in.jsonBody(maxBody)
		if err != nil {
			return nil, err
		}
		masked, ok := maskJSON(body)
		if !ok {
			return nil, debrief.Errorf(debrief.Invalid, "", "not JSON")
		}
		var c debrief.Upcoming
		if err := strict(masked, &c); err != nil {
			return nil, err
		}
		if err := checkUpcoming(c); err != nil {
			return nil, err
		}
		if c.Service, err = a.names.resolve(ctx, a, c.Service); err != nil {
			return nil, err
		}
		b, err := a.briefs.Make(ctx, c)
		if err != nil {
			return nil, err
		}
		return &briefedOut{http.StatusCreated, Briefed{Brief: b, URL: a.page(in.r, "/briefs/"+b.ID)}}, nil
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/briefs/{id}", id: "get-brief", tag: "briefs", summary: "One brief, and what became of what it foretold",
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	},
	) (*out[store.KeptBrief], error) {
		b, err := a.briefs.One(ctx, in.ID)
		return &out[store.KeptBrief]{b}, err
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/briefs", id: "list-briefs", tag: "briefs", summary: "A service's briefs, newest first",
	}, func(ctx context.Context, in *struct {
		Service string `query:"service" required:"true" minLength:"1" doc:"Its id, name or alias"`
		Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
	},
	) (*out[KeptBriefs], error) {
		bs, err := a.briefs.List(ctx, in.Service, in.Limit)
		return &out[KeptBriefs]{KeptBriefs{Briefs: notNil(bs)}}, err
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/brief-accuracy", id: "brief-accuracy", tag: "briefs",
		summary:  "How often briefs foretold what happened, beside always naming the commonest",
		describe: "Over the last 1,000 briefs whose release is over, of one service or of all.",
	}, func(ctx context.Context, in *struct {
		Service string `query:"service" doc:"Its id, name or alias; without: all of them"`
	},
	) (*out[debrief.BriefAccuracy], error) {
		acc, err := a.briefs.Accuracy(ctx, in.Service)
		return &out[debrief.BriefAccuracy]{acc}, err
	})
}

// checkUpcoming names the first thing that is wrong.
func checkUpcoming(c debrief.Upcoming) error {
	wrong := func(field, format string, args ...any) error {
		return debrief.Errorf(debrief.Invalid, field, format, args...)
	}
	long := func(list []string, n, each int) bool {
		if len(list) > n {
			return true
		}
		for _, s := range list {
			if len(s) > each {
				return true
			}
		}
		return false
	}
	switch {
	case debrief.Slug(c.Service) == "" || len(c.Service) > 100:
		return wrong("service", "missing, or not 1 to 100 characters with a letter or digit")
	case len(c.Environment) > 100:
		return wrong("environment", "longer than 100 bytes")
	case long([]string{c.Base, c.Head, c.Repository}, 3, maxBriefName):
		return wrong("head", "base, head and repository may have %d bytes each", maxBriefName)
	case c.Forge != "" && c.Forge != "github" && c.Forge != "gitlab":
		return wrong("forge", "%q is no forge that is known", clipName(c.Forge)).(*debrief.Error).WithHint("known are: github, gitlab")
	case c.Pull < 0 || c.Pull > 1<<31 || c.Pull > 0 && (c.Forge == "" || c.Repository == "" || strings.Count(c.Repository, "/") == 0):
		return wrong("pull", "a pull request needs its forge and its repository, as owner/name")
	case long(c.Paths, maxBriefPaths, 4096):
		return wrong("paths", "at most %d of 4,096 bytes each", maxBriefPaths)
	case long(c.Titles, maxBriefTitles, 4096):
		return wrong("titles", "at most %d of 4,096 bytes each", maxBriefTitles)
	case long(c.Kinds, maxBriefWords, 100) || long(c.Modules, maxBriefWords, 1024):
		return wrong("kinds", "at most %d kinds and modules", maxBriefWords)
	}
	for field, n := range map[string]int{"commits": c.Commits, "files": c.Files, "added": c.Added, "deleted": c.Deleted} {
		if n < 0 || n > 1e9 {
			return wrong(field, "%s is no count", strconv.Itoa(n))
		}
	}
	return nil
}
