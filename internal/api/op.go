package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
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
