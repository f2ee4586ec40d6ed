package loop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

func (h *house) desk() loop.Desk {
	return loop.Desk{Store: h.st, Config: h.cfg, Now: h.clock.Now, Location: time.UTC}
}

// migrate deploys a version whose migration takes this long in production and
// twenty seconds in staging.
func (h *house) migrate(version string, took time.Duration) {
	h.t.Helper()
	for _, env := range []string{"staging", "production"} {
		d := took
		if env == "staging" {
			d = 20 * time.Second
		}
		h.deploy(env, version, func(r *debrief.Report) {
			r.Stages = []debrief.Stage{{Name: "migrate", State: debrief.Succeeded, Started: r.Times.Finished.Add(-d), Finished: r.Times.Finished}}
			r.Times.Started = r.Times.Finished.Add(-d)
		})
		h.run(time.Minute)
	}
	h.run(26 * time.Hour)
}

// From a surprising release to an action that later releases show to have
// worked; and when what is known of those changes, so does what is said.
func TestADebriefItsActionAndWhatCameOfIt(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.cfg.Chat.Webhook = "https://chat.test/hook"
		h.build()
		ctx, desk := t.Context(), h.desk()
		h.migrate("v2", 5*time.Minute)
		release := h.latest().Release.ID
		d, err := desk.Begin(ctx, release)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"# shop v2\n", "step migrate begins; it takes 5:00", "What in staging hid this?"} {
			if !strings.Contains(d.Text, part) {
				t.Errorf("%q is not in the draft:\n%s", part, d.Text)
			}
		}
		if again, err := desk.Begin(ctx, release); err != nil || again.Version != 1 || again.ID != d.ID {
			t.Errorf("begun again: %+v %v", again, err)
		}
		if _, err := desk.Finish(ctx, d.ID, 1); err == nil || !strings.Contains(err.Error(), "exactly one action") {
			t.Errorf("finished without an action: %v", err)
		}
		p, err := debrief.ParsePromise("step ratio of migrate under 3 over the next 3 releases")
		if err != nil {
			t.Fatal(err)
		}
		a, err := desk.Decide(ctx, d.ID, debrief.Action{Title: "Copy production's rows into staging each night", Owner: "Kim", Promise: &p})
		if err != nil || a.State != debrief.ActionProgress || a.Due.IsZero() {
			t.Fatalf("%+v %v", a, err)
		}
		if _, err := desk.Decide(ctx, d.ID, debrief.Action{Title: "And another thing"}); debrief.KindOf(err) != debrief.Conflict {
			t.Errorf("a second action: %v", err)
		}
		if d, err = desk.Finish(ctx, d.ID, 2); err != nil || d.State != debrief.DebriefFinished {
			t.Fatalf("%+v %v", d, err)
		}
		if _, err := desk.Finish(ctx, d.ID, d.Version); err != nil {
			t.Errorf("finishing twice: %v", err)
		}
		h.run(time.Minute)
		told := 0
		for _, m := range h.chat.got {
			if strings.Contains(m, "*Debrief: shop v2.*") {
				told++
				if !strings.Contains(m, "Copy production's rows into staging each night (Kim), by ") || !strings.Contains(m, "step ratio of migrate under 3") {
					t.Error(m)
				}
			}
		}
		if told != 1 {
			t.Errorf("the channel was told %d times", told)
		}

		if a, err = desk.End(ctx, a.ID, debrief.ActionDone); err != nil {
			t.Fatal(err)
		}
		outcome := func(want debrief.Outcome, seen int) {
			t.Helper()
			a, err := h.st.Action(ctx, a.ID)
			if err != nil || a.Promise.Outcome != want || len(a.Promise.Seen) != seen {
				t.Errorf("%q after %d releases, want %q after %d (%v)", a.Promise.Outcome, len(a.Promise.Seen), want, seen, err)
			}
		}
		outcome(debrief.NotYet, 0)
		h.migrate("v3", 40*time.Second)
		h.migrate("v4", 45*time.Second)
		outcome(debrief.NotYet, 2)
		h.migrate("v5", 50*time.Second)
		outcome(debrief.DidWork, 3)

		// It turns out that v4's staging took much less: the proof is gone.
		h.deployAgain("staging", "v4", func(r *debrief.Report) {
			r.Times.Started = r.Times.Finished.Add(-10 * time.Second)
			r.Stages = []debrief.Stage{{Name: "migrate", State: debrief.Succeeded, Started: r.Times.Started, Finished: r.Times.Finished}}
		})
		h.run(time.Hour)
		outcome(debrief.DidNotWork, 2)
	})
}

// deployAgain tells of a staging deployment of an old version anew, right after
// the one that was told of before it.
func (h *house) deployAgain(env, version string, edit func(*debrief.Report)) {
	h.t.Helper()
	var of debrief.Deployment
	err := h.st.Update(h.t.Context(), func(tx *store.Tx) error {
		ds, err := tx.Deployments("shop", env, h.clock.Now(), 50, 0)
		for _, d := range ds {
			if d.Version == version {
				of = d
			}
		}
		return err
	})
	if err != nil || of.ID == "" {
		h.t.Fatal("no such deployment", err)
	}
	now := h.clock.Now()
	h.clock.Set(of.Times.Finished.Add(time.Second))
	h.deploy(env, version, edit)
	h.clock.Set(now)
}

func TestTwoPeopleWriteOneDebrief(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		ctx, desk := t.Context(), h.desk()
		h.migrate("v2", 5*time.Minute)
		d, err := desk.Begin(ctx, h.latest().Release.ID)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := desk.Save(ctx, d.ID, 1, loop.Edit{Title: d.Title, Text: "mine", Gap: debrief.GapStaging})
		if err != nil || mine.Version != 2 {
			t.Fatalf("%+v %v", mine, err)
		}
		theirs, err := desk.Save(ctx, d.ID, 1, loop.Edit{Title: d.Title, Text: "theirs"})
		if debrief.KindOf(err) != debrief.Conflict || theirs.Text != "mine" {
			t.Errorf("the second save: %+v %v", theirs, err)
		}
		// An answer that got lost is asked for again and changes nothing.
		if again, err := desk.Save(ctx, d.ID, 2, loop.Edit{Title: d.Title, Text: "mine", Gap: debrief.GapStaging}); err != nil || again.Version != 2 {
			t.Errorf("saved again: %+v %v", again, err)
		}
		for _, e := range []loop.Edit{{Gap: "people"}, {Text: strings.Repeat("x", 300<<10)}, {Text: "\xff"}, {Title: strings.Repeat("x", 201)}} {
			if _, err := desk.Save(ctx, d.ID, 2, e); err == nil {
				t.Errorf("saved: %.40v", e)
			}
		}
		if hits, err := h.st.Search(ctx, "mine", 10); err != nil || len(hits) != 1 || hits[0].Kind != "debrief" {
			t.Errorf("found %+v %v", hits, err)
		}
		if _, err := desk.Begin(ctx, "nothing"); debrief.KindOf(err) != debrief.NotFound {
			t.Error(err)
		}
	})
}

func TestATeamHasOneActionInProgress(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		ctx, desk := t.Context(), h.desk()
		var actions []debrief.Action
		for _, v := range []string{"v2", "v3", "v4"} {
			h.migrate(v, 5*time.Minute)
			d, err := desk.Begin(ctx, h.latest().Release.ID)
			if err != nil {
				t.Fatal(err)
			}
			a, err := desk.Decide(ctx, d.ID, debrief.Action{Title: "Do something about " + v})
			if err != nil {
				t.Fatal(err)
			}
			actions = append(actions, a)
		}
		states := func(want ...debrief.ActionState) {
			t.Helper()
			for i, a := range actions {
				if got, err := h.st.Action(ctx, a.ID); err != nil || got.State != want[i] {
					t.Errorf("the action about v%d is %q, want %q (%v)", i+2, got.State, want[i], err)
				}
			}
		}
		states(debrief.ActionProgress, debrief.ActionWaiting, debrief.ActionWaiting)
		if _, err := desk.Postpone(ctx, actions[0].ID, h.clock.Now().AddDate(0, 0, 7), ""); err == nil {
			t.Error("put off without a reason")
		}
		if a, err := desk.Postpone(ctx, actions[0].ID, h.clock.Now().AddDate(0, 0, 7), "holidays"); err != nil || len(a.Postponed) != 1 {
			t.Error(a, err)
		}
		if _, err := desk.End(ctx, actions[0].ID, debrief.ActionDone); err != nil {
			t.Fatal(err)
		}
		states(debrief.ActionDone, debrief.ActionProgress, debrief.ActionWaiting)
		if _, err := desk.End(ctx, actions[1].ID, debrief.ActionDropped); err != nil {
			t.Fatal(err)
		}
		states(debrief.ActionDone, debrief.ActionDropped, debrief.ActionProgress)
		if _, err := desk.End(ctx, actions[0].ID, debrief.ActionDropped); debrief.KindOf(err) != debrief.Conflict {
			t.Errorf("ended twice: %v", err)
		}
		// A debrief whose action was dropped may decide another one.
		a, err := desk.Decide(ctx, actions[1].DebriefID, debrief.Action{Title: "Rather this"})
		if err != nil || a.State != debrief.ActionWaiting {
			t.Errorf("%+v %v", a, err)
		}
	})
}
