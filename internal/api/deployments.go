package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
)

// maxItems is how many deployments one batch may hold.
const maxItems = 1000

// Deployed is the body of POST /api/v1/deployments. It documents; the front
// door reads the request itself, field by field.
type Deployed struct {
	Key      string   `json:"key" doc:"Your name for this deployment, such as the pipeline run's id. Sending the same again is safe." pattern:"^[A-Za-z0-9._:/-]{1,200}$"`
	Services []string `json:"services,omitempty" doc:"Several services deployed at once; instead of service"`
	debrief.Report
}

// Batch is the body of POST /api/v1/deployments/batch.
type Batch struct {
	Deployments []Deployed `json:"deployments" maxItems:"1000"`
}

// Place is where a deployment will be found.
type Place struct {
	Service string `json:"service" doc:"The service's id"`
	ID      string `json:"id" doc:"The deployment's id; its release can be asked for by it"`
	URL     string `json:"url"`
}

// Recorded answers a report that was accepted.
type Recorded struct {
	New         bool    `json:"new" doc:"false: exactly this was sent before"`
	Pending     bool    `json:"pending,omitempty" doc:"Nobody has reported a deployment with this key yet: what was sent is kept, and counts when one comes. Or the key is mistyped."`
	Deployments []Place `json:"deployments"`
}

// Imported answers a batch.
type Imported struct {
	Accepted    int     `json:"accepted"`
	New         int     `json:"new"`
	Deployments []Place `json:"deployments"`
}

type recordedOut struct {
	Status int
	Body   Recorded
}

type importedOut struct {
	Status int
	Body   Imported
}

type keyedIn struct {
	request
	Key string `path:"key" doc:"The deployment's key, with a slash written as %2F"`
}

func (a *API) deploymentRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/deployments", id: "report-deployment", tag: "deployments", status: http.StatusAccepted, body: Deployed{},
		summary: "Report a deployment, of one or several services, begun or already over",
	}, func(ctx context.Context, in *request) (*recordedOut, error) {
		body, err := in.jsonBody(maxBody)
		if err != nil {
			return nil, err
		}
		return a.recordOne(ctx, in.r, body, "")
	})
	register(a, h, operation{
		method: http.MethodPatch, path: "/api/v1/deployments/{key}", id: "update-deployment", tag: "deployments", status: http.StatusAccepted, body: debrief.Report{},
		summary: "Add to a deployment: a stage, how it ended",
	}, func(ctx context.Context, in *keyedIn) (*recordedOut, error) {
		if err := checkKey(in.Key); err != nil {
			return nil, err
		}
		body, err := in.jsonBody(maxBody)
		if err != nil {
			return nil, err
		}
		return a.recordOne(ctx, in.r, body, in.Key)
	})
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/deployments/batch", id: "import-deployments", tag: "deployments", status: http.StatusAccepted, body: Batch{},
		summary: "Report up to 1000 deployments, all of them or none",
	}, a.recordBatch)
}

func (a *API) recordOne(ctx context.Context, r *http.Request, body []byte, key string) (*recordedOut, error) {
	rep, places, err := a.check(ctx, r, body, key)
	pending := false
	if err == nil && key != "" {
		pending, err = a.belongs(ctx, key, rep.events)
	}
	if err != nil {
		a.metrics.event("api", outcomeOf(err))
		return nil, err
	}
	got, err := a.store.Accept(ctx, rep.envelope)
	if err != nil {
		a.metrics.event("api", outcomeOf(err))
		return nil, err
	}
	out := &recordedOut{Status: http.StatusAccepted, Body: Recorded{New: got[0].New, Pending: pending, Deployments: places}}
	outcome := "accepted"
	if !got[0].New {
		out.Status, outcome = http.StatusOK, "known"
	}
	a.metrics.event("api", outcome)
	return out, nil
}

// check holds a report to everything the front door would refuse, before it is
// accepted: a sender learns at once, and what was accepted is never rejected
// later.
func (a *API) check(ctx context.Context, r *http.Request, body []byte, key string) (report, []Place, error) {
	rep, err := unflatten(body, key)
	if err != nil {
		return report{}, nil, err
	}
	rep.envelope.Received = debrief.Instant(a.now())
	events, err := a.sources["api"].Parse(ingest.Request{Body: rep.envelope.Body, Received: rep.envelope.Received, Key: rep.envelope.Key})
	if err != nil {
		return report{}, nil, asSent(err)
	}
	rep.events = events
	places, err := a.places(ctx, r, events)
	return rep, places, err
}

// belongs holds an addition to what its key was first reported with: a service
// that one did not name is a mistake, and an addition to a key nobody has
// reported yet may be one (pending) or only be early.
func (a *API) belongs(ctx context.Context, key string, events []debrief.Event) (pending bool, err error) {
	first, known, err := a.store.Envelope(ctx, "api", "deployments/"+key)
	if err != nil {
		return false, err
	}
	if !known {
		for _, e := range events {
			whole := e.Service != "" && e.Report.Environment != "" // a deployment by itself
			if !whole && len(e.Report.Keys) == 1 {                 // or known by another key
				pending = true
			}
		}
		return pending, nil
	}
	begun, err := a.sources["api"].Parse(ingest.Request{Body: first.Body, Received: first.Received, Key: first.Key})
	if err != nil || len(begun) == 0 {
		return false, nil // what it said is forgotten by now (keep.raw)
	}
	services, names := map[string]bool{}, make([]string, 0, len(begun))
	for _, e := range begun {
		id, err := a.names.resolve(ctx, a, e.Service)
		if err != nil {
			return false, err
		}
		services[id], names = true, append(names, e.Service)
	}
	for _, e := range events {
		if e.Service == "" {
			continue
		}
		id, err := a.names.resolve(ctx, a, e.Service)
		if err != nil {
			return false, err
		}
		if !services[id] {
			field := "service"
			if len(events) > 1 {
				field = "services"
			}
			return false, debrief.Errorf(debrief.Invalid, field, "the deployment %s is not one of %q, but of %s", key, e.Service, strings.Join(names, ", ")).
				WithHint("leave the service out, or report another deployment with POST")
		}
	}
	return false, nil
}

// places says where the deployments of these events will stand. Other sources
// may name them earlier or better; their pages redirect then.
func (a *API) places(ctx context.Context, r *http.Request, events []debrief.Event) ([]Place, error) {
	out := []Place{}
	for _, e := range events {
		if e.Report == nil || e.Service == "" {
			continue
		}
		service, err := a.names.resolve(ctx, a, e.Service)
		if err != nil {
			return nil, err
		}
		p := Place{Service: service}
		if e.Report.Environment != "" && len(e.Report.Keys) > 0 {
			p.ID = debrief.ID("deployment", service, e.Report.Environment, e.Report.Target, slices.Min(e.Report.Keys))
			p.URL = a.page(r, "/releases/"+p.ID)
		}
		out = append(out, p)
	}
	return out, nil
}

func (a *API) recordBatch(ctx context.Context, in *request) (*importedOut, error) {
	body, err := in.jsonBody(maxBatch)
	if err != nil {
		return nil, err
	}
	ms, err := members(body)
	if err != nil {
		return nil, err
	}
	var reports []json.RawMessage
	for _, m := range ms {
		if m.name != "deployments" {
			return nil, debrief.Errorf(debrief.Invalid, clipName(m.name), "unknown field").WithHint("known fields: deployments")
		}
		var ok bool
		if reports, ok = items(m.value); !ok && string(m.value) != "null" {
			return nil, debrief.Errorf(debrief.Invalid, "deployments", "must be a list")
		}
	}
	switch {
	case len(reports) == 0:
		return nil, debrief.Errorf(debrief.Invalid, "deployments", "missing or empty")
	case len(reports) > maxItems:
		return nil, debrief.Errorf(debrief.Invalid, "deployments", "%d items, and at most %d are allowed", len(reports), maxItems).WithHint("send several batches")
	}
	out := &importedOut{Status: http.StatusAccepted, Body: Imported{Deployments: []Place{}}}
	envelopes := make([]debrief.Envelope, 0, len(reports))
	for i, item := range reports {
		rep, places, err := a.check(ctx, in.r, item, "")
		if err != nil {
			return nil, within("deployments."+strconv.Itoa(i), err)
		}
		envelopes = append(envelopes, rep.envelope)
		out.Body.Deployments = append(out.Body.Deployments, places...)
	}
	got, err := a.store.Accept(ctx, envelopes...)
	if err != nil {
		a.metrics.event("api", outcomeOf(err))
		return nil, err
	}
	out.Body.Accepted = len(got)
	for _, g := range got {
		if g.New {
			out.Body.New++
			a.metrics.event("api", "accepted")
		} else {
			a.metrics.event("api", "known")
		}
	}
	if out.Body.New == 0 {
		out.Status = http.StatusOK
	}
	return out, nil
}

// asSent names a field as its author wrote it: the report's own object is ours.
func asSent(err error) error {
	var e *debrief.Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Field, "report.") {
		return err
	}
	c := *e
	c.Field = strings.TrimPrefix(c.Field, "report.")
	return &c
}

// within puts a field's path in front of an error's.
func within(path string, err error) error {
	var e *debrief.Error
	if !errors.As(err, &e) {
		return err
	}
	c := *e
	if c.Field == "" {
		c.Field = path
	} else {
		c.Field = path + "." + c.Field
	}
	return &c
}
