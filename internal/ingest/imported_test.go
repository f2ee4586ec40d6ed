package ingest

import (
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

var importedAt = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

func importedItems(items ...string) Request {
	return Request{Key: "csv/x", Received: importedAt, Body: []byte(`{"from":"csv","items":[` + strings.Join(items, ",") + `]}`)}
}

const (
	anIncident = `{"service":"shop","incident":{"keys":["csv/incident/1"],"title":"carts lost","detected_at":"2026-03-03T14:20:00Z","restored_at":"2026-03-03T15:00:00+01:00"}}`
	aDeployed  = `{"service":"shop","assumed":true,"deployment":{"keys":["git/tag/v1"],"environment":"production","version":"v1","state":"succeeded","finished_at":"2026-03-03T14:20:00Z","git":{"repository":"acme/shop","from":"aaaaaaa","to":"bbbbbbb","commits":[{"commit":"bbbbbbb","title":"x","squashed":true,"bot":true,"reverts":"ccccccc"}]}}}`
	aChange    = `{"service":"shop","change":{"repository":"acme/shop","commit":"bbbbbbb","committed_at":"2026-03-03T14:20:00Z"}}`
	aFlag      = `{"service":"shop","change":{"id":"csv-1","kind":"flag","title":"fast cart on","live_at":"2026-03-03T14:20:00Z"}}`
	aTicket    = `{"service":"shop","ticket":{"keys":["csv/ticket/1"],"title":"lost","opened_at":"2026-03-03T14:20:00Z"}}`
)

func TestImported(t *testing.T) {
	t.Parallel()
	incident := strings.Replace(anIncident, "15:00:00+01:00", "15:00:00Z", 1)
	all, err := parseImported(importedItems(incident, aDeployed, aChange, aFlag, aTicket))
	if err != nil || len(all) != 5 {
		t.Fatalf("%d events, %v", len(all), err)
	}
	kinds := []debrief.EventKind{debrief.EventIncident, debrief.EventDeployment, debrief.EventChange, debrief.EventChange, debrief.EventTicket}
	for i, e := range all {
		if e.Kind != kinds[i] || e.Service != "shop" || e.Source != "csv" || e.At.IsZero() || e.Assumed != (i == 1) {
			t.Errorf("%d: %+v", i, e)
		}
	}
	if at := all[0].At.Format(time.RFC3339); at != "2026-03-03T15:00:00Z" {
		t.Errorf("an incident is as of its last moment, not %s", at)
	}
	if c := all[1].Report.Git.Commits[0]; !c.Squashed || !c.Bot || c.Reverts != "ccccccc" || c.ID == "" {
		t.Errorf("%+v", c)
	}
	// The same fact is the same event in whatever request it comes, and twice in one.
	again, err := parseImported(Request{Key: "csv/y", Received: importedAt.Add(time.Hour), Body: []byte(`{"from":"csv","items":[` + aTicket + "," + aTicket + `]}`)})
	if err != nil || len(again) != 1 || again[0].ID != all[4].ID {
		t.Errorf("%+v, %v", again, err)
	}
	other, err := parseImported(importedItems(strings.Replace(aTicket, "lost", "found", 1)))
	if err != nil || other[0].ID == all[4].ID {
		t.Errorf("another fact has the same id: %v", err)
	}
}

func TestImportedRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ item, field, message string }{
		{anIncident, "items.0.incident.restored_at", "before it began"},
		{`{"service":"shop"}`, "items.0", "exactly one"},
		{strings.TrimSuffix(aChange, "}") + `,"ticket":{"keys":["a"]}}`, "items.0", "2 objects"},
		{strings.Replace(aChange, `"commit":"bbbbbbb",`, "", 1), "items.0.change.commit", "missing"},
		{strings.Replace(aFlag, `"id":"csv-1",`, "", 1), "items.0.change.id", "missing"},
		{strings.Replace(aTicket, `"keys":["csv/ticket/1"],`, "", 1), "items.0.ticket.keys", "missing"},
		{strings.Replace(aTicket, "2026-03", "2027-03", 1), "items.0.ticket.opened_at", "future"},
		{strings.Replace(aTicket, "2026-03-03T14:20:00Z", "yesterday", 1), "items.0.ticket.opened_at", "not a time"},
		{strings.Replace(aDeployed, `"service":"shop",`, "", 1), "items.0.service", "missing"},
		{strings.Replace(aDeployed, `"keys":["git/tag/v1"],`, "", 1), "items.0.deployment.keys", "missing"},
		{strings.Replace(aDeployed, `"environment":"production",`, "", 1), "items.0.deployment.environment", "missing"},
		{strings.Replace(aDeployed, `"finished_at"`, `"finish"`, 1), "items.0.deployment.finish", "unknown field"},
	} {
		_, err := parseImported(importedItems(tc.item))
		e, ok := err.(*debrief.Error)
		if !ok || e.Field != tc.field || !strings.Contains(e.Error(), tc.message) || e.Kind != debrief.Invalid {
			t.Errorf("%s:\n%v, want %s: %s", tc.item, err, tc.field, tc.message)
		}
	}
	for _, body := range []string{`{"items":[` + aTicket + `]}`, `{"from":"hearsay","items":[` + aTicket + `]}`, `{"from":"csv","items":[]}`, `[]`, `{`} {
		if _, err := parseImported(Request{Received: importedAt, Body: []byte(body)}); debrief.KindOf(err) != debrief.Invalid {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func FuzzImported(f *testing.F) {
	for _, s := range []string{anIncident, aDeployed, aChange, aFlag, aTicket} {
		f.Add(`{"from":"git","items":[` + s + `]}`)
	}
	f.Fuzz(func(t *testing.T, body string) {
		events, err := parseImported(Request{Key: "k", Received: importedAt, Body: []byte(body)})
		if err != nil && len(events) > 0 {
			t.Error("events beside an error")
		}
		for _, e := range events {
			if e.ID == "" || e.At.IsZero() || e.At.After(importedAt.Add(ahead)) {
				t.Errorf("%+v", e)
			}
		}
	})
}
