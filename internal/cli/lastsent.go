package cli

import (
	"cmp"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// lastSent remembers the deployment that was reported last from here. The
// server accepts first and records a moment later; `debrief show latest` right
// after a deployment waits until it shows this one, instead of guessing.
type lastSent struct {
	URL      string                  `json:"url"`
	Key      string                  `json:"key"`
	Services []string                `json:"services"`
	ID       string                  `json:"id"`
	Where    url.Values              `json:"where,omitempty"` // the query of what ran before there
	State    debrief.DeploymentState `json:"state"`
	At       time.Time               `json:"at"`
}

// lastSentFor is how long it is worth waiting for something sent.
const lastSentFor = time.Minute

func lastSentFile(s spool) string { return filepath.Join(s.dir, ".last") }

// noteSent is best effort: nothing depends on it but a short wait. Only the
// first report of a deployment is answered with its id; later ones keep it.
func noteSent(s spool, o *owed, answer recorded, f deployFlags) {
	var r debrief.Report
	if json.Unmarshal(o.Body, &r) != nil || r.State == "" {
		return
	}
	l := lastSent{URL: o.URL, Key: cmp.Or(o.key, f.key), Services: f.services, State: r.State, At: o.Created}
	if len(answer.Deployments) > 0 && r.Environment != "" {
		l.ID = answer.Deployments[0].ID
		l.Where = url.Values{"service": {answer.Deployments[0].Service}, "environment": {r.Environment}}
		if r.Target != "" {
			l.Where.Set("target", r.Target)
		}
	}
	if l.ID == "" {
		var before lastSent
		b, err := os.ReadFile(lastSentFile(s))
		if err != nil || json.Unmarshal(b, &before) != nil || before.Key != l.Key {
			return
		}
		l.ID, l.Services, l.Where = before.ID, before.Services, before.Where
	}
	if b, err := json.Marshal(l); err == nil && os.MkdirAll(s.dir, 0o700) == nil {
		_ = os.WriteFile(lastSentFile(s), b, 0o600)
	}
}

// readLastSent returns what was sent a moment ago, if anything was.
func readLastSent(s spool, c *client, now time.Time) (l lastSent, ok bool) {
	b, err := os.ReadFile(lastSentFile(s))
	if err != nil || json.Unmarshal(b, &l) != nil {
		return l, false
	}
	age := now.Sub(l.At)
	return l, l.URL == c.base && l.ID != "" && age >= 0 && age < lastSentFor
}

func forgetLastSent(s spool) { _ = remove(lastSentFile(s)) }

func (l lastSent) concerns(service string) bool {
	if service == "" {
		return true
	}
	for _, s := range l.Services {
		if debrief.Slug(s) == debrief.Slug(service) {
			return true
		}
	}
	return false
}

// shownBy reports whether a story tells what was sent.
func (l lastSent) shownBy(s debrief.Story) bool {
	for _, d := range s.Deployments {
		if slices.Contains(d.Keys, "api/"+l.Key) {
			return d.State == l.State || d.State.Final() // somebody else said how it ended
		}
	}
	return false
}
