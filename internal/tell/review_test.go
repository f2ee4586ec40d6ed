package tell

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

func lookedBack() debrief.Review {
	return debrief.Review{
		Month: "2026-10", Releases: 1204, Failed: 1, Tested: 193, More: 1,
		Findings: []debrief.Finding{{
			ID: "f", Subject: "a_b <c>", Sentence: "Releases of the kind *a_b* <c> preceded trouble.", Question: "What would make it safe?", Why: "It is worth a look.",
			Sure: "counted", Saves: 600, SavesHow: "two a month", Since: "2026-08",
			Evidence: []debrief.Evidence{{Kind: "incident", ID: `i"1/`, Service: "shop", At: time.Date(2026, 10, 24, 22, 5, 0, 0, time.UTC)}, {Kind: "note", ID: "n", Service: "cart"}},
		}},
		Beside: []string{"Pipelines worked 13 hours."},
	}
}

func TestReviewIsSafeInEveryForm(t *testing.T) {
	t.Parallel()
	r, berlin := lookedBack(), time.FixedZone("", 7200)
	md := ReviewMarkdown(r, "https://d.example", map[string]string{"shop": "The [shop]"}, berlin)
	for _, want := range []string{
		"# October 2026\n", "## 1. a\\_b &lt;c>\n", "kind \\*a\\_b\\* &lt;c> preceded", "- How sure: counted\n", "- First said in: August 2026\n",
		"[The \\[shop\\] (incident), 25 October 00:05](https://d.example/incidents/i1); cart (note)\n",
	} {
		if !strings.Contains(md, want) {
			t.Errorf("%q is not in\n%s", want, md)
		}
	}
	page, err := ReviewHTML(r, "https://d.example", nil, berlin)
	if err != nil || !strings.Contains(page, "kind *a_b* &lt;c&gt; preceded") || !strings.Contains(page, `<a href="https://d.example/incidents/i1">`) || strings.Contains(page, "<c>") {
		t.Error(err, page)
	}
	if said := ReviewMessage(r, "https://d.example/reviews/2026-10"); !strings.HasPrefix(said, "*October 2026: one thing is worth a question.* 1,204 releases, one of them failed.\n• ") ||
		!strings.Contains(said, "&lt;c&gt;") || !strings.HasSuffix(said, "<https://d.example/reviews/2026-10|See the review>") {
		t.Error(said)
	}
}

func TestReviewInATerminal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		r    debrief.Review
		want string
	}{
		"nothing happened": {debrief.Review{Month: "2026-02"}, "February 2026: nothing was released.\n"},
		"quiet":            {debrief.Review{Month: "2026-02", Releases: 4}, "February 2026: nothing stands out. Four releases, none of them failed.\n"},
		"still running":    {debrief.Review{Month: "2026-02", Releases: 1, Failed: 1, Running: true}, "February 2026: nothing stands out so far. One release so far, one of them\nfailed.\n"},
		"of a service":     {debrief.Review{Month: "2026-02", Service: "shop", Sample: true}, "shop, February 2026 (sample): nothing was released.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := TerminalReview(TermWriter{Out: &b}, c.r, ""); err != nil || b.String() != c.want {
				t.Errorf("%q, want %q (%v)", b.String(), c.want, err)
			}
		})
	}
	var b bytes.Buffer
	if err := TerminalReview(TermWriter{Out: &b, Width: 60}, lookedBack(), "https://d.example"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1. Releases of the kind", "   How sure: counted.", "   Would save about ten minutes a month: two a month.", "   First said in August 2026.", "/incidents/i1", "Also worth knowing", "finding is left out here"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
