package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// deliveredFacts are facts of the shop: two releases a week, one of which failed, and
// reviews that wait four times as long from the middle on.
func deliveredFacts(weeks int) []debrief.ReleaseFacts {
	var out []debrief.ReleaseFacts
	for i := range 3 * weeks {
		at := now.AddDate(0, 0, -7*weeks).Add(time.Duration(i) * 56 * time.Hour)
		f := debrief.ReleaseFacts{
			ReleaseID: fmt.Sprintf("d%d", i), Service: "shop", Environment: "production", Version: fmt.Sprintf("v0.%d", i), Kind: debrief.ReleaseNew, At: at, Started: at,
			PrimaryKind: []string{"UI", "migration"}[i%2], Changes: 2,
		}
		for k := range 2 {
			parts := map[string]debrief.Seconds{"coding": debrief.Seconds(7200 + 600*(i%5) + 60*k), "review wait": debrief.Seconds(3600 + 300*(i%7)), "roll-out": 600}
			if i > 3*weeks/2 {
				parts["review wait"] *= 8
			}
			l := debrief.LeadFacts{Change: fmt.Sprintf("%s-%d", f.ReleaseID, k), Pull: i + 1, Parts: parts}
			for _, p := range parts {
				l.Lead += p
			}
			l.Committed = at.Add(-time.Duration(l.Lead) * time.Second)
			f.Leads = append(f.Leads, l)
		}
		if i == 3*weeks-4 {
			f.Failure, f.Rule, f.IncidentIDs, f.RestoredAt, f.RestoredHow = debrief.DidFail, "an incident is held to have come from it", []string{"i1"}, at.Add(time.Hour), "the service worked again"
		}
		out = append(out, f)
	}
	return out
}

func TestMetricsPage(t *testing.T) {
	t.Parallel()
	r := newRecords(creep())
	h := New(options(r))
	_, doc := get(t, h, "/services/shop/metrics")
	want(t, doc, ".lead b", "Nothing was deployed in this time.", "pre.cmd", "debrief deploy --service shop")
	r.facts = deliveredFacts(2)
	_, doc = get(t, h, "/services/shop/metrics")
	want(t, doc, "#frequency b", "6 releases", "#failure b", "1 of", "#recovery", "v0.2: 60 min", "#behind dd", "An incident is held to have come from it", "#behind a", "evidence 1", "#periods td", "–")
	r.facts = deliveredFacts(60)
	r.waiting = []debrief.Change{{ID: "w", Title: "Not out yet", Merged: now.Add(-48 * time.Hour)}}
	_, doc = get(t, h, "/services/shop/metrics?by=month&bots=1")
	want(t, doc, "#lead b", "Median", "#parts th", "review wait", "#waiting li", "Not out yet", "#behind", "And", "aside a", "by week", "aside a", "The rules, and how others count the same week")
	for query, code := range map[string]int{"team=a": 422, "author=b": 422, "target=5": 422, "by=year": 422, "periods=x": 422} {
		if w, _ := getQuick(h, "/services/shop/metrics?"+query); w.Code != code && w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
	_, doc = get(t, h, "/services/shop/metrics?team=a")
	want(t, doc, "main", "does not compare teams")
	if w, _ := getQuick(h, "/services/nobody/metrics"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
}

func TestQuestionsPage(t *testing.T) {
	t.Parallel()
	r := newRecords(creep())
	h := New(options(r))
	_, doc := get(t, h, "/services/shop/questions")
	want(t, doc, ".lead", "Too few to say")
	r.facts = deliveredFacts(60)
	_, doc = get(t, h, "/services/shop/questions")
	want(t, doc, ".lead b", "What changed in how reviews are found since then?", ".lead", "Change lead time rose", "table.parts th", "review wait", "figure svg.wide title", "change lead time by week", "#lines .name", "deployment frequency", ".evidence a", "v0.")
	_, doc = get(t, h, "/services/shop/questions?author=me")
	want(t, doc, "main", "no figure for a person")
}

func TestRulesPage(t *testing.T) {
	t.Parallel()
	_, doc := get(t, New(options(newRecords())), "/rules")
	want(t, doc, "h1", "How each number is counted", "#week li", "D4: v4", "#others td", "3 of 9", "#ours dt", "2 of 8")
}
