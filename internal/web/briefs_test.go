package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/store"
)

// fakeBriefs knows what it was given.
type fakeBriefs struct {
	list  []store.KeptBrief
	acc   debrief.BriefAccuracy
	asked debrief.Upcoming
	err   error
}

func (f *fakeBriefs) Make(_ context.Context, c debrief.Upcoming) (debrief.Brief, error) {
	f.asked = c
	return debrief.Brief{ID: "made"}, f.err
}

func (f *fakeBriefs) One(_ context.Context, id string) (store.KeptBrief, error) {
	for _, k := range f.list {
		if k.ID == id {
			return k, f.err
		}
	}
	return store.KeptBrief{}, debrief.Errorf(debrief.NotFound, "brief", "no brief %q", id)
}

func (f *fakeBriefs) List(context.Context, string, int) ([]store.KeptBrief, error) {
	return f.list, f.err
}

func (f *fakeBriefs) Shipped(_ context.Context, _, release string) (out []store.KeptBrief, err error) {
	for _, k := range f.list {
		if k.ReleaseID == release {
			out = append(out, k)
		}
	}
	return out, f.err
}

func (f *fakeBriefs) Accuracy(context.Context, string) (debrief.BriefAccuracy, error) {
	return f.acc, f.err
}

func fullBrief() store.KeptBrief {
	yes, saw, no := true, 293.0, false
	at := time.Date(2026, 11, 16, 9, 30, 0, 0, time.UTC)
	return store.KeptBrief{ReleaseID: "r42", Brief: debrief.Brief{
		ID: "b1", Service: "shop", Base: "v1.41", Head: "3f2a9c1d0e5b7a8c9d0e1f2a3b4c5d6e7f8a9b0c", Repository: "acme/shop", Pull: 12, At: at, Past: 212,
		Kinds: []string{"migration"}, Modules: []string{"billing/", "migrations/"}, Summary: "3 commits in 7 files (+120 −8 lines): migration; in billing/ and migrations/.",
		Similar: []debrief.SimilarRelease{{ReleaseID: "r30", Service: "shop", Version: "v1.30", At: at.AddDate(0, -2, 0), Score: 0.8, Why: []string{"migration", "billing/"}, Outcome: "slow step"}},
		Lessons: []debrief.BriefLesson{
			{Topic: "slow-step", Like: "migration", Sentence: "A step took far longer than in staging in 5 of 7 releases that bring a migration (3 of 205 without), mostly migrate.", Seen: 5, Of: 7, LatestID: "r30", Latest: "v1.30", Happened: &yes},
			{Topic: "metric-shift", Sentence: "A metric moved in 3 of 6 releases that touch billing/ (4 of 206 without), mostly p95 of /checkout.", Seen: 3, Of: 6, Happened: &no},
			{Topic: "retry", Usual: true, Sentence: "A step had to be tried again in 9 of the last 30 releases, whatever they brought.", Seen: 9, Of: 30},
		},
		Taught:      []debrief.Lesson{{ID: "l1", Service: "shop", At: at.AddDate(0, -2, 1), Text: "The index on invoices locked the table.", ReleaseID: "r30", DebriefID: "d1", Version: "v1.30", Action: "Copy production rows into staging each night"}},
		Expect:      []debrief.Expectation{{What: "stage migrate", Sentence: "Migrate: 42 s in staging on 1.2 M rows; production has 31 M; past ratio 6 to 9 (n = 5): expect 4 to 7 minutes.", Low: 240, High: 420, Unit: "s", N: 5, Saw: &saw, Within: &yes}},
		Suggestions: []debrief.Suggestion{{Rule: "off-peak", Do: "Run migrate off-peak", Why: "expect 4 to 7 minutes, against 42 s in staging (n = 5)"}},
		Open:        []debrief.OpenAction{{ID: "a1", Title: "Copy production rows into staging each night", Due: at.AddDate(0, 0, 9), Why: "decided after a release like it v1.30"}},
		Outcome: &debrief.BriefOutcome{
			ReleaseID: "r42", At: at.AddDate(0, 0, 1), Foretold: []string{"slow-step", "metric-shift"}, Happened: []string{"retry", "slow-step"}, Hits: []string{"slow-step"}, Ranges: 1, Within: 1,
		},
	}}
}

func withBriefs(f *fakeBriefs) http.Handler {
	o := options(newRecords(week()...))
	o.Briefs = f
	return New(o)
}

func TestABrief(t *testing.T) {
	t.Parallel()
	w, doc := get(t, withBriefs(&fakeBriefs{list: []store.KeptBrief{fullBrief()}}), "/briefs/b1")
	if w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	want(t, doc,
		"h1", "Before shipping shop", ".lead", "3 commits in 7 files",
		"#again p", "in 5 of 7 releases that bring a migration", "#again b", "happened", "#again", "did not happen", "#again a[href=/releases/r30]", "v1.30",
		"#usually", "in 9 of the last 30 releases", "#suggestions b", "Run migrate off-peak", "#suggestions", "against 42 s in staging",
		"#expect", "expect 4 to 7 minutes", "#expect b", "It was five minutes, within.",
		"#taught a[href=/debriefs/d1]", "its debrief", "#open", "due Wednesday, 25 November",
		"#similar a[href=/releases/r30]", "v1.30", "#became", "Of two things it named, 1 happened; not named: retry; 1 of one number lay within.",
		"aside dd", "v1.41 to 3f2a9c1d0", "aside dd", "acme/shop #12", "aside", "212 past releases",
	)
	for _, word := range []string{"because", "should have", "failed to"} {
		if strings.Contains(text(doc), word) {
			t.Errorf("the page says %q", word)
		}
	}
}

func TestASilentBriefAndNone(t *testing.T) {
	t.Parallel()
	f := &fakeBriefs{list: []store.KeptBrief{{Brief: debrief.Brief{ID: "b2", Service: "shop", At: now, Summary: "1 commit in 1 file.", Silent: true, Why: "nothing followed releases like this one more often than others"}}}}
	h := withBriefs(f)
	_, doc := get(t, h, "/briefs/b2")
	want(t, doc, ".note", "Past releases teach nothing about this one in particular: nothing followed")
	none(t, doc, "#again", "#expect", "#suggestions", "#taught", "#open", "#similar", "#became")
	if w, _ := get(t, h, "/briefs/nosuch"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
}

func TestTheBriefsOfAService(t *testing.T) {
	t.Parallel()
	f := &fakeBriefs{}
	h := withBriefs(f)
	_, doc := get(t, h, "/services/shop/briefs")
	want(t, doc, ".lead", "Nobody has asked yet", "pre.cmd", "debrief brief --service shop", "#accuracy", "No brief has been held against what happened yet", "form textarea[name=paths]", "")
	f.list = []store.KeptBrief{fullBrief()}
	f.acc = debrief.BriefAccuracy{Briefs: 40, Spoke: 12, Foretold: 15, Hits: 8, Happened: 30, CommonestForetold: 40, CommonestHits: 9}
	_, doc = get(t, h, "/services/shop/briefs")
	want(t, doc, ".row a[href=/briefs/b1]", "yesterday", ".row .say", "1 of 2 happened", "#accuracy", "8 of 15 things they foretold happened.", "#accuracy", "Always naming the commonest would have been right 9 of 40 times (22 %)")
	_, doc = get(t, h, "/services/shop")
	want(t, doc, "#delivery a[href=/services/shop/briefs]", "what past ones taught")
	if w, _ := get(t, h, "/services/nosuch/briefs"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	f.err = debrief.Errorf(debrief.Unavailable, "", "the database is away")
	if w, _ := get(t, h, "/services/shop/briefs"); w.Code < 500 {
		t.Error(w.Code)
	}
}

func TestAskingForABriefOnAPage(t *testing.T) {
	t.Parallel()
	f := &fakeBriefs{}
	h := withBriefs(f)
	w := post(h, "/services/shop/briefs", url.Values{"paths": {"migrations/1.sql\r\n\n billing/a.go \n"}, "titles": {"Index invoices"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/briefs/made" {
		t.Fatal(w.Code, w.Header())
	}
	if c := f.asked; c.Service != "shop" || len(c.Paths) != 2 || c.Paths[1] != "billing/a.go" || c.Commits != 1 || c.Files != 2 {
		t.Errorf("asked: %+v", c)
	}
	if w := post(h, "/services/shop/briefs", url.Values{"paths": {" \n"}}); w.Code < 400 || w.Code > 499 {
		t.Error(w.Code)
	}
	o := options(newRecords(week()...))
	o.Briefs = f
	o.Access = func(_ *http.Request, need access.Scope) error {
		if need == access.Write {
			return debrief.Errorf(debrief.Forbidden, "", "reading only")
		}
		return nil
	}
	h = New(o)
	if w := post(h, "/services/shop/briefs", url.Values{"paths": {"a"}}); w.Code != http.StatusForbidden {
		t.Error(w.Code)
	}
	_, doc := get(t, h, "/services/shop/briefs")
	none(t, doc, "form.desk")
}

// What was foretold stands on the page of what shipped it.
func TestWhatWasForetoldStandsWithTheRelease(t *testing.T) {
	t.Parallel()
	stories := week()
	k := fullBrief()
	k.ReleaseID = stories[0].Release.ID
	o := options(newRecords(stories...))
	o.Briefs = &fakeBriefs{list: []store.KeptBrief{k}}
	_, doc := get(t, New(o), "/releases/"+k.ReleaseID)
	want(t, doc, "#foretold a[href=/briefs/b1]", "The brief", "#foretold", "Of two things it named, 1 happened")
}
