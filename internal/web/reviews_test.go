package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// reviewed is what reviews are reckoned from, in memory.
type reviewed struct {
	kept  []debrief.Review // the latest first
	lines []debrief.ReleaseFacts
}

func (r *records) Review(_ context.Context, service, month string) (debrief.Review, bool, error) {
	for _, x := range r.past.kept {
		if x.Service == service && x.Month == month {
			return x, true, r.err
		}
	}
	return debrief.Review{}, false, r.err
}

func (r *records) Reviews(_ context.Context, _, before string, limit int) (out []debrief.Review, err error) {
	for _, x := range r.past.kept {
		if (before == "" || x.Month < before) && len(out) < limit {
			out = append(out, x)
		}
	}
	return out, r.err
}

func (r *records) EachLine(_ context.Context, service string, from, to time.Time, each func(*debrief.ReleaseFacts)) error {
	for _, f := range r.past.lines {
		if (service == "" || f.Service == service) && !f.At.Before(from) && f.At.Before(to) {
			each(&f)
		}
	}
	return r.err
}

func (r *records) EachAnswer(context.Context, string, time.Time, time.Time, func(debrief.Surprise)) error {
	return r.err
}

func (r *records) EachFinished(context.Context, string, time.Time, time.Time, func(debrief.Debrief)) error {
	return r.err
}

func (r *records) EachAlert(context.Context, string, time.Time, time.Time, func(debrief.Incident)) error {
	return r.err
}

func (r *records) Actions(context.Context, store.ObjectFilter, ...debrief.ActionState) ([]debrief.Action, string, error) {
	return nil, "", r.err
}

// october is a month with everything a review can tell.
func october() debrief.Review {
	at := time.Date(2026, 10, 24, 14, 5, 0, 0, time.UTC)
	release := func(service string, days int) debrief.Evidence {
		return debrief.Evidence{Kind: "release", ID: "r" + service, Service: service, At: at.AddDate(0, 0, -days)}
	}
	return debrief.Review{
		Month: "2026-10", From: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		Releases: 36, Failed: 3, Tested: 193, More: 4, Kept: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC),
		Findings: []debrief.Finding{
			{
				ID: "f1", Pattern: "kind-precedes", Subject: "migration", Services: []string{"shop"}, Saves: 6440, Since: "2026-08",
				Sentence: "Releases with the kind migration preceded trouble in 22 of 45 (49 %); the other releases of the same services and quarters would lead one to expect about 5.",
				Question: "What would make such changes safe to ship?", Why: "What went along with trouble before is where a look beforehand is worth most.",
				Sure:     "chance alone would show as much less than once in 10,000 times; of such releases 35 to 56 % (90 % interval), of the others 20 of 355 (5.6 %)",
				SavesHow: "1.4 fewer failures a month, the median time to restore, 30 minutes, each",
				Evidence: []debrief.Evidence{release("shop", 0), release("shop", 9), {Kind: "incident", ID: "i1", Service: "shop", At: at}},
			},
			{
				ID: "f2", Pattern: "action-postponed", Subject: "Seed staging", Services: []string{"shop"}, Saves: 900,
				Sentence: "“Seed staging with tables as large as production's” was put off three times since 2 March; meanwhile 7 releases of shop failed.",
				Question: "Is it still the one thing to do, and if so, what would have to wait for it?", Why: "What was decided and not done keeps costing what it was meant to save.",
				Sure: "known, not tested; what happened meanwhile need not have to do with it", SavesHow: "the time those failures lasted, a month; at most, if the action would have kept all of them away",
				Evidence: []debrief.Evidence{{Kind: "debrief", ID: "d1", Service: "shop", At: at}},
			},
		},
		Beside: []string{"Pipelines worked 13 hours in the month; most of it went into roll out 4 hours (33 %), approval 4 hours (30 %) and test 3 hours (21 %)."},
		Few:    []string{"configuration (4 of 8)", "ledger of shop (2 of 7)"},
	}
}

// looked has a review of October, a quiet September, and nothing before.
func looked() Options {
	r := newRecords(week()...)
	september := debrief.Review{Month: "2026-09", Releases: 31, Tested: 180, Findings: []debrief.Finding{}, Kept: time.Date(2026, 10, 2, 9, 0, 0, 0, time.UTC)}
	r.past.kept = []debrief.Review{october(), september}
	return options(r)
}

func TestReviews(t *testing.T) {
	t.Parallel()
	w, doc := get(t, New(looked()), "/reviews")
	lines := all(doc, ".reviews li")
	if w.Code != http.StatusOK || len(lines) != 2 {
		t.Fatalf("%d, %d months", w.Code, len(lines))
	}
	for i, want := range []string{"October 2026 Two things are worth a question. 36 releases, three of them failed.", "September 2026 Nothing stands out. 31 releases, none of them failed."} {
		if got := text(lines[i]); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if len(all(doc, "a[href=/reviews/2026-11]")) != 1 || len(all(doc, "nav a[aria-current=page]")) != 1 {
		t.Error("the month that runs, or where one is, is missing")
	}
	w, doc = get(t, New(options(newRecords())), "/reviews")
	if w.Code != http.StatusOK || !strings.Contains(text(doc), "No month was looked back on yet.") || len(all(doc, "a[href=/reviews/2026-10]")) != 1 {
		t.Error("empty:", w.Code, text(doc))
	}
}

func TestReview(t *testing.T) {
	t.Parallel()
	h := New(looked())
	w, doc := get(t, h, "/reviews/2026-10")
	if w.Code != http.StatusOK || len(all(doc, "article.finding")) != 2 || len(all(doc, "h1")) != 1 {
		t.Fatal(w.Code, w.Body)
	}
	said := text(doc)
	for _, want := range []string{
		"Two things are worth a question.", "preceded trouble in 22 of 45", "What would make such changes safe to ship?",
		"Acting on it would save about two hours a month: 1.4 fewer failures a month", "First said in August 2026.", "Also worth knowing",
		"configuration (4 of 8); ledger of shop (2 of 7)", "at most one in ten may be chance", "Four more findings are left out here", "As it was said",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said: %s", want, said)
		}
	}
	if len(all(doc, ".evidence a[href=/releases/rshop]")) != 2 || len(all(doc, ".evidence a[href=/incidents/i1]")) != 1 || len(all(doc, ".evidence a[href=/debriefs/d1]")) != 1 {
		t.Error("the evidence leads elsewhere")
	}
	_, doc = get(t, h, "/reviews/2026-09")
	if got := text(all(doc, ".lead")[0]); got != "Nothing stands out. 31 releases, none of them failed." || len(all(doc, "article")) != 0 {
		t.Errorf("a month without findings is one line: %q", got)
	}
}

func TestReviewFiles(t *testing.T) {
	t.Parallel()
	h := New(looked())
	w, _ := get(t, h, "/reviews/2026-10/file?format=markdown")
	md := w.Body.String()
	if w.Header().Get("Content-Type") != "text/markdown; charset=utf-8" || !strings.Contains(w.Header().Get("Content-Disposition"), `filename="review-2026-10.md"`) ||
		!strings.HasPrefix(md, "# October 2026\n\n**Two things are worth a question.**") || !strings.Contains(md, "](http://example.com/releases/rshop)") {
		t.Error(w.Header(), md)
	}
	w, doc := get(t, h, "/reviews/2026-10/file?format=html")
	if w.Header().Get("Content-Type") != "text/html; charset=utf-8" || len(all(doc, "article")) != 2 || len(all(doc, "a[href=http://example.com/incidents/i1]")) != 1 {
		t.Error(w.Header(), w.Body)
	}
	if w, _ = get(t, h, "/reviews/2026-10/file?format=pdf"); w.Code != http.StatusUnprocessableEntity {
		t.Error("an unknown format:", w.Code)
	}
}

func TestReviewsThatAreReckonedNow(t *testing.T) {
	t.Parallel()
	r := newRecords(week()...)
	for i := range 20 {
		f := debrief.ReleaseFacts{ReleaseID: "r", Service: "shop", Kind: debrief.ReleaseNew, At: now.AddDate(0, 0, -2*i)}
		r.past.lines = append(r.past.lines, f)
	}
	h := New(options(r))
	_, doc := get(t, h, "/reviews/2026-10")
	if said := text(doc); !strings.Contains(said, "Nothing stands out. Eleven releases, none of them failed.") || !strings.Contains(said, "Reckoned now") {
		t.Error(said)
	}
	_, doc = get(t, h, "/reviews/2026-11?service=shop")
	if said := text(doc); !strings.Contains(said, "Reviews of shop November 2026 Nothing stands out so far. Nine releases so far") {
		t.Error(said)
	}
	for path, want := range map[string]int{
		"/reviews/2026-13": http.StatusUnprocessableEntity, "/reviews/last": http.StatusUnprocessableEntity, "/reviews/2027-01": http.StatusUnprocessableEntity,
		"/reviews/2026-10?service=nobody": http.StatusNotFound,
	} {
		if w, _ := get(t, h, path); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	r.err = debrief.Errorf(debrief.Unavailable, "", "the database does not answer")
	if w, _ := get(t, h, "/reviews"); w.Code != http.StatusServiceUnavailable {
		t.Error(w.Code)
	}
}
