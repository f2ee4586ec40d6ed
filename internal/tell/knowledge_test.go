package tell

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

func TestKnowledge(t *testing.T) {
	t.Parallel()
	at := func(day int) time.Time { return time.Date(2026, 11, day, 23, 30, 0, 0, time.UTC) }
	p, err := debrief.ParsePromise("step ratio of migrate under 3 over the next 3 releases")
	if err != nil {
		t.Fatal(err)
	}
	p.Outcome = debrief.DidWork
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	pages := Knowledge([]debrief.Debrief{
		{ID: "a", Service: "shop", Title: "Checkout is slow (shop v1.42)", Text: "# Checkout is slow\n\nStaging has 1.2 M rows.", State: debrief.DebriefFinished, Gap: debrief.GapStaging, Finished: at(17), ActionID: "x", Parked: []string{"a queue"}},
		{ID: "b", Service: "shop", Title: "Checkout is slow (shop v1.42)", Text: "Again.", State: debrief.DebriefFinished, Gap: debrief.GapRollout, Finished: at(17)},
		{ID: "c", Service: "shop", Title: "A draft", Text: "Unfinished.", State: debrief.DebriefDraft},
		{ID: "d", Service: "shop", Title: "[x](y)", Text: "Brackets.", State: debrief.DebriefFinished, Gap: debrief.GapRollout, Finished: at(18)},
	}, map[string]debrief.Action{"x": {ID: "x", Title: "Copy rows.", Owner: "Kim", State: debrief.ActionDone, Promise: &p, Postponed: []debrief.Postponement{{At: at(19), Reason: "holidays"}}}}, berlin)
	got := map[string]string{}
	for _, p := range pages {
		got[p.Path] = p.Text
	}
	want := map[string]string{
		"README.md": `# What our releases taught us

## Staging fidelity

- [Checkout is slow (shop v1.42)](2026/2026-11-18-checkout-is-slow-shop-v1.42.md), 18 November 2026. One action: Copy rows (done, put off once; it worked).

## Rollout

- [\[x\](y)](2026/2026-11-19-x-y.md), 19 November 2026.
- [Checkout is slow (shop v1.42)](2026/2026-11-18-checkout-is-slow-shop-v1.42-2.md), 18 November 2026.
`,
		"2026/2026-11-18-checkout-is-slow-shop-v1.42.md": `# Checkout is slow

Staging has 1.2 M rows.

---

Service: shop. Finished 18 November 2026. Gap: staging fidelity.

## The one action

Copy rows.

- Owner: Kim
- State: done, put off once; it worked
- Shown by: step ratio of migrate under 3 over the next 3 releases
- Put off on 20 November 2026: holidays

Parked:

- a queue
`,
		"2026/2026-11-18-checkout-is-slow-shop-v1.42-2.md": "# Checkout is slow (shop v1.42)\n\nAgain.\n\n---\n\nService: shop. Finished 18 November 2026. Gap: rollout.\n",
		"2026/2026-11-19-x-y.md":                           "# [x](y)\n\nBrackets.\n\n---\n\nService: shop. Finished 19 November 2026. Gap: rollout.\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if none := Knowledge(nil, nil, time.UTC); len(none) != 1 || !strings.Contains(none[0].Text, "No debrief is finished yet.") {
		t.Error(none)
	}
}
