package ingest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// imported is the past: what debrief import reads from git repositories and
// tables. Every item is one fact and one event, whichever request it comes in
// and however often: importing again doubles nothing.
func imported() Source {
	return Source{
		Name:   "import",
		Title:  "The past, from git repositories and tables",
		Proven: "our own format; every field, limit and refusal is tested",
		Doc:    "POST /api/v1/events/batch takes what debrief import sends.",
		Key:    func(r Request) (string, error) { return r.Key, nil },
		Parse:  parseImported,
	}
}

// MaxImported is how many items one request may hold.
const MaxImported = 1000

// importedFrom are the sources that items may be said to come from.
var importedFrom = []string{"csv", "git"}

type importedBody struct {
	From  string         `json:"from"`
	Items []importedItem `json:"items"`
}

// importedItem is one fact: exactly one of the objects is set.
type importedItem struct {
	Service    string                  `json:"service"`
	Assumed    bool                    `json:"assumed"`
	Deployment *apiReport              `json:"deployment"`
	Change     *debrief.Change         `json:"change"`
	Incident   *debrief.IncidentReport `json:"incident"`
	Ticket     *debrief.TicketReport   `json:"ticket"`
}

func importedRule() rule {
	return object(map[string]rule{
		"from": func(path string, v any) error {
			if s, _ := v.(string); !slices.Contains(importedFrom, s) {
				return debrief.Errorf(debrief.Invalid, path, "unknown").WithHint("one of %s", strings.Join(importedFrom, ", "))
			}
			return nil
		},
		"items": list(MaxImported, object(map[string]rule{
			"service":    name(maxName),
			"assumed":    yesNo,
			"deployment": reportRule(),
			"change":     changeRule(),
			"incident":   incidentRule(),
			"ticket":     ticketRule(),
		})),
	})
}

func incidentRule() rule {
	return object(map[string]rule{
		"keys":            list(maxKeys, keyName),
		"service":         name(maxName),
		"environment":     name(maxName),
		"title":           prose(maxTitle),
		"url":             address,
		"severity":        name(maxName),
		"alert":           yesNo,
		"acknowledges":    yesNo,
		"impact_at":       instant,
		"detected_at":     instant,
		"acknowledged_at": instant,
		"restored_at":     instant,
		"closed_at":       instant,
		"people":          whole(0, 100_000),
		"deployments":     list(maxKeys, keyName),
		"version":         name(maxVersion),
		"labels":          factMap,
	})
}

func ticketRule() rule {
	return object(map[string]rule{
		"keys":      list(maxKeys, keyName),
		"service":   name(maxName),
		"title":     prose(maxTitle),
		"text":      prose(4 << 10),
		"url":       address,
		"state":     name(maxName),
		"labels":    list(maxFacts, name(maxName)),
		"opened_at": instant,
		"closed_at": instant,
	})
}

func parseImported(r Request) ([]debrief.Event, error) {
	if len(r.Body) > maxAPIBody {
		return nil, debrief.Errorf(debrief.TooLarge, "", "%d bytes, and at most %d are allowed", len(r.Body), maxAPIBody)
	}
	v, err := ReadJSON(r.Body)
	if err != nil {
		return nil, err
	}
	if err := theImportedRule("", v); err != nil {
		return nil, err
	}
	var b importedBody
	if err := json.Unmarshal(r.Body, &b); err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "", "not readable: %w", err)
	}
	switch {
	case b.From == "":
		return nil, debrief.Errorf(debrief.Invalid, "from", "missing").WithHint("one of %s", strings.Join(importedFrom, ", "))
	case len(b.Items) == 0:
		return nil, debrief.Errorf(debrief.Invalid, "items", "missing or empty")
	}
	events := make([]debrief.Event, 0, len(b.Items))
	for i := range b.Items {
		e, err := b.Items[i].event(b.From, r)
		if err != nil {
			return nil, beneath("items."+itoa(i), err)
		}
		events = append(events, e)
	}
	return seal("import", events), nil
}

// beneath puts a path in front of an error's field.
func beneath(path string, err error) error {
	e, ok := err.(*debrief.Error)
	if !ok {
		return err
	}
	c := *e
	c.Field = join(path, c.Field)
	if e.Field == "" {
		c.Field = path
	}
	return &c
}

func (it *importedItem) event(from string, r Request) (debrief.Event, error) {
	var e debrief.Event
	set := 0
	for _, is := range []bool{it.Deployment != nil, it.Change != nil, it.Incident != nil, it.Ticket != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		return e, debrief.Errorf(debrief.Invalid, "", "holds %d objects", set).WithHint("exactly one of deployment, change, incident and ticket")
	}
	if it.Service != "" && debrief.Slug(it.Service) == "" {
		return e, debrief.Errorf(debrief.Invalid, "service", "has no letter or digit")
	}
	var err error
	var at time.Time
	switch {
	case it.Deployment != nil:
		e = event(from, r, 0, debrief.EventDeployment, time.Time{})
		at, err = it.deployment(r)
		e.Report = &it.Deployment.Report
	case it.Change != nil:
		e = event(from, r, 0, debrief.EventChange, time.Time{})
		at, err = it.change(r)
		e.Change = it.Change
	case it.Incident != nil:
		e = event(from, r, 0, debrief.EventIncident, time.Time{})
		at, err = it.incident(r)
		e.Incident = it.Incident
	default:
		e = event(from, r, 0, debrief.EventTicket, time.Time{})
		at, err = it.ticket(r)
		e.Ticket = it.Ticket
	}
	e.At, e.Service, e.Assumed = debrief.Instant(at), it.Service, it.Assumed
	return e, err
}

func (it *importedItem) deployment(r Request) (time.Time, error) {
	d := &it.Deployment.Report
	d.Service = it.Service
	if it.Service == "" {
		return time.Time{}, debrief.Errorf(debrief.Invalid, "service", "missing").WithHint("which service was deployed, such as shop")
	}
	if len(d.Keys) == 0 {
		return time.Time{}, debrief.Errorf(debrief.Invalid, "deployment.keys", "missing").WithHint("a name of yours for it, so that importing again doubles nothing")
	}
	if err := complete(d, []string{it.Service}); err != nil {
		return time.Time{}, beneath("deployment", err)
	}
	prefix, err := it.Deployment.gather()
	if err == nil {
		err = plausible(d, prefix, r.Received)
	}
	if err != nil {
		return time.Time{}, beneath("deployment", err)
	}
	tidyReport(d)
	at := latest(d)
	if at.IsZero() {
		return at, debrief.Errorf(debrief.Invalid, "deployment.finished_at", "missing: when it was is not said")
	}
	return at, nil
}

func (it *importedItem) change(r Request) (time.Time, error) {
	c := it.Change
	if c.Commit == "" && c.Kind == "" {
		return time.Time{}, debrief.Errorf(debrief.Invalid, "change.commit", "missing").WithHint("the commit, or a kind (flag, configuration, manual) for what took effect by itself")
	}
	if c.Commit == "" && c.ID == "" {
		return time.Time{}, debrief.Errorf(debrief.Invalid, "change.id", "missing").WithHint("a name of yours for it, so that importing again doubles nothing")
	}
	tidyChange(c, c.Repository)
	c.Live, c.Reviewed, c.Approved = debrief.Instant(c.Live), debrief.Instant(c.Reviewed), debrief.Instant(c.Approved)
	return moments(r, "change.", []moment{
		{"live_at", &c.Live},
		{"merged_at", &c.Merged},
		{"pushed_at", &c.Pushed},
		{"committed_at", &c.Committed},
		{"authored_at", &c.AuthoredAt},
		{"opened_at", &c.Opened},
	})
}

func (it *importedItem) incident(r Request) (time.Time, error) {
	i := it.Incident
	i.Service = it.Service
	if len(i.Keys) == 0 {
		return time.Time{}, debrief.Errorf(debrief.Invalid, "incident.keys", "missing").WithHint("a name of yours for it, so that importing again doubles nothing")
	}
	i.Title = line(i.Title, maxTitle)
	began := firstMoment(i.Impact, i.Detected)
	for _, end := range []moment{{"restored_at", &i.Restored}, {"closed_at", &i.Closed}} {
		if before(*end.at, began) {
			return time.Time{}, debrief.Errorf(debrief.Invalid, "incident."+end.field, "is before it began")
		}
	}
	return moments(r, "incident.", []moment{
		{"impact_at", &i.Impact},
		{"detected_at", &i.Detected},
		{"acknowledged_at", &i.Acknowledged},
		{"restored_at", &i.Restored},
		{"closed_at", &i.Closed},
	})
}

func (it *importedItem) ticket(r Request) (time.Time, error) {
	t := it.Ticket
	t.Service = it.Service
	if len(t.Keys) == 0 {
		return time.Time{}, debrief.Errorf(debrief.Invalid, "ticket.keys", "missing").WithHint("a name of yours for it, so that importing again doubles nothing")
	}
	t.Title, t.Text = line(t.Title, maxTitle), clip(clean(t.Text, true), 4<<10)
	if before(t.Closed, t.Opened) {
		return time.Time{}, debrief.Errorf(debrief.Invalid, "ticket.closed_at", "is before ticket.opened_at")
	}
	return moments(r, "ticket.", []moment{{"opened_at", &t.Opened}, {"closed_at", &t.Closed}})
}

// moments brings times into the form they are kept in, refuses a future, and
// returns the last of them.
func moments(r Request, prefix string, list []moment) (time.Time, error) {
	var last time.Time
	for _, m := range list {
		*m.at = debrief.Instant(*m.at)
		if farAhead(*m.at, r.Received) {
			return last, futureDated(prefix+m.field, *m.at, r.Received)
		}
		if m.at.After(last) {
			last = *m.at
		}
	}
	if last.IsZero() {
		return last, debrief.Errorf(debrief.Invalid, prefix+list[0].field, "missing: when it was is not said")
	}
	return last, nil
}

func firstMoment(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
