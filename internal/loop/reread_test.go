package loop_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/store"
)

const fired = `{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"Slow","service":"shop","team":"ledger"},"startsAt":"2026-03-10T08:50:00Z","fingerprint":"b0ee4e1f7d6c4a21"}]}`

func (h *house) arrives(source, key, body string) string {
	h.t.Helper()
	got, err := h.st.Accept(h.t.Context(), debrief.Envelope{Source: source, Key: key, Body: []byte(body), Digest: debrief.ID(body), Received: h.clock.Now()})
	if err != nil {
		h.t.Fatal(err)
	}
	return got[0].ID
}

func (h *house) parseAgain(source string) {
	h.t.Helper()
	if err := h.st.ParseAgain(h.t.Context(), source); err != nil {
		h.t.Fatal(err)
	}
	h.run(time.Minute)
}

// everything is what is known, as text: two equal ones are one state.
func (h *house) everything() string {
	h.t.Helper()
	ctx := h.t.Context()
	var all struct {
		Releases  []debrief.Release
		Incidents []debrief.Incident
		Flips     []debrief.Change
		Counts    []store.SourceCount
	}
	var err error
	fail := func(err error) {
		if err != nil {
			h.t.Fatal(err)
		}
	}
	all.Releases, _, err = h.st.Releases(ctx, store.Filter{})
	fail(err)
	all.Incidents, _, err = h.st.Incidents(ctx, store.ObjectFilter{})
	fail(err)
	for _, s := range []string{"shop", "ledger", store.Org} {
		flips, err := h.st.Flips(ctx, s, time.Time{}, h.clock.Now().Add(time.Hour), 10)
		fail(err)
		all.Flips = append(all.Flips, flips...)
	}
	all.Counts, err = h.st.SourceCounts(ctx)
	fail(err)
	b, err := json.Marshal(all)
	fail(err)
	return string(b)
}

// What an earlier version ignored, rejected or gave up is recorded; what was
// recorded is not recorded twice; and asking again changes nothing.
func TestParsingAgain(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		ctx := h.t.Context()
		h.deploy("production", "v1", nil)
		h.arrives("alertmanager", "body/1", fired)
		h.run(time.Minute)
		for state, key := range map[string]string{"ignored": "body/2", "rejected": "body/3"} {
			body := `{"version":"4","alerts":[{"status":"resolved","labels":{"alertname":"` + state + `","service":"shop"},"startsAt":"2026-03-10T08:51:00Z","endsAt":"2026-03-10T08:52:00Z","fingerprint":"0011223344556677"}]}`
			if state == "rejected" {
				body = fired[:len(fired)-2] + "}]" // broken still
			}
			if err := h.st.Keep(ctx, debrief.Envelope{Source: "alertmanager", Key: key, Body: []byte(body), Digest: key, Received: h.clock.Now()}, state, "an earlier version said so"); err != nil {
				h.t.Fatal(err)
			}
		}
		id := h.arrives("launchdarkly", "e1", `{"_id":"e1","date":1773132600000,"kind":"flag","name":"x","accesses":[{"action":"updateOn","resource":"proj/p:env/production:flag/x"}]}`)
		for { // given up by an earlier version
			w, err := h.st.Claim(ctx, []string{store.WorkRecord}, time.Minute)
			if err != nil || w == nil {
				h.t.Fatal("nothing to bury", err)
			}
			if w.Key == id {
				if err := h.st.Bury(ctx, w, "it panicked"); err != nil {
					h.t.Fatal(err)
				}
				break
			}
		}
		dead, err := h.st.Dead(ctx)
		if err != nil || dead["launchdarkly"] != 1 {
			h.t.Fatalf("dead letters %v, %v", dead, err)
		}
		h.parseAgain("alertmanager")
		h.parseAgain("launchdarkly")
		list, _, err := h.st.Incidents(ctx, store.ObjectFilter{})
		if err != nil || len(list) != 2 {
			h.t.Fatalf("%d incidents, want the known one and the one that was ignored: %v", len(list), err)
		}
		if flips, err := h.st.Flips(ctx, store.Org, time.Time{}, h.clock.Now(), 10); err != nil || len(flips) != 1 {
			h.t.Errorf("the dead letter was not replayed: %v, %v", flips, err)
		}
		rejected, err := h.st.Deliveries(ctx, "alertmanager", store.EnvelopeRejected, 10)
		if err != nil || len(rejected) != 1 || rejected[0].Reason == "an earlier version said so" {
			h.t.Errorf("rejected: %+v, %v", rejected, err)
		}
		h.run(26 * time.Hour) // all looks are taken: nothing else changes
		before := h.everything()
		for _, s := range []string{"alertmanager", "launchdarkly", "api"} {
			h.parseAgain(s)
		}
		if after := h.everything(); after != before {
			h.t.Errorf("parsing again changed\n%s\ninto\n%s", before, after)
		}
	})
}

// Read otherwise than before, an envelope tells of what it tells of now and of
// nothing it told of then.
func TestParsingAgainTakesBack(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		ctx := h.t.Context()
		h.arrives("alertmanager", "body/1", fired)
		h.arrives("launchdarkly", "e1", `{"_id":"e1","date":1773132600000,"kind":"flag","name":"x","accesses":[{"action":"updateOn","resource":"proj/p:env/production:flag/x"}]}`)
		h.deploy("production", "v1", nil)
		h.run(time.Minute)
		h.cfg.Sources = map[string]config.Source{"alertmanager": {ServiceLabels: []string{"team"}}}
		h.cfg.Services = map[string]config.Service{"ledger": {Aliases: []string{"launchdarkly:p"}}}
		h.build()
		if err := h.l.Plan(ctx); err != nil {
			h.t.Fatal(err)
		}
		h.parseAgain("alertmanager")
		h.parseAgain("launchdarkly")
		list, _, err := h.st.Incidents(ctx, store.ObjectFilter{})
		if err != nil || len(list) != 1 || list[0].Service != "ledger" || len(list[0].Services) != 1 {
			h.t.Errorf("incidents: %+v, %v", list, err)
		}
		for service, want := range map[string]int{store.Org: 0, "ledger": 1} {
			if flips, err := h.st.Flips(ctx, service, time.Time{}, h.clock.Now(), 10); err != nil || len(flips) != want {
				h.t.Errorf("%s: %d flips, want %d: %v", service, len(flips), want, err)
			}
		}
	})
}

// A deployment that only the old reading knew goes, with its release.
func TestParsingAgainForgetsADeployment(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		ctx := h.t.Context()
		h.deploy("production", "v1", nil)
		h.clock.Advance(time.Hour)
		h.deploy("production", "v2", nil)
		h.run(time.Minute)
		done, err := h.st.Deliveries(ctx, "api", store.EnvelopeDone, 10) // newest first
		if err != nil || len(done) != 2 {
			h.t.Fatal(done, err)
		}
		err = h.st.Update(ctx, func(tx *store.Tx) error {
			v1, err := tx.Said(done[1].ID)
			if err != nil {
				return err
			}
			v2, err := tx.Said(done[0].ID)
			if err != nil {
				return err
			}
			if err := tx.SettleSaid(done[1].ID, append(v1, v2...)); err != nil {
				return err
			}
			return tx.Enqueue(store.Work{Kind: store.WorkRecord, Key: done[1].ID})
		})
		if err != nil {
			h.t.Fatal(err)
		}
		h.run(time.Minute)
		rs, _, err := h.st.Releases(ctx, store.Filter{})
		if err != nil || len(rs) != 1 || rs[0].Version != "v1" || rs[0].NextID != "" {
			h.t.Errorf("%+v, %v", rs, err)
		}
		h.parseAgain("api") // the other envelope still says it
		if rs, _, _ := h.st.Releases(ctx, store.Filter{}); len(rs) != 2 {
			h.t.Errorf("%d releases after both were read again", len(rs))
		}
	})
}
