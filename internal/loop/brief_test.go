package loop_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/loop"
)

func commitOf(n int) string { return fmt.Sprintf("%040x", 0xabc000+n) }

// ship deploys a version to staging and then to production, with a migration
// every third time, which takes seven times as long there.
func (h *house) ship(n int, migrates bool) {
	h.t.Helper()
	path := "billing/invoice.go"
	if migrates {
		path = fmt.Sprintf("migrations/%04d_invoices.sql", n)
	}
	for _, env := range []string{"staging", "production"} {
		h.deploy(env, fmt.Sprintf("v%d", n), func(r *debrief.Report) {
			r.Commit = commitOf(n)
			r.Git = &debrief.GitFacts{
				Repository: "acme/shop", From: commitOf(n - 1), To: commitOf(n), Files: 1, Added: 20 + n, Paths: []string{path},
				Commits: []debrief.Change{{Commit: commitOf(n), Title: fmt.Sprintf("Invoices, part %d", n), Committed: h.clock.Now().Add(-time.Hour), Files: 1, Added: 20 + n, Paths: []string{path}, PullNumber: 100 + n, Repository: "acme/shop"}},
			}
			took, rows := 40*time.Second, "1200000"
			if env == "production" {
				took, rows = time.Duration(260+4*(n%6))*time.Second, "31000000"
			}
			at := r.Times.Finished.Add(-10 * time.Minute)
			r.Times.Started = at
			r.Stages = []debrief.Stage{{Name: "roll out", Started: at.Add(5 * time.Minute), Finished: at.Add(6 * time.Minute)}}
			if migrates {
				r.Stages = append(r.Stages, debrief.Stage{Name: "migrate", Started: at, Finished: at.Add(took), Facts: debrief.Facts{"rows": rows}})
			}
		})
		h.clock.Advance(11 * time.Minute)
	}
	h.clock.Advance(3 * 24 * time.Hour)
	h.run(time.Second)
}

// The way of a brief: releases teach, a change is held against them, it ships,
// and what was foretold is held against what happened.
func TestABriefForetellsAndIsHeldAgainstWhatHappened(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		for n := 1; n <= 18; n++ {
			h.ship(n, n%3 == 0)
		}
		// 19 is staged, and about to ship.
		h.deploy("staging", "v19", func(r *debrief.Report) {
			r.Commit = commitOf(19)
			at := r.Times.Started
			r.Stages = []debrief.Stage{{Name: "migrate", Started: at, Finished: at.Add(42 * time.Second), Facts: debrief.Facts{"rows": "1200000"}}}
		})
		h.run(time.Second)
		briefs := loop.NewBriefs(h.st, h.cfg, h.clock.Now)
		b, err := briefs.Make(t.Context(), debrief.Upcoming{
			Service: "shop", Environment: "production", Base: "v18", Head: commitOf(19), Paths: []string{"migrations/0019_invoices.sql"},
			Titles: []string{"Invoices, part 19"}, Commits: 1, Files: 1, Added: 39,
		})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(b.Kinds, []string{"migration"}) || b.Past != 17 && b.Past != 18 {
			t.Errorf("kinds %v, past %d", b.Kinds, b.Past)
		}
		if len(b.Lessons) != 1 || b.Lessons[0].Topic != "slow-step" || b.Lessons[0].Subject != "migrate" || b.Lessons[0].Seen != 6 || b.Lessons[0].Else != 0 {
			t.Errorf("lessons: %+v", b.Lessons)
		}
		if len(b.Expect) == 0 || b.Expect[0].What != "stage migrate" || b.Expect[0].Low < 240 || b.Expect[0].High > 330 || !strings.Contains(b.Expect[0].Sentence, "42 s in staging on 1.2 M rows; production has 31 M") {
			t.Errorf("expected: %+v", b.Expect)
		}
		if len(b.Suggestions) == 0 || b.Suggestions[0].Rule != "off-peak" {
			t.Errorf("suggested: %+v", b.Suggestions)
		}
		if len(b.Similar) == 0 || b.Similar[0].Version != "v18" {
			t.Errorf("similar: %+v", b.Similar)
		}
		quiet, err := briefs.Make(t.Context(), debrief.Upcoming{Service: "shop", Head: "feed", Paths: []string{"billing/invoice.go"}, Commits: 1, Files: 1, Added: 30})
		if err != nil || !quiet.Silent || len(quiet.Expect) != 1 || quiet.Expect[0].What != "deployment" {
			t.Errorf("a release like any other: %+v, %v", quiet, err)
		}
		h.clock.Advance(time.Hour)
		h.ship(19, true)
		kept, err := h.st.Brief(t.Context(), b.ID)
		if err != nil || kept.ReleaseID == "" || kept.Outcome == nil {
			t.Fatalf("not held against what happened: %+v, %v", kept, err)
		}
		if !slices.Equal(kept.Outcome.Hits, []string{"slow-step"}) || kept.Outcome.Ranges != 2 || kept.Outcome.Within < 1 || kept.Expect[0].Saw == nil || *kept.Expect[0].Saw != 264 {
			t.Errorf("outcome: %+v, %+v", kept.Outcome, kept.Expect[0])
		}
		waits, err := h.st.Brief(t.Context(), quiet.ID)
		if err != nil || waits.ReleaseID != "" {
			t.Errorf("shipped by a release that did not carry it: %+v, %v", waits, err)
		}
	})
}

// What a person calls surprising is a lesson, and no longer where they take it
// back.
func TestAnAnswerTeaches(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.ship(1, false)
		h.ship(2, true)
		var slow debrief.Surprise
		open, err := h.st.OpenSurprises(t.Context(), 50)
		for _, s := range open {
			if s.Kind == "slow-step" {
				slow = s
			}
		}
		if err != nil || slow.ID == "" {
			t.Fatalf("no slow step: %+v, %v", open, err)
		}
		for _, said := range []debrief.Answer{debrief.Surprising, debrief.NothingThere} {
			if _, err := h.st.Answer(t.Context(), slow.ID, said, h.clock.Now()); err != nil {
				t.Fatal(err)
			}
			h.run(time.Second)
			ls, err := h.st.Lessons(t.Context(), "shop", h.clock.Now(), 10)
			if err != nil {
				t.Fatal(err)
			}
			if said == debrief.Surprising && (len(ls) != 1 || ls[0].Topic != "slow-step" || ls[0].Version != "v2" || !slices.Contains(ls[0].Kinds, "migration")) {
				t.Errorf("surprising: %+v", ls)
			}
			if said == debrief.NothingThere && len(ls) != 0 {
				t.Errorf("nothing there: %+v", ls)
			}
		}
	})
}
