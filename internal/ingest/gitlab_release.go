package ingest

import "github.com/debriefhq/debrief"

// glRelease is
// https://docs.gitlab.com/user/project/integrations/webhook_events/#release-events
type glRelease struct {
	Action      string    `json:"action"`
	Tag         string    `json:"tag"`
	Description string    `json:"description"`
	URL         string    `json:"url"`
	ReleasedAt  glTime    `json:"released_at"`
	Project     glProject `json:"project"`
	Commit      struct {
		ID string `json:"id"`
	} `json:"commit"`
}

// gitlabRelease takes a release as a name for a commit; publishing deploys nothing.
func gitlabRelease(r Request) ([]debrief.Event, error) {
	var p glRelease
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Project.check(); err != nil {
		return nil, err
	}
	if p.Action != "create" && p.Action != "update" {
		return nil, ignored("release %s: what it told stays", line(p.Action, 40))
	}
	tag := line(p.Tag, maxVersion)
	if tag == "" {
		return nil, debrief.Errorf(debrief.Invalid, "tag", "missing")
	}
	if p.ReleasedAt.bad == "" && farAhead(p.ReleasedAt.Time, r.Received) {
		return nil, ignored("release %q is announced for later", line(tag, 60))
	}
	if err := glTimes(r.Received, glAt{"released_at", p.ReleasedAt}); err != nil {
		return nil, err
	}
	e := event("gitlab", r, 0, debrief.EventVersion, p.ReleasedAt.Time)
	e.Service = p.Project.service()
	e.Version = &debrief.Version{
		Repository: p.Project.Path,
		Name:       tag,
		Published:  e.At,
		Notes:      clip(clean(p.Description, true), maxNotes),
		URL:        webAddress(p.URL),
	}
	if isCommit(p.Commit.ID) {
		e.Version.Commit = p.Commit.ID
	}
	return []debrief.Event{e}, nil
}
