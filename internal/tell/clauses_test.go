package tell_test

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

// TestSurprisesInHeadlines: a list shows a surprise's first words, and none
// that only repeats what a look said.
func TestSurprisesInHeadlines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, sentence, want string }{
		{"slow-step", "Migration took 5:12, 5.4× staging (0:58), 31 M rows against 1.2 M.", "migration took 5:12, 5.4× staging"},
		{"slow-deployment", "The deployment worked for 8:20, 2.4× the usual 3:10 (median of the last 9).", "the deployment worked for 8:20, 2.4× the usual 3:10"},
		{"manual-step", "The deployment was run by hand.", "the deployment was run by hand"},
		{"retry", "API needed 3 tries, which is a great deal more than this step usually needs.", "API needed 3 tries"},
		{"new-error", "A new kind of error, 212 lines: “x”.", "as usual"},
		{"blind-check", "Look 2 could see nothing.", "as usual"},
		{"manual-step", "", "as usual"},
	} {
		s := story(debrief.ReleaseNew, steadyLook(1, 5*time.Minute))
		s.Surprises = []debrief.Surprise{{Kind: c.kind, Subject: "x", Sentence: c.sentence}}
		if got := tell.Headline(s, time.UTC); got != c.want {
			t.Errorf("%s: %q, want %q", c.kind, got, c.want)
		}
		s.Surprises[0].Answer = debrief.NothingThere
		if got := tell.Headline(s, time.UTC); got != "as usual" {
			t.Errorf("%s, answered with nothing there: %q", c.kind, got)
		}
	}
}

// TestSaidOnce: chat hears of a finding once, and again only when it differs.
func TestSaidOnce(t *testing.T) {
	t.Parallel()
	worse1, worse2 := look(1, 5*time.Minute, debrief.Worse, slower()), look(2, time.Hour, debrief.Worse, slower())
	blind := look(2, time.Hour, debrief.CannotTell, refund())
	blind.Blind = []string{"prometheus did not answer (after 31.2 s)"}
	blinder := look(3, 24*time.Hour, debrief.CannotTell, refund())
	blinder.Blind = []string{"prometheus did not answer (after 29.8 s)"}
	for _, c := range []struct {
		name  string
		looks []debrief.Look
		want  []bool
	}{
		{"usual", []debrief.Look{steadyLook(1, 5*time.Minute), steadyLook(2, time.Hour)}, []bool{false, false}},
		{"worse and still worse", []debrief.Look{worse1, worse2}, []bool{true, false}},
		{"worse later", []debrief.Look{steadyLook(1, 5*time.Minute), worse2}, []bool{false, true}},
		{"recovered", []debrief.Look{worse1, steadyLook(2, time.Hour)}, []bool{true, true}},
		{"blind and still blind", []debrief.Look{steadyLook(1, 5*time.Minute), blind, blinder}, []bool{false, true, false}},
		{"too early", []debrief.Look{planned(1, 5*time.Minute)}, []bool{false}},
	} {
		s := story(debrief.ReleaseNew, c.looks...)
		for i, l := range c.looks {
			if text, say := tell.ChatLook(s, l, "", time.UTC); say != c.want[i] || text == "" {
				t.Errorf("%s, look %d: say %v %q", c.name, i+1, say, text)
			}
		}
	}
}
