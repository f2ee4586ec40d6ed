package web

import (
	"net/http"
	"testing"

	"github.com/debriefhq/debrief"
)

// TestWhatEveryReleaseBringsIsQuiet: it keeps its numbers, is not drawn large,
// and says what it was held against.
func TestWhatEveryReleaseBringsIsQuiet(t *testing.T) {
	t.Parallel()
	stories := week()
	for i := range stories {
		for j := range stories[i].Looks {
			for k := range stories[i].Looks[j].Verdicts {
				if v := &stories[i].Looks[j].Verdicts[k]; v.Word == debrief.Worse {
					v.Usual, v.Beside, v.Sentence = true, "3 other regions", ""
				}
			}
		}
	}
	w, doc := get(t, New(options(newRecords(stories...))), "/releases/creep")
	if w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	want(t, doc, ".quietly .says", "38 % up (31 to 46 %) since 14:21, usual after a deployment, held against 3 other regions", ".lead", "which is usual after a deployment.")
	if n := len(all(doc, "figure.metric")); n != 0 {
		t.Errorf("%d large plots of what is usual", n)
	}
}
