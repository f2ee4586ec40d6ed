package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
)

// operation is one endpoint, as the documentation lists it.
type operation struct {
	method, path string
	id, summary  string
	tag          string
	status       int // of a success; 0: 200
	open         bool
	body         any // documents the request's body; nil: it has none
	describe     string
	plain        bool // of figures: what they are not told by is refused with why (see delivery.Refuse)
}

// register adds an endpoint whose errors take our form.
func register[I, O any](a *API, h huma.API, o operation, fn func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: o.method, Path: o.path, OperationID: o.id, Summary: o.summary, Description: o.describe,
		Tags: []string{o.tag}, DefaultStatus: o.status,
	}
	if !o.open {
		op.Security = []map[string][]string{{"token": {}}}
	}
	if o.plain {
		op.Middlewares = huma.Middlewares{refusing(h)}
	}
	registry := h.OpenAPI().Components.Schemas
	op.Responses = map[string]*huma.Response{"default": {
		Description: "What was wrong, where, and what to do",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: registry.Schema(reflect.TypeFor[Problem](), true, "Problem")}},
	}}
	huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
	if o.body == nil {
		return
	}
	// Set afterwards: huma documents the body and does not read it (see request).
	t := reflect.TypeOf(o.body)
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: registry.Schema(t, true, t.Name())},
	}}
	item := h.OpenAPI().Paths[o.path]
	switch o.method {
	case http.MethodPost:
		item.Post.RequestBody = body
	case http.MethodPatch:
		item.Patch.RequestBody = body
	}
}

// refusing answers parameters that would compare, grade or name people with a
// sentence that says why there are none.
func refusing(h huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		u := ctx.URL()
		for name := range u.Query() {
			var refused *debrief.Error
			if err := delivery.Refuse(name); errors.As(err, &refused) {
				_ = huma.WriteErr(h, ctx, http.StatusUnprocessableEntity, refused.Message, &huma.ErrorDetail{Message: refused.Message, Location: "query." + name})
				return
			}
		}
		next(ctx)
	}
}
