package record

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// Incidents recomputes every incident the events tell of: reports that share a
// key, directly or through others, are about the same one, whichever services
// they name. absorbed maps the ids an incident could have had under another of
// its keys to its id.
func Incidents(events []debrief.Event) (list []debrief.Incident, absorbed map[string]string) {
	absorbed = map[string]string{}
	for _, part := range byKeys(events, debrief.EventIncident, incidentKeys) {
		i := incident(part)
		for _, k := range i.Keys[1:] {
			absorbed[debrief.ID("incident", k)] = i.ID
		}
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b debrief.Incident) int { return cmp.Or(a.Began.Compare(b.Began), cmp.Compare(a.ID, b.ID)) })
	return list, absorbed
}

// Tickets recomputes every ticket the events tell of, as Incidents does. What
// has the key of an incident is that incident: an issue that was labelled as
// one later stands once. gone are the ids such tickets could have had.
func Tickets(events []debrief.Event) (list []debrief.Ticket, absorbed map[string]string, gone []string) {
	absorbed = map[string]string{}
	broken := map[string]bool{}
	for _, e := range events {
		if e.Incident != nil {
			for _, k := range incidentKeys(e) {
				broken[k] = true
			}
		}
	}
	for _, part := range byKeys(events, debrief.EventTicket, ticketKeys) {
		t := ticket(part)
		if slices.ContainsFunc(t.Keys, func(k string) bool { return broken[k] }) {
			for _, k := range t.Keys {
				gone = append(gone, debrief.ID("ticket", k))
			}
			continue
		}
		for _, k := range t.Keys[1:] {
			absorbed[debrief.ID("ticket", k)] = t.ID
		}
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b debrief.Ticket) int { return cmp.Or(a.Opened.Compare(b.Opened), cmp.Compare(a.ID, b.ID)) })
	return list, absorbed, sortedSet(gone)
}

// byKeys splits the events of a kind into parts that share keys, each in
// settled order.
func byKeys(events []debrief.Event, kind debrief.EventKind, keys func(debrief.Event) []string) [][]debrief.Event {
	linked := newSets()
	var mine []debrief.Event
	for _, e := range settle(events) {
		if e.Kind == kind {
			mine = append(mine, e)
			linked.join(keys(e)...)
		}
	}
	at := map[string]int{}
	var parts [][]debrief.Event
	for _, e := range mine {
		k := linked.of(keys(e)[0])
		i, ok := at[k]
		if !ok {
			i = len(parts)
			at[k] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], e)
	}
	return parts
}

func incidentKeys(e debrief.Event) []string { return keysOr(e, e.Incident.Keys) }
func ticketKeys(e debrief.Event) []string   { return keysOr(e, e.Ticket.Keys) }

// keysOr are the keys a report gives; without any it is its own.
func keysOr(e debrief.Event, keys []string) []string {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == "" })
	if len(keys) == 0 {
		return []string{"event/" + e.ID}
	}
	return keys
}

// incident makes one incident of its events, which come from the least to the
// most convincing.
func incident(events []debrief.Event) debrief.Incident {
	i := debrief.Incident{Alert: true}
	var said ledger
	for _, e := range events {
		r := e.Incident
		say(&i.Environment, r.Environment)
		say(&i.Title, r.Title)
		say(&i.URL, r.URL)
		say(&i.Severity, r.Severity)
		i.Alert = i.Alert && r.Alert
		i.Acknowledges = i.Acknowledges || r.Acknowledges
		i.People = max(i.People, r.People)
		i.Labels = join(i.Labels, r.Labels)
		i.Keys = append(i.Keys, incidentKeys(e)...)
		i.Sources = append(i.Sources, e.Source)
		i.Deployments = append(i.Deployments, r.Deployments...)
		if r.Version != "" {
			i.Versions = append(i.Versions, r.Version)
		}
		if e.Service != "" && e.Service != org {
			i.Services = append(i.Services, e.Service)
		}
		t := &i.Times
		earliest(&t.Impact, r.Impact)
		earliest(&t.Detected, r.Detected)
		earliest(&t.Acknowledged, r.Acknowledged)
		latest(&t.Restored, r.Restored)
		latest(&t.Closed, r.Closed)
		sayIncident(&said, e)
	}
	i.Keys, i.Sources = sortedSet(i.Keys), sortedSet(i.Sources)
	i.Services, i.Deployments, i.Versions = sortedSet(i.Services), sortedSet(i.Deployments), sortedSet(i.Versions)
	i.ID, i.Service = debrief.ID("incident", i.Keys[0]), org
	if len(i.Services) > 0 {
		i.Service = i.Services[0]
	}
	if again(events) {
		i.Times.Restored, i.Times.Closed = time.Time{}, time.Time{} // an earlier end is not this one's; Said keeps it
	}
	t := i.Times
	i.Began = t.Impact
	for _, at := range []named{{"", t.Detected}, {"", t.Acknowledged}, {"", t.Restored}, {"", t.Closed}} {
		earliest(&i.Began, at.at)
	}
	if i.Began.IsZero() {
		for _, e := range events {
			earliest(&i.Began, e.At)
		}
	}
	i.State, i.Said = incidentState(t), said.all()
	i.Skew = skew(named{"impact_at", t.Impact}, named{"detected_at", t.Detected}, named{"acknowledged_at", t.Acknowledged}, named{"restored_at", t.Restored}, named{"closed_at", t.Closed})
	return i
}

// again reports whether a source told of a second beginning that lies after
// every end anybody told of.
func again(events []debrief.Event) bool {
	var end time.Time
	detected := map[string][]time.Time{}
	for _, e := range events {
		latest(&end, e.Incident.Restored)
		latest(&end, e.Incident.Closed)
		if at := e.Incident.Detected; !at.IsZero() {
			detected[e.Source] = append(detected[e.Source], at)
		}
	}
	for _, ats := range detected {
		slices.SortFunc(ats, time.Time.Compare)
		if last := ats[len(ats)-1]; !ats[0].Equal(last) && last.After(end) {
			return !end.IsZero()
		}
	}
	return false
}

func incidentState(t debrief.IncidentTimes) debrief.IncidentState {
	switch {
	case !t.Closed.IsZero():
		return debrief.IncidentClosed
	case !t.Restored.IsZero():
		return debrief.IncidentRestored
	case !t.Acknowledged.IsZero():
		return debrief.IncidentAcknowledged
	case t.Detected.IsZero() && !t.Impact.IsZero():
		return debrief.IncidentBegun
	}
	return debrief.IncidentDetected // it was told of: somebody or something saw it
}

func sayIncident(said *ledger, e debrief.Event) {
	r := e.Incident
	for name, v := range map[string]string{"environment": r.Environment, "title": r.Title, "url": r.URL, "severity": r.Severity, "version": r.Version} {
		said.say(e, name, v)
	}
	said.moment(e, "impact_at", r.Impact)
	said.moment(e, "detected_at", r.Detected)
	said.moment(e, "acknowledged_at", r.Acknowledged)
	said.moment(e, "restored_at", r.Restored)
	said.moment(e, "closed_at", r.Closed)
	said.count(e, "people", r.People)
	said.yes(e, "alert", r.Alert)
	said.facts(e, "label/", r.Labels)
}

func ticket(events []debrief.Event) debrief.Ticket {
	t := debrief.Ticket{Service: org}
	var said ledger
	var services []string
	for _, e := range events {
		r := e.Ticket
		say(&t.Title, r.Title)
		say(&t.Text, r.Text)
		say(&t.URL, r.URL)
		say(&t.State, r.State)
		if len(r.Labels) > 0 {
			t.Labels = sortedSet(slices.Clone(r.Labels))
		}
		earliest(&t.Opened, r.Opened)
		latest(&t.Closed, r.Closed)
		if r.State != "" && r.Closed.IsZero() && e.At.After(t.Closed) {
			t.Closed = time.Time{} // opened again; what was said before stays in Said
		}
		t.Keys = append(t.Keys, ticketKeys(e)...)
		t.Sources = append(t.Sources, e.Source)
		if e.Service != "" && e.Service != org {
			services = append(services, e.Service)
		}
		for name, v := range map[string]string{"title": r.Title, "url": r.URL, "state": r.State} {
			said.say(e, name, v)
		}
		said.moment(e, "opened_at", r.Opened)
		said.moment(e, "closed_at", r.Closed)
	}
	if services = sortedSet(services); len(services) > 0 {
		t.Service = services[0]
	}
	t.Keys, t.Sources = sortedSet(t.Keys), sortedSet(t.Sources)
	t.ID, t.Said = debrief.ID("ticket", t.Keys[0]), said.all()
	t.Skew = skew(named{"opened_at", t.Opened}, named{"closed_at", t.Closed})
	if t.Opened.IsZero() {
		for _, e := range events {
			earliest(&t.Opened, e.At)
		}
	}
	return t
}
