package ingest

import (
	"time"

	"github.com/debriefhq/debrief"
)

// mappedKind is what a mapping can make: the values it may name, those it
// must, and the words of its state.
type mappedKind struct {
	name   string
	event  debrief.EventKind
	fields []string
	needed []string
	states []string
	tell   func(*debrief.Event, values) error
}

func mappedKinds() map[string]mappedKind {
	var states []string
	for _, s := range debrief.DeploymentStates() {
		states = append(states, string(s))
	}
	return map[string]mappedKind{
		"deployment": {
			"deployment", debrief.EventDeployment,
			[]string{"service", "environment", "target", "version", "commit", "rollout", "rollback", "state", "url", "queued", "started", "finished", "run"},
			[]string{"service", "environment"},
			states, mappedDeployment,
		},
		"incident": {
			"incident", debrief.EventIncident,
			[]string{"service", "environment", "title", "url", "severity", "version", "deployment", "state", "impact", "detected", "acknowledged", "restored", "closed"},
			nil,
			[]string{"detected", "acknowledged", "restored", "closed"},
			mappedIncident,
		},
		"ticket": {
			"ticket", debrief.EventTicket,
			[]string{"service", "title", "text", "url", "labels", "state", "opened", "closed"},
			nil,
			[]string{"open", "closed"},
			mappedTicket,
		},
		"change": {
			"change", debrief.EventChange,
			[]string{"service", "title", "url", "repository", "commit", "branch", "kind", "state", "committed", "opened", "merged", "live"},
			nil,
			[]string{"opened", "merged", "live"},
			mappedChange,
		},
	}
}

func mappedDeployment(e *debrief.Event, v values) error {
	r := &debrief.Report{
		Keys: v.keys, Service: line(v.get("service"), maxName), Environment: line(v.get("environment"), maxName), Target: line(v.get("target"), maxName),
		Version: line(v.get("version"), maxVersion), Commit: line(v.get("commit"), maxName), Rollout: line(v.get("rollout"), maxVersion),
		Rollback: v.get("rollback") == "true", URL: webAddress(v.get("url")), State: debrief.DeploymentState(v.state),
		Times: debrief.Times{Queued: v.when("queued"), Started: v.when("started"), Finished: v.when("finished")},
	}
	switch {
	case r.Service == "":
		return debrief.Errorf(debrief.Invalid, "service", "missing: its path leads to nothing")
	case r.Environment == "":
		return debrief.Errorf(debrief.Invalid, "environment", "missing: its path leads to nothing")
	}
	if run := v.get("run"); IsKey(run) {
		r.Keys = append(r.Keys, run)
	}
	// A sender with one time and a state says with it when that state began.
	t := &r.Times
	switch {
	case r.State == debrief.Queued:
		fill(&t.Queued, v.at)
	case r.State == debrief.Waiting:
		t.WaitingSince = v.at
	case r.State == debrief.Running:
		fill(&t.Started, v.at)
	case r.State.Final() && r.State != debrief.Superseded:
		fill(&t.Finished, v.at)
	}
	if !t.Started.IsZero() && !t.Finished.IsZero() && t.Finished.Before(t.Started) {
		return debrief.Errorf(debrief.Invalid, "finished", "before started")
	}
	e.Service, e.Report = r.Service, r
	return nil
}

func mappedIncident(e *debrief.Event, v values) error {
	i := &debrief.IncidentReport{
		Keys: v.keys, Service: line(v.get("service"), maxName), Environment: line(v.get("environment"), maxName), Title: line(v.get("title"), maxTitle),
		URL: webAddress(v.get("url")), Severity: line(v.get("severity"), maxName), Version: line(v.get("version"), maxVersion),
		Impact: v.when("impact"), Detected: v.when("detected"), Acknowledged: v.when("acknowledged"), Restored: v.when("restored"), Closed: v.when("closed"),
	}
	if d := v.get("deployment"); d != "" {
		i.Deployments = []string{line(d, maxKey)}
	}
	switch v.state {
	case "detected":
		fill(&i.Detected, v.at)
	case "acknowledged":
		fill(&i.Acknowledged, v.at)
	case "restored":
		fill(&i.Restored, v.at)
	case "closed":
		fill(&i.Closed, v.at)
	}
	i.Acknowledges = !i.Acknowledged.IsZero()
	e.Service, e.Incident = i.Service, i
	return nil
}

func mappedTicket(e *debrief.Event, v values) error {
	t := &debrief.TicketReport{
		Keys: v.keys, Service: line(v.get("service"), maxName), Title: line(v.get("title"), maxTitle), Text: v.get("text"),
		URL: webAddress(v.get("url")), State: v.state, Labels: v.labels, Opened: v.when("opened"), Closed: v.when("closed"),
	}
	switch v.state {
	case "open":
		fill(&t.Opened, v.at)
	case "closed":
		fill(&t.Closed, v.at)
	}
	e.Service, e.Ticket = t.Service, t
	return nil
}

func mappedChange(e *debrief.Event, v values) error {
	c := &debrief.Change{
		Repository: line(v.get("repository"), maxVersion), Commit: line(v.get("commit"), maxName), Title: firstLine(v.get("title")),
		URL: webAddress(v.get("url")), Branch: line(v.get("branch"), maxVersion), Kind: v.get("kind"),
		Committed: v.when("committed"), Opened: v.when("opened"), Merged: v.when("merged"), Live: v.when("live"),
	}
	switch v.state {
	case "opened":
		fill(&c.Opened, v.at)
	case "merged":
		fill(&c.Merged, v.at)
	case "live":
		fill(&c.Live, v.at)
	}
	switch c.Kind {
	case "", "flag", "configuration", "manual":
	default:
		return debrief.Errorf(debrief.Invalid, "kind", "%q is none of flag, configuration, manual", line(c.Kind, 40)).
			WithHint("leave it out for a change of code")
	}
	switch {
	case c.Kind != "":
		fill(&c.Live, v.at)
		c.ID = debrief.ID("change", v.id, c.Live.Format(time.RFC3339Nano))
	case c.Commit == "":
		return debrief.Errorf(debrief.Invalid, "commit", "missing: a change of code is known by its commit").
			WithHint("give it a kind (flag, configuration, manual) if it took effect by itself")
	default:
		c.ID = changeID(c.Repository, c.Commit)
	}
	e.Service, e.Change = line(v.get("service"), maxName), c
	return nil
}

func fill(to *time.Time, at time.Time) {
	if to.IsZero() {
		*to = at
	}
}
