package learn

import (
	"testing"

	"github.com/debriefhq/debrief"
)

func TestWhatADebriefTaughtInWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"# v2\n\n## What happened\n\n- 14:00 v1 runs\n\n## Questions these facts raise\n\n**What in staging hid this?** (Migration took 5:00)\n\n## What made it possible\n\nStaging has **1.2 M** rows.\nMore.": "v2: Staging has 1.2 M rows.",
		"**What happened.** The queue grew.\n": "v2: What happened. The queue grew.",
		"# v2\n\n- 14:00 v1 runs\n":            "v2",
		"":                                     "v2",
		"## What made it possible\n\n- The runbook named two people.\n": "v2: The runbook named two people.",
	} {
		if got := debriefText(debrief.Debrief{Title: "v2.", Text: text}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
