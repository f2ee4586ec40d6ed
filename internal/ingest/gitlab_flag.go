package ingest

import "github.com/debriefhq/debrief"

// glFlag is
// https://docs.gitlab.com/user/project/integrations/webhook_events/#feature-flag-events
type glFlag struct {
	Attributes struct {
		ID     int64  `json:"id"`
		Name   string `json:"name"`
		Active bool   `json:"active"`
	} `json:"object_attributes"`
	Project glProject `json:"project"`
}

// gitlabFlag takes a feature flag that was turned on or off as a change that
// took effect at once. GitLab gives no time, so it is when it was told.
func gitlabFlag(r Request) ([]debrief.Event, error) {
	var p glFlag
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Project.check(); err != nil {
		return nil, err
	}
	name := line(p.Attributes.Name, maxName)
	if name == "" {
		return nil, debrief.Errorf(debrief.Invalid, "object_attributes.name", "missing")
	}
	state := "off"
	if p.Attributes.Active {
		state = "on"
	}
	e := event("gitlab", r, 0, debrief.EventChange, r.Received)
	e.Service = p.Project.service()
	e.Change = &debrief.Change{
		ID:         debrief.ID("change", p.Project.Path, "flag", name, r.Key),
		Kind:       "flag",
		Live:       e.At,
		Repository: p.Project.Path,
		Title:      "flag " + name + " " + state,
		URL:        p.Project.page("/-/feature_flags"),
	}
	return []debrief.Event{e}, nil
}
