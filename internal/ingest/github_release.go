package ingest

import "github.com/debriefhq/debrief"

// ghRelease is https://docs.github.com/en/webhooks/webhook-events-and-payloads#release
type ghRelease struct {
	Action  string `json:"action"`
	Release struct {
		Tag         string `json:"tag_name"`
		Commitish   string `json:"target_commitish"`
		Body        string `json:"body"`
		HTMLURL     string `json:"html_url"`
		Draft       bool   `json:"draft"`
		PublishedAt ghTime `json:"published_at"`
	} `json:"release"`
	Repository ghRepository `json:"repository"`
}

// githubRelease takes a published release as a name for a commit. It is no
// deployment: publishing puts nothing into production by itself.
func githubRelease(r Request) ([]debrief.Event, error) {
	var p ghRelease
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Repository.check(); err != nil {
		return nil, err
	}
	if p.Action != "published" || p.Release.Draft { // "released" follows "published" for the same release
		return nil, ignored("release %s: only published releases count", line(p.Action, 40))
	}
	tag := line(p.Release.Tag, maxVersion)
	if tag == "" {
		return nil, debrief.Errorf(debrief.Invalid, "release.tag_name", "missing")
	}
	at := p.Release.PublishedAt
	if err := ghTimes(r.Received, ghAt("release.published_at", at)); err != nil {
		return nil, err
	}
	e := event("github", r, 0, debrief.EventVersion, at.Time)
	e.Service = p.Repository.service()
	e.Version = &debrief.Version{
		Repository: p.Repository.FullName,
		Name:       tag,
		Published:  e.At,
		Notes:      clip(clean(p.Release.Body, true), maxNotes),
		URL:        webAddress(p.Release.HTMLURL),
	}
	if isCommit(p.Release.Commitish) { // most often a branch, which has moved on
		e.Version.Commit = p.Release.Commitish
	}
	return []debrief.Event{e}, nil
}
