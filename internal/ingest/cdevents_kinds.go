package ingest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// cdRef names something by id and where that id holds.
type cdRef struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Name   string `json:"name"` // of environments, before 0.5
}

// cdContent is what subjects say of themselves, of all the kinds read. Version
// 0.5 calls "uri" what was "url" before.
type cdContent struct {
	Environment cdRef    `json:"environment"`
	Service     cdRef    `json:"service"`
	Artifact    string   `json:"artifactId"`
	Description string   `json:"description"`
	TicketURI   string   `json:"ticketURI"`
	Pipeline    string   `json:"pipelineName"`
	Run         cdRef    `json:"pipelineRun"`
	Task        string   `json:"taskName"`
	Outcome     string   `json:"outcome"`
	Errors      string   `json:"errors"`
	URL         string   `json:"url"`
	URI         string   `json:"uri"`
	Name        string   `json:"name"`
	Repository  cdRef    `json:"repository"`
	Summary     string   `json:"summary"`
	Labels      []string `json:"labels"`
	Resolution  string   `json:"resolution"`
}

func (c cdContent) address() string {
	for _, u := range []string{c.URI, c.URL} {
		if u = webAddress(u); u != "" {
			return u
		}
	}
	return ""
}

// tell fills an event with what a CDEvent says. The version at the end of the
// type is not looked at: fields are only ever added or renamed.
func (c *cdEvent) tell(e *debrief.Event) error {
	rest, ok := strings.CutPrefix(c.Context.Type, "dev.cdevents.")
	if !ok {
		return ignored("%q is no type of CDEvents", line(c.Context.Type, 100))
	}
	subject, rest, _ := strings.Cut(rest, ".")
	predicate, _, _ := strings.Cut(rest, ".")
	switch subject {
	case "service":
		return c.service(e, predicate)
	case "pipelinerun":
		return c.pipelineRun(e, predicate)
	case "taskrun":
		return c.taskRun(e, predicate)
	case "environment":
		return c.environment(e, predicate)
	case "incident":
		return c.incident(e, predicate)
	case "ticket":
		return c.ticket(e, predicate)
	case "change":
		return c.change(e, predicate)
	}
	return ignored("debrief reads nothing from CDEvents' %s.%s", line(subject, 60), line(predicate, 60))
}

// id is a subject's identity: an id holds within a source, which is the
// event's own where none is given.
func (c *cdEvent) id(r cdRef) string {
	if r.Source == "" {
		r.Source = c.Context.Source
	}
	return debrief.ID(r.Source, r.ID)
}

func (c *cdEvent) self() cdRef { return cdRef{ID: c.Subject.ID, Source: c.Subject.Source} }

func (c *cdEvent) needSubject() error {
	if strings.TrimSpace(c.Subject.ID) == "" {
		return debrief.Errorf(debrief.Invalid, "subject.id", "missing")
	}
	return nil
}

// cdSaid is what a sender may say beside the specification, in customData.
type cdSaid struct {
	besides
	Commit   string `json:"commit"`
	Severity string `json:"severity"`
	Run      string `json:"pipelineRun"`
}

func (c *cdEvent) said() cdSaid {
	var s cdSaid
	if json.Unmarshal(c.Custom, &s) != nil {
		s = cdSaid{}
	}
	s.besides = saidBeside(c.Custom)
	s.Commit, s.Severity = line(s.Commit, maxName), line(s.Severity, maxName)
	return s
}

// serviceName is a reference's last part: "service/myapp" and
// "daemonset/myapp" are how the specification writes them.
func serviceName(id string) string {
	id = strings.TrimRight(strings.TrimSpace(id), "/")
	if i := strings.LastIndexByte(id, '/'); i >= 0 {
		id = id[i+1:]
	}
	if debrief.Slug(id) == "" {
		return ""
	}
	return line(id, maxName)
}

// cdKey is a key for something that has one of CDEvents' identities.
func cdKey(kind, id string) string { return "cdevents/" + kind + "/" + id }

func (c *cdEvent) incident(e *debrief.Event, predicate string) error {
	if err := c.needSubject(); err != nil {
		return err
	}
	said, content := c.said(), c.Subject.Content
	art := readPurl(content.Artifact)
	in := &debrief.IncidentReport{
		Keys:        []string{cdKey("incident", c.id(c.self()))},
		Service:     serviceName(content.Service.ID),
		Environment: line(content.Environment.ID, maxName),
		Title:       line(content.Description, maxTitle),
		URL:         webAddress(content.TicketURI),
		Severity:    said.Severity,
		Version:     first(said.Version, art.version),
	}
	switch predicate {
	case "detected", "reported":
		in.Detected = c.at
	case "resolved":
		in.Restored = c.at
		in.Title = ""   // it says how it went away, not what it was
		in.Version = "" // and names the artifact that runs afterwards
	default:
		return ignored("debrief reads nothing from CDEvents' incident.%s", line(predicate, 60))
	}
	e.Kind, e.Service, e.Incident = debrief.EventIncident, in.Service, in
	return nil
}

func (c *cdEvent) ticket(e *debrief.Event, predicate string) error {
	if err := c.needSubject(); err != nil {
		return err
	}
	content := c.Subject.Content
	t := &debrief.TicketReport{
		Keys:    []string{cdKey("ticket", c.id(c.self()))},
		Service: c.said().Service,
		Title:   line(content.Summary, maxTitle),
		URL:     content.address(),
	}
	for _, l := range content.Labels[:min(len(content.Labels), maxLabels)] {
		if l = line(l, maxName); l != "" {
			t.Labels = append(t.Labels, l)
		}
	}
	switch predicate {
	case "created":
		t.Opened, t.State = c.at, "open"
	case "updated":
	case "closed":
		t.Closed, t.State = c.at, first(line(content.Resolution, maxName), "closed")
	default:
		return ignored("debrief reads nothing from CDEvents' ticket.%s", line(predicate, 60))
	}
	e.Kind, e.Service, e.Ticket = debrief.EventTicket, t.Service, t
	return nil
}

// change takes created and merged changes. Their subject is the change as its
// system numbers it; the commit is known where the sender says it beside.
func (c *cdEvent) change(e *debrief.Event, predicate string) error {
	if err := c.needSubject(); err != nil {
		return err
	}
	content, said := c.Subject.Content, c.said()
	repository := line(content.Repository.ID, maxVersion)
	ch := &debrief.Change{
		ID:         debrief.ID("change", repository, "cdevents", c.id(c.self())),
		Repository: repository,
		Title:      firstLine(content.Description),
		Commit:     said.Commit,
	}
	if isCommit(c.Subject.ID) {
		ch.Commit = c.Subject.ID
	}
	if n, err := strconv.Atoi(strings.TrimLeft(c.Subject.ID, "#!")); err == nil && n > 0 {
		ch.PullNumber = n
	}
	switch predicate {
	case "created":
		ch.Opened = c.at
	case "merged":
		ch.Merged = c.at
		if ch.Commit != "" {
			ch.ID = changeID(repository, ch.Commit)
		}
	case "reviewed", "updated":
		return ignored("a change that was %s: only created and merged ones are kept", predicate)
	case "abandoned":
		return ignored("an abandoned change ships nothing")
	default:
		return ignored("debrief reads nothing from CDEvents' change.%s", line(predicate, 60))
	}
	e.Kind, e.Service, e.Change = debrief.EventChange, said.Service, ch
	return nil
}

// environment takes what was done to an environment as a change that took
// effect by itself: what broke afterwards may come from it.
func (c *cdEvent) environment(e *debrief.Event, predicate string) error {
	if err := c.needSubject(); err != nil {
		return err
	}
	switch predicate {
	case "created", "modified", "deleted":
	default:
		return ignored("debrief reads nothing from CDEvents' environment.%s", line(predicate, 60))
	}
	name := first(line(c.Subject.Content.Name, maxName), line(c.Subject.ID, maxName))
	c.configuration(e, "environment "+name+" "+predicate, c.Subject.Content.address())
	return nil
}

func (c *cdEvent) configuration(e *debrief.Event, title, url string) {
	e.Kind = debrief.EventChange
	e.Change = &debrief.Change{
		ID:    debrief.ID("change", "cdevents", c.Context.Source, c.Context.ID),
		Kind:  "configuration",
		Live:  c.at,
		Title: line(title, maxTitle),
		URL:   url,
	}
}

func first(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
