package ingest

import (
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// glIssue is
// https://docs.gitlab.com/user/project/integrations/webhook_events/#work-item-events
type glIssue struct {
	Attributes struct {
		Number       int64  `json:"iid"`
		Title        string `json:"title"`
		Description  string `json:"description"`
		URL          string `json:"url"`
		State        string `json:"state"`
		Type         string `json:"type"` // Issue, Incident, Task…
		Severity     string `json:"severity"`
		Confidential bool   `json:"confidential"`
		Duplicate    int64  `json:"duplicated_to_id"`
		CreatedAt    glTime `json:"created_at"`
		UpdatedAt    glTime `json:"updated_at"`
		ClosedAt     glTime `json:"closed_at"`
		Labels       []struct {
			Title string `json:"title"`
		} `json:"labels"`
	} `json:"object_attributes"`
	Labels []struct {
		Title string `json:"title"`
	} `json:"labels"`
	Project glProject `json:"project"`
}

// gitlabIssue reads every action alike: each carries the whole issue.
func gitlabIssue(r Request) ([]debrief.Event, error) {
	var p glIssue
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Project.check(); err != nil {
		return nil, err
	}
	a := p.Attributes
	if a.Number <= 0 {
		return nil, debrief.Errorf(debrief.Invalid, "object_attributes.iid", "missing")
	}
	if err := glTimes(
		r.Received, glAt{"object_attributes.created_at", a.CreatedAt}, glAt{"object_attributes.updated_at", a.UpdatedAt}, glAt{"object_attributes.closed_at", a.ClosedAt},
	); err != nil {
		return nil, err
	}
	told := issue{
		key:      p.Project.key("issue", a.Number),
		service:  p.Project.service(),
		title:    line(a.Title, maxTitle),
		text:     a.Description,
		url:      webAddress(a.URL),
		state:    line(a.State, maxName),
		incident: strings.EqualFold(a.Type, "incident"),
		opened:   a.CreatedAt.Time,
		closed:   a.ClosedAt.Time,
		settled:  a.Duplicate == 0,
	}
	if a.Confidential { // pages are read by more people than the issue
		told.title, told.text = "confidential issue "+itoa64(a.Number), ""
	}
	if a.State == "closed" && told.closed.IsZero() {
		told.closed = a.UpdatedAt.Time
	}
	if a.State == "opened" { // reopened: when it was closed before says nothing
		told.closed = time.Time{}
	}
	if told.incident && !strings.EqualFold(a.Severity, "unknown") {
		told.severity = line(strings.ToLower(a.Severity), maxName)
	}
	labels := a.Labels
	if len(labels) == 0 {
		labels = p.Labels
	}
	for _, l := range labels {
		told.labels = append(told.labels, l.Title)
	}
	return []debrief.Event{issueEvent("gitlab", r, a.UpdatedAt.Time, told)}, nil
}
