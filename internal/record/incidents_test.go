package record

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/debriefhq/debrief"
)

func told(source string, at time.Time, service string, r debrief.IncidentReport) debrief.Event {
	return debrief.Event{
		ID: debrief.ID(source, at.Format(time.RFC3339Nano), service, strings.Join(r.Keys, " ")), Source: source, Kind: debrief.EventIncident,
		At: at, Service: service, Incident: &r,
	}
}

func TestAnIncidentOfSeveralSources(t *testing.T) {
	t.Parallel()
	events := []debrief.Event{
		told("alertmanager", minutes(0), "shop", debrief.IncidentReport{Keys: []string{"alertmanager/f/1"}, Title: "HighErrors", Alert: true, Impact: minutes(-2), Detected: minutes(0)}),
		told("pagerduty", minutes(1), "checkout", debrief.IncidentReport{Keys: []string{"pagerduty/incident/P1", "alertmanager/f/1"}, Title: "Checkout fails", Acknowledges: true, Detected: minutes(1)}),
		told("pagerduty", minutes(5), "checkout", debrief.IncidentReport{Keys: []string{"pagerduty/incident/P1"}, Acknowledged: minutes(5), People: 2, Version: "v4"}),
		told("alertmanager", minutes(30), "shop", debrief.IncidentReport{Keys: []string{"alertmanager/f/1"}, Alert: true, Restored: minutes(30)}),
	}
	list, absorbed := Incidents(events)
	if len(list) != 1 {
		t.Fatalf("%d incidents: %+v", len(list), list)
	}
	i := list[0]
	if i.ID != debrief.ID("incident", "alertmanager/f/1") || absorbed[debrief.ID("incident", "pagerduty/incident/P1")] != i.ID {
		t.Errorf("id %s, absorbed %v", i.ID, absorbed)
	}
	want := debrief.IncidentTimes{Impact: minutes(-2), Detected: minutes(0), Acknowledged: minutes(5), Restored: minutes(30)}
	if i.Times != want || i.State != debrief.IncidentRestored || i.Open() || i.Alert || !i.Acknowledges || i.People != 2 {
		t.Errorf("%+v", i)
	}
	if i.Service != "checkout" || !slices.Equal(i.Services, []string{"checkout", "shop"}) || i.Title != "Checkout fails" || !slices.Equal(i.Versions, []string{"v4"}) {
		t.Errorf("%+v", i)
	}
	var said []string
	for _, f := range i.Said {
		if f.Name == "title" || f.Name == "detected_at" {
			said = append(said, f.Source+" "+f.Name+" "+f.Value)
		}
	}
	if got := strings.Join(said, "; "); got != "alertmanager detected_at 2026-03-03T14:00:00Z; pagerduty detected_at 2026-03-03T14:01:00Z; alertmanager title HighErrors; pagerduty title Checkout fails" {
		t.Errorf("each fact keeps its source: %s", got)
	}
	if len(i.Skew) != 0 {
		t.Error(i.Skew)
	}
}

func TestOpenAgain(t *testing.T) {
	t.Parallel()
	on := func(m int, r debrief.IncidentReport) debrief.Event {
		r.Keys = []string{"x/1"}
		return told("x", minutes(m), "shop", r)
	}
	list, _ := Incidents([]debrief.Event{on(0, debrief.IncidentReport{Detected: minutes(0)}), on(9, debrief.IncidentReport{Restored: minutes(9)}), on(20, debrief.IncidentReport{Detected: minutes(20)})})
	if i := list[0]; !i.Open() || i.State != debrief.IncidentDetected || !i.Times.Detected.Equal(minutes(0)) {
		t.Errorf("it began again: %+v", i)
	}
	list, _ = Incidents([]debrief.Event{on(0, debrief.IncidentReport{Detected: minutes(10)}), on(9, debrief.IncidentReport{Restored: minutes(9)})})
	if i := list[0]; i.Open() || !slices.Equal(i.Skew, []string{"restored_at lies before detected_at"}) {
		t.Errorf("a wrong clock is marked and opens nothing: %+v", i)
	}
	ticket := func(m int, r debrief.TicketReport) debrief.Event {
		r.Keys = []string{"z/1"}
		return debrief.Event{ID: debrief.ID("t", minutes(m).String()), Source: "z", Kind: debrief.EventTicket, At: minutes(m), Service: "shop", Ticket: &r}
	}
	ts, _, _ := Tickets([]debrief.Event{ticket(0, debrief.TicketReport{State: "new", Opened: minutes(0)}), ticket(5, debrief.TicketReport{State: "solved", Closed: minutes(5)}), ticket(8, debrief.TicketReport{State: "open"})})
	if tk := ts[0]; !tk.Open() || tk.State != "open" || len(tk.Said) != 3 {
		t.Errorf("%+v", tk)
	}
}

// Whatever order and however often: the same incidents and tickets.
func TestIncidentsAreAFunctionOfTheSet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(anyObject), 1, 10).Draw(t, "events")
		incidents, absorbed := Incidents(events)
		tickets, more, gone := Tickets(events)
		again := rapid.Permutation(append(slices.Clone(events), events[:rapid.IntRange(0, len(events)).Draw(t, "twice")]...)).Draw(t, "order")
		incidents2, absorbed2 := Incidents(again)
		tickets2, more2, gone2 := Tickets(again)
		for _, d := range []string{cmp.Diff(incidents, incidents2), cmp.Diff(absorbed, absorbed2), cmp.Diff(tickets, tickets2), cmp.Diff(more, more2), cmp.Diff(gone, gone2)} {
			if d != "" {
				t.Fatal(d)
			}
		}
		keys := map[string]string{}
		for _, i := range incidents {
			for _, k := range i.Keys {
				if keys[k] != "" {
					t.Fatalf("%s belongs to two incidents", k)
				}
				keys[k] = i.ID
			}
		}
	})
}

func anyObject(t *rapid.T) debrief.Event {
	pick := func(name string, list ...string) string { return rapid.SampledFrom(list).Draw(t, name) }
	when := func(name string) time.Time {
		if m := rapid.IntRange(-30, 90).Draw(t, name); m >= 0 {
			return minutes(m)
		}
		return time.Time{}
	}
	e := debrief.Event{
		ID: debrief.ID("e", rapid.StringN(4, 4, 4).Draw(t, "id")), Source: pick("source", "pagerduty", "alertmanager", "github"),
		At: minutes(rapid.IntRange(0, 20).Draw(t, "at")), Service: pick("service", "shop", "cart", "org", ""),
	}
	keys := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 2, rapid.ID[string]).Draw(t, "keys")
	if rapid.Bool().Draw(t, "ticket") {
		e.Kind, e.Ticket = debrief.EventTicket, &debrief.TicketReport{Keys: keys, Title: pick("title", "", "x", "y"), State: pick("state", "", "open", "closed"), Opened: when("opened"), Closed: when("closed")}
		return e
	}
	e.Kind, e.Incident = debrief.EventIncident, &debrief.IncidentReport{
		Keys: keys, Title: pick("title", "", "x", "y"), Alert: rapid.Bool().Draw(t, "alert"), Labels: debrief.Facts{pick("label", "a", "b"): pick("value", "1", "2")},
		Impact: when("impact"), Detected: when("detected"), Acknowledged: when("acknowledged"), Restored: when("restored"), Closed: when("closed"),
	}
	return e
}

// What takes effect by itself is a change, has no commit, and ships with nothing.
func TestFlips(t *testing.T) {
	t.Parallel()
	flip := debrief.Event{ID: "f1", Source: "launchdarkly", Kind: debrief.EventChange, At: minutes(3), Service: "shop", Change: &debrief.Change{Kind: "flag", Title: "new cart on"}}
	edit := debrief.Event{ID: "f2", Source: "gitlab", Kind: debrief.EventChange, At: minutes(4), Service: "shop", Change: &debrief.Change{Kind: "configuration", ID: "c2", Live: minutes(2)}}
	cs := Changes([]debrief.Event{flip, edit, flip})
	if len(cs) != 2 || cs[0].ID != "c2" || cs[1].Kind != "flag" || !cs[1].Live.Equal(minutes(3)) {
		t.Fatalf("%+v", cs)
	}
	if Keys(flip)[0] == Keys(edit)[0] {
		t.Error("two flips share a key")
	}
}

// An issue that was labelled as an incident later stands once, and so does all
// that its ticket shared a key with.
func TestATicketThatIsAnIncident(t *testing.T) {
	t.Parallel()
	ticket := func(m int, keys ...string) debrief.Event {
		return debrief.Event{ID: debrief.ID("t", minutes(m).String()), Source: "github", Kind: debrief.EventTicket, At: minutes(m), Ticket: &debrief.TicketReport{Keys: keys, Title: "carts empty"}}
	}
	events := []debrief.Event{
		ticket(0, "github/issue/o/n/1", "z/1"), ticket(1, "z/1"), ticket(2, "github/issue/o/n/2"),
		told("github", minutes(3), "shop", debrief.IncidentReport{Keys: []string{"github/issue/o/n/1"}, Title: "carts empty", Detected: minutes(0)}),
	}
	list, absorbed, gone := Tickets(events)
	if len(list) != 1 || list[0].Keys[0] != "github/issue/o/n/2" || len(absorbed) != 0 {
		t.Errorf("%+v %v", list, absorbed)
	}
	if want := []string{debrief.ID("ticket", "github/issue/o/n/1"), debrief.ID("ticket", "z/1")}; len(gone) != 2 || !slices.Contains(gone, want[0]) || !slices.Contains(gone, want[1]) {
		t.Errorf("%v, not %v", gone, want)
	}
}
