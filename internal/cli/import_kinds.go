package cli

import (
	"strings"

	"github.com/debriefhq/debrief"
)

// tableKind is one kind of table: its columns, and the fact a row is.
type tableKind struct {
	name    string
	columns []string
	needed  []string
	item    func(*row) pastItem
}

var kindsOfTable = []tableKind{
	{
		name: "deployments",
		columns: []string{
			"key", "service", "environment", "target", "version", "commit", "state", "queued_at", "started_at", "first_exposure_at", "full_exposure_at", "finished_at",
			"rollback", "manual", "attempt", "people", "rollout", "url",
		},
		needed: []string{"service", "finished_at"},
		item:   deploymentRow,
	},
	{
		name: "incidents",
		columns: []string{
			"key", "service", "environment", "title", "severity", "alert", "impact_at", "detected_at", "acknowledged_at", "restored_at", "closed_at",
			"people", "version", "deployments", "url",
		},
		needed: []string{"key", "title"},
		item:   incidentRow,
	},
	{
		name: "changes",
		columns: []string{
			"key", "service", "kind", "repository", "commit", "title", "pull_number", "branch", "authored_at", "committed_at", "opened_at", "merged_at", "live_at",
			"files", "added", "deleted", "paths", "url",
		},
		needed: []string{"service", "title"},
		item:   changeRow,
	},
	{
		name:    "tickets",
		columns: []string{"key", "service", "title", "text", "state", "labels", "opened_at", "closed_at", "url"},
		needed:  []string{"key", "opened_at"},
		item:    ticketRow,
	},
}

func tableKinds() []string {
	var names []string
	for _, k := range kindsOfTable {
		names = append(names, k.name)
	}
	return names
}

// key is a row's own name, in a form that is one.
func (r *row) key(kind, name string) string {
	if name == "" {
		return ""
	}
	if key := "csv/" + kind + "/" + name; keyShape.MatchString(key) {
		return key
	}
	return "csv/" + kind + "/" + debrief.ID("key", name)
}

func deploymentRow(r *row) pastItem {
	d := &debrief.Report{
		Environment: r.text("environment"), Target: r.text("target"), Version: r.text("version"), Commit: r.text("commit"), Rollout: r.text("rollout"),
		State: debrief.DeploymentState(strings.ToLower(r.text("state"))), Rollback: r.yes("rollback"), Manual: r.yes("manual"), Attempt: r.whole("attempt"), People: r.whole("people"), URL: r.text("url"),
		Times: debrief.Times{
			Queued: r.time("queued_at"), Started: r.time("started_at"), FirstExposure: r.time("first_exposure_at"),
			FullExposure: r.time("full_exposure_at"), Finished: r.time("finished_at"),
		},
	}
	service := r.must("service", "which service was deployed, such as shop")
	if d.Environment == "" {
		d.Environment = r.t.env
	}
	if d.State == "" && !d.Times.Finished.IsZero() {
		d.State = debrief.Succeeded
	}
	name := r.text("key")
	if name == "" { // what tells it apart from all others
		name = debrief.ID("deployment", service, d.Environment, d.Target, d.Version, d.Commit, r.text("started_at"), r.text("finished_at"))
	}
	d.Keys = []string{r.key("deployment", name)}
	return pastItem{Service: service, Deployment: d}
}

func incidentRow(r *row) pastItem {
	i := &debrief.IncidentReport{
		Environment: r.text("environment"), Title: short(r.must("title", "what it was, in a few words"), 500), URL: r.text("url"), Severity: r.text("severity"), Alert: r.yes("alert"),
		Impact: r.time("impact_at"), Detected: r.time("detected_at"), Acknowledged: r.time("acknowledged_at"), Restored: r.time("restored_at"), Closed: r.time("closed_at"),
		People: r.whole("people"), Version: r.text("version"), Deployments: r.list("deployments"),
	}
	i.Acknowledges = !i.Acknowledged.IsZero()
	if key := r.key("incident", r.must("key", "a name of its own, such as the incident's number")); key != "" {
		i.Keys = []string{key}
	}
	return pastItem{Service: r.text("service"), Incident: i}
}

func changeRow(r *row) pastItem {
	c := &debrief.Change{
		Kind: strings.ToLower(r.text("kind")), Repository: r.text("repository"), Commit: r.text("commit"), Title: short(r.must("title", "what was changed, in a few words"), 500),
		PullNumber: r.whole("pull_number"), Branch: r.text("branch"), URL: r.text("url"),
		AuthoredAt: r.time("authored_at"), Committed: r.time("committed_at"), Opened: r.time("opened_at"), Merged: r.time("merged_at"), Live: r.time("live_at"),
		Files: r.whole("files"), Added: r.whole("added"), Deleted: r.whole("deleted"), Paths: r.labels("paths"),
	}
	service := r.must("service", "which service was changed, such as shop")
	switch {
	case c.Kind == "code":
		c.Kind = ""
	case c.Kind != "" && c.Kind != "flag" && c.Kind != "configuration" && c.Kind != "manual":
		r.bad("kind", "%q is none of code, flag, configuration and manual", c.Kind)
	}
	switch {
	case c.Commit != "":
		c.ID = debrief.ID("change", c.Repository, c.Commit)
	case c.Kind == "":
		r.bad("commit", "empty; a change of code is named by its commit, others by their kind (flag, configuration, manual)")
	case r.text("key") != "":
		c.ID = debrief.ID("change", "csv", r.text("key"))
	default:
		c.ID = debrief.ID("change", "csv", service, c.Kind, c.Title, r.text("live_at"))
	}
	if c.Kind != "" && c.Live.IsZero() {
		r.bad("live_at", "empty; when did it take effect?")
	}
	return pastItem{Service: service, Change: c}
}

func ticketRow(r *row) pastItem {
	t := &debrief.TicketReport{
		Title: short(r.text("title"), 500), Text: cutBytes(debrief.Mask(r.text("text")), 4<<10), URL: r.text("url"), State: r.text("state"), Labels: r.labels("labels"),
		Opened: r.time("opened_at"), Closed: r.time("closed_at"),
	}
	if key := r.key("ticket", r.must("key", "a name of its own, such as the ticket's number")); key != "" {
		t.Keys = []string{key}
	}
	if t.Opened.IsZero() && r.values["opened_at"] == "" {
		r.bad("opened_at", "empty; when was it opened?")
	}
	return pastItem{Service: r.text("service"), Ticket: t}
}
