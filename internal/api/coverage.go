package api

import (
	"context"
	"net/http"
	"regexp"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/kinds"
	"github.com/debriefhq/debrief/internal/store"
)

// maxCoverage bounds one upload: the Go cover profile of a million lines.
const maxCoverage = 16 << 20

var partShape = regexp.MustCompile(`^[A-Za-z0-9._-]{0,60}$`)

// Covered answers a coverage upload.
type Covered struct {
	Service string `json:"service"`
	Format  string `json:"format"`
	Files   int    `json:"files" doc:"files it names"`
	Tested  int    `json:"tested" doc:"those of them of which tests run a twentieth or more"`
}

type coveredOut struct {
	Status int
	Body   Covered
}

func (a *API) coverageRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/coverage", id: "keep-coverage", tag: "services", status: http.StatusCreated, body: map[string]any{},
		summary: "Say which files tests run: a coverage report, at most 16 MiB",
		describe: "The body is a Go cover profile, an LCOV file, Cobertura or JaCoCo XML, or {\"files\": [{\"path\", \"covered\", \"total\"}]}; which one is told from how it begins. " +
			"Paths should be as the repository has them: debrief coverage sees to that.",
	}, func(ctx context.Context, in *struct {
		request
		Service string `query:"service" required:"true" minLength:"1" maxLength:"100" doc:"Whose files they are"`
		Part    string `query:"part" doc:"Tells several reports of one service apart: unit, front-end. A file that one of them runs is tested"`
	},
	) (*coveredOut, error) {
		if debrief.Slug(in.Service) == "" {
			return nil, debrief.Errorf(debrief.Invalid, "service", "missing, or without a letter or digit")
		}
		if !partShape.MatchString(in.Part) {
			return nil, debrief.Errorf(debrief.Invalid, "part", "at most 60 letters, digits, dots, hyphens and underscores")
		}
		body, err := in.body(maxCoverage)
		if err != nil {
			return nil, err
		}
		files, format, err := kinds.ReadCoverage(body)
		if err != nil {
			return nil, err
		}
		out := Covered{Format: format, Files: len(files)}
		for _, f := range files {
			if f.Tested() {
				out.Tested++
			}
		}
		err = a.store.Update(ctx, func(tx *store.Tx) error {
			sv, err := tx.Service(in.Service, false)
			if err != nil {
				return err
			}
			out.Service = sv.ID
			if err := tx.SaveCoverage(sv.ID, in.Part, debrief.Instant(a.now()), files); err != nil {
				return err
			}
			some, err := tx.AnyUnsorted(sv.ID)
			if err != nil || !some {
				return err
			}
			return tx.Enqueue(store.Work{Kind: store.WorkKinds, Key: sv.ID, Service: sv.ID})
		})
		if err != nil {
			return nil, err
		}
		return &coveredOut{http.StatusCreated, out}, nil
	})
}
