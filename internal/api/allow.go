package api

import (
	"net/http"

	"github.com/debriefhq/debrief/internal/access"
)

// Allow says whether a request may do what it needs: nil, or why not. Pages
// ask it, so that they are guarded by the same rule as the API.
func (a *API) Allow(r *http.Request, need access.Scope) error {
	f, err := a.facts(r)
	if err != nil {
		return err
	}
	f.Need = need
	return access.Decide(f)
}
