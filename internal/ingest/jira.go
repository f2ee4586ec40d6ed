package ingest

import (
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

const (
	jiraDelivery = "X-Atlassian-Webhook-Identifier"
	// jiraSignature is the WebSub header; GitHub's old SHA-1 one has the same name.
	jiraSignature = "X-Hub-Signature"
)

// jira is Jira's webhooks about issues, of Cloud and Data Center.
func jira() Source {
	return Source{
		Name:    "jira",
		Title:   "Jira",
		Proven:  "payloads written from Atlassian's documentation; not yet seen live",
		Doc:     doc(jiraDoc()),
		Headers: []string{jiraDelivery},
		People:  []string{"reporter", "updateAuthor", "watches", "votes", "displayName"},
		Verify: func(h map[string]string, body []byte, secrets []string) error {
			given, _ := strings.CutPrefix(header(h, jiraSignature), "sha256=")
			mac, _ := hex.DecodeString(given)
			return sealed{"jira", "Jira", jiraSignature, [][]byte{mac}, [][]byte{body}}.verify(secrets)
		},
		Key: func(r Request) (string, error) {
			if id := header(r.Header, jiraDelivery); IsKey(id) {
				return id, nil
			}
			return bodyKey(r)
		},
		Parse: parseJira,
	}
}

// jiraIssue is https://developer.atlassian.com/cloud/jira/platform/webhooks/
type jiraIssue struct {
	ID     ident  `json:"id"`
	Key    string `json:"key"`
	Self   string `json:"self"`
	Fields struct {
		Summary string      `json:"summary"`
		Labels  []string    `json:"labels"`
		Created when        `json:"created"`
		Updated when        `json:"updated"`
		Closed  when        `json:"resolutiondate"`
		Type    jiraNamed   `json:"issuetype"`
		Rank    *jiraNamed  `json:"priority"`
		Parts   []jiraNamed `json:"components"`
		Affects []jiraNamed `json:"versions"`
		Project struct {
			Key string `json:"key"`
		} `json:"project"`
		Status struct {
			Name     string `json:"name"`
			Category struct {
				Key string `json:"key"`
			} `json:"statusCategory"`
		} `json:"status"`
	} `json:"fields"`
}

type jiraNamed struct {
	Name string `json:"name"`
}

func parseJira(r Request) ([]debrief.Event, error) {
	var p struct {
		Kind  string    `json:"webhookEvent"`
		At    when      `json:"timestamp"`
		Issue jiraIssue `json:"issue"`
	}
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	switch p.Kind {
	case "jira:issue_created", "jira:issue_updated":
	case "":
		return nil, debrief.Errorf(debrief.Invalid, "webhookEvent", "missing")
	default:
		return nil, ignored("debrief reads nothing from Jira's %q events", line(p.Kind, 60))
	}
	i := p.Issue
	if i.ID == "" || !IsKey(string(i.ID)) {
		return nil, debrief.Errorf(debrief.Invalid, "issue.id", "missing or not an identifier")
	}
	for _, t := range []struct {
		field string
		at    when
	}{
		{"timestamp", p.At},
		{"issue.fields.created", i.Fields.Created},
		{"issue.fields.updated", i.Fields.Updated},
		{"issue.fields.resolutiondate", i.Fields.Closed},
	} {
		if err := t.at.check(t.field, r.Received); err != nil {
			return nil, err
		}
	}
	closed := i.Fields.Closed.Time
	if closed.IsZero() && i.Fields.Status.Category.Key == "done" {
		closed = i.Fields.Updated.Time
	}
	at := p.At.Time
	if at.IsZero() {
		at = i.Fields.Updated.Time
	}
	e := event("jira", r, 0, debrief.EventTicket, at)
	e.Service, e.Assumed = i.service()
	keys := []string{"jira/issue/" + string(i.ID)}
	if IsKey(i.Key) {
		keys = append(keys, "jira/issue/"+i.Key)
	}
	if !i.isIncident() {
		e.Ticket = &debrief.TicketReport{
			Keys: keys, Service: e.Service, Title: firstLine(i.Fields.Summary), URL: i.page(), State: line(i.Fields.Status.Name, maxName),
			Labels: tagged(append([]string{i.Fields.Type.Name}, i.Fields.Labels...)), Opened: i.Fields.Created.Time, Closed: closed,
		}
		return []debrief.Event{e}, nil
	}
	e.Kind = debrief.EventIncident
	e.Incident = &debrief.IncidentReport{
		Keys: keys, Service: e.Service, Title: firstLine(i.Fields.Summary), URL: i.page(), Detected: i.Fields.Created.Time, Closed: closed,
		Labels: factsOf(without(map[string]string{"status": i.Fields.Status.Name, "type": i.Fields.Type.Name}, "")),
	}
	if i.Fields.Rank != nil {
		e.Incident.Severity = line(i.Fields.Rank.Name, maxName)
	}
	if len(i.Fields.Affects) == 1 {
		e.Incident.Version = line(i.Fields.Affects[0].Name, maxVersion)
	}
	return []debrief.Event{e}, nil
}

// isIncident: people say so by a label or by the type. Jira Service Management
// calls its own type "[System] Incident".
func (i jiraIssue) isIncident() bool {
	called := strings.ToLower(strings.TrimPrefix(i.Fields.Type.Name, "[System] "))
	return called == "incident" || slices.ContainsFunc(i.Fields.Labels, func(l string) bool { return strings.EqualFold(l, "incident") })
}

// service is what a label names; else the one component; else whoever has the
// project as an alias.
func (i jiraIssue) service() (name string, assumed bool) {
	if s := serviceTag(i.Fields.Labels); s != "" {
		return s, false
	}
	if len(i.Fields.Parts) == 1 {
		if s := sayable(i.Fields.Parts[0].Name); s != "" {
			return s, false
		}
	}
	if s := sayable(i.Fields.Project.Key); s != "" {
		return "jira:" + s, true
	}
	return "", false
}

// page is where people read the issue; Jira gives the API's address only.
func (i jiraIssue) page() string {
	u, err := url.Parse(i.Self)
	if err != nil || u.Host == "" || i.Key == "" || !IsKey(i.Key) {
		return ""
	}
	base, _, _ := strings.Cut(u.Path, "/rest/")
	return webAddress(u.Scheme + "://" + u.Host + base + "/browse/" + i.Key)
}
