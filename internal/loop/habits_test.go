package loop_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
)

// incident tells of an incident people had, as an import does.
func (h *house) incident(id, title string, detected, restored time.Time) {
	h.t.Helper()
	report := map[string]any{"keys": []string{"csv/incident/" + id}, "environment": "production", "title": title, "detected_at": detected}
	if !restored.IsZero() {
		report["restored_at"] = restored
	}
	body, err := json.Marshal(map[string]any{"from": "csv", "items": []any{map[string]any{"service": "shop", "incident": report}}})
	if err != nil {
		h.t.Fatal(err)
	}
	key := "incident/" + id + restored.String()
	if _, err := h.st.Accept(h.t.Context(), debrief.Envelope{Source: "import", Key: key, Body: body, Received: h.clock.Now()}); err != nil {
		h.t.Fatal(err)
	}
	h.run(time.Second)
}

func (h *house) told(part string) (n int) {
	for _, m := range h.chat.got {
		if strings.Contains(m, part) {
			n++
		}
	}
	return n
}

// on sets the clock to a day's hour; the Monday of that week is 16 November.
func (h *house) on(day, hour int) time.Time {
	at := time.Date(2026, 11, 15+day, hour, 0, 0, 0, time.UTC)
	h.clock.Set(at)
	return at
}

func TestTheMorningAfterAnIncident(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		friday := h.on(5, 20)
		h.incident("I1", "Checkout is slow", friday.Add(-time.Hour), friday)
		h.incident("I2", "Search is down", friday.Add(-2*time.Hour), friday.Add(-time.Hour))
		h.incident("old", "Long ago", friday.AddDate(0, -1, 0), friday.AddDate(0, -1, 0).Add(time.Hour))
		if _, err := h.desk().Begin(t.Context(), debrief.ID("incident", "csv/incident/I2")); err != nil {
			t.Fatal(err)
		}
		h.run(60*time.Hour - time.Minute) // until Monday morning, shortly before nine
		if n := h.told("Checkout is slow"); n != 0 {
			t.Errorf("said %d times on a weekend or too early", n)
		}
		h.run(4 * time.Hour)
		if h.told("Checkout is slow") != 1 || h.told("Its debrief is drafted") != 1 {
			t.Errorf("told: %q", h.chat.got)
		}
		if d, found, err := h.st.DebriefAbout(t.Context(), "shop", debrief.ID("incident", "csv/incident/I1")); err != nil || !found || !strings.Contains(d.Text, "incident: Checkout is slow") {
			t.Errorf("the draft: %+v %v", d, err)
		}
		// Told of again, it is not said again.
		h.incident("I1", "Checkout is slow", friday.Add(-time.Hour), friday.Add(time.Minute))
		h.run(100 * time.Hour)
		if n := h.told("Checkout is slow"); n != 1 {
			t.Errorf("said %d times", n)
		}
	})
}

func TestADueActionIsSaidOnce(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		ctx, desk := t.Context(), h.desk()
		monday := h.on(1, 8)
		h.incident("I1", "Checkout is slow", monday.Add(-2*time.Hour), monday.Add(-time.Hour))
		d, err := desk.Begin(ctx, debrief.ID("incident", "csv/incident/I1"))
		if err != nil {
			t.Fatal(err)
		}
		a, err := desk.Decide(ctx, d.ID, debrief.Action{Title: "Alert on the queue", Owner: "Kim", Due: monday.AddDate(0, 0, 3)})
		if err != nil {
			t.Fatal(err)
		}
		h.run(48 * time.Hour)
		if _, err := desk.Postpone(ctx, a.ID, monday.AddDate(0, 0, 5), "holidays"); err != nil { // a Saturday
			t.Fatal(err)
		}
		h.run(6 * 24 * time.Hour)
		if h.told("Due today: *Alert on the queue* (Kim). It was put off once.") != 1 || h.told("Due today") != 1 {
			t.Errorf("told: %q", h.chat.got)
		}
		// What is done is not said.
		if a, err = desk.Postpone(ctx, a.ID, h.clock.Now().AddDate(0, 0, 3), "again"); err != nil {
			t.Fatal(err)
		}
		if _, err := desk.End(ctx, a.ID, debrief.ActionDone); err != nil {
			t.Fatal(err)
		}
		h.run(10 * 24 * time.Hour)
		if n := h.told("Due today"); n != 1 {
			t.Errorf("said %d times", n)
		}
	})
}

func TestMornings(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	h := config.Habits{At: "08:30", Days: []string{"mon", "tue", "wed", "thu"}}
	for _, c := range []struct{ after, want string }{
		{"2026-11-16T23:30:00Z", "2026-11-18T07:30:00Z"}, // already Tuesday in Berlin
		{"2026-11-18T10:00:00Z", "2026-11-19T07:30:00Z"},
		{"2026-11-19T10:00:00Z", "2026-11-23T07:30:00Z"}, // nobody works on Fridays here
		{"2026-03-28T10:00:00Z", "2026-03-30T06:30:00Z"}, // the clocks go forward in between
	} {
		at, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Morning(at, berlin).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("after %s: %s, want %s", c.after, got, c.want)
		}
	}
}
