package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/debriefhq/debrief"
)

// healthz says that the process lives, and nothing about anything else.
func (a *API) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "alive\n")
}

// readyz says whether requests can be served: the store answers.
func (a *API) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := a.store.Ping(ctx); err != nil {
		a.log.WarnContext(ctx, "not ready", "err", debrief.Mask(err.Error()))
		a.fail(w, r, debrief.Errorf(debrief.Unavailable, "", "the database does not answer"))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ready\n")
}

func asError(err error, into **debrief.Error) bool { return errors.As(err, into) }
