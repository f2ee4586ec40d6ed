package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// lostCarts saves an incident that asks, with two releases and a flag.
func lostCarts(t *testing.T, s *store.Store, at time.Time) debrief.Attribution {
	t.Helper()
	a := debrief.Attribution{
		Subject: "i1", Kind: debrief.SubjectIncident, Service: "shop", Services: []string{"shop"}, At: at, State: debrief.BlameAsked,
		Sentence: "3 candidates are too close to tell apart.", Question: "Did it come from shop v2, shop v3 or flag: new-cart?",
		Candidates: []debrief.Candidate{
			{Kind: debrief.CandidateRelease, ID: "r3", Service: "shop", Title: "shop v3", LogOdds: 1.2},
			{Kind: debrief.CandidateRelease, ID: "r2", Service: "shop", Title: "shop v2", LogOdds: 1.1},
			{Kind: "flag", ID: "f1", Service: "shop", Title: "flag: new-cart switched on", LogOdds: 1},
			{Kind: debrief.CandidateNone, ID: debrief.NotADeployment, Title: "no change at all"},
		},
	}
	ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Service("shop", false); err != nil {
			return err
		}
		var rs []debrief.Release
		for n, id := range []string{"r1", "r2", "r3"} {
			began := at.Add(time.Duration(n-90) * time.Minute)
			d := debrief.Deployment{ID: id, Service: "shop", Environment: "production", Version: "v" + id[1:], State: debrief.Succeeded, Times: debrief.Times{Started: began, Finished: began}, Keys: []string{"api/" + id}}
			if err := tx.SaveDeployments("shop", []debrief.Deployment{d}, nil); err != nil {
				return err
			}
			rs = append(rs, debrief.Release{ID: id, Service: "shop", Environment: "production", Version: "v" + id[1:], Kind: debrief.ReleaseNew, DeploymentIDs: []string{id}, Started: began, FirstExposure: began, FullExposure: began, Looks: []debrief.Word{}})
		}
		if err := tx.SaveReleases("shop", rs); err != nil {
			return err
		}
		if err := tx.SaveIncidents([]debrief.Incident{{ID: "i1", Service: "shop", Services: []string{"shop"}, Began: at}}, nil); err != nil {
			return err
		}
		_, err := tx.SaveAttribution(a)
		return err
	}))
	return a
}

func TestAnswersStandAndAreTakenBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		lostCarts(t, s, at)
		held := func(want string) {
			t.Helper()
			a, found, err := s.Attribution(t.Context(), "i1")
			ok(t, err)
			c, is := a.Held()
			if !found || c.ID != want || is != (want != "") {
				t.Errorf("held is %q, want %q", c.ID, want)
			}
		}
		if list, err := s.Asked(t.Context(), "shop", 10); err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		for _, c := range []struct{ answer, held string }{
			{"r2", "r2"},
			{"v3", "r3"}, // a version
			{"new-cart", "f1"},
			{"Shop V2", "r2"},
			{"v1", "r1"}, // no candidate: one that went out before
			{"Not a deployment", ""},
		} {
			_, err := s.Correct(t.Context(), "i1", c.answer, "since", at) // the clock stands still
			ok(t, err)
			held(c.held)
		}
		if list, err := s.Asked(t.Context(), "", 10); err != nil || len(list) != 0 {
			t.Errorf("answered, and asked all the same: %v %v", list, err)
		}
		for _, wrong := range []string{"", "v99", "shop"} {
			if _, err := s.Correct(t.Context(), "i1", wrong, "", at); debrief.KindOf(err) != debrief.Invalid || !strings.Contains(err.Error(), "not a deployment") {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		if _, err := s.Correct(t.Context(), "i9", "r2", "", at); debrief.KindOf(err) != debrief.NotFound {
			t.Errorf("no such incident: %v", err)
		}
		// Worked out anew, the answer is found again; the history of answers is one.
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
			said, err := tx.Answered("shop", "i1")
			if err == nil && (said == nil || said.Answer != debrief.NotADeployment || said.Note != "since") {
				t.Errorf("said is %+v", said)
			}
			return err
		}))
		list, err := s.Corrections(t.Context(), 10)
		ok(t, err)
		if len(list) != 1 || list[0].Correction.Answer != debrief.NotADeployment || list[0].Then.State != debrief.BlameAsked || list[0].Then.Candidates[0].ID != "r3" {
			t.Errorf("corrections are %+v", list)
		}
		for _, before := range []string{"r1", "r2", "f1", "r3", "r2", ""} {
			_, err := s.Uncorrect(t.Context(), "i1")
			ok(t, err)
			held(before)
		}
		if _, err := s.Uncorrect(t.Context(), "i1"); debrief.KindOf(err) != debrief.NotFound {
			t.Errorf("nothing is left to take back: %v", err)
		}
		if list, err := s.Asked(t.Context(), "", 10); err != nil || len(list) != 1 {
			t.Errorf("taken back, and not asked again: %v %v", list, err)
		}
	})
}

// An answer is found under the id its incident gets later, and outlives what
// was worked out.
func TestAnswersFollowTheirIncident(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		a := lostCarts(t, s, at)
		_, err := s.Correct(t.Context(), "i1", "r2", "", at)
		ok(t, err)
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
			i := debrief.Incident{ID: "i0", Service: "shop", Services: []string{"shop"}, Began: at}
			if err := tx.SaveIncidents([]debrief.Incident{i}, map[string]string{"i1": "i0"}); err != nil {
				return err
			}
			if err := tx.DropAttributions("i1"); err != nil {
				return err
			}
			said, err := tx.Answered("shop", "i0")
			if err == nil && (said == nil || said.Answer != "r2") {
				t.Errorf("under its new id nobody said anything: %+v", said)
			}
			if err != nil {
				return err
			}
			a.Subject, a.Answer, a.State = "i0", said, debrief.BlameSaid
			_, err = tx.SaveAttribution(a)
			return err
		}))
		// Under its old id too.
		_, err = s.Correct(t.Context(), "i1", "r3", "", at.Add(time.Minute))
		ok(t, err)
		b, found, err := s.Attribution(t.Context(), "i0")
		if c, _ := b.Held(); err != nil || !found || c.ID != "r3" {
			t.Errorf("%+v %v %v", b, found, err)
		}
		list, err := s.Blaming(t.Context(), "shop", "r3")
		if err != nil || len(list) != 1 {
			t.Errorf("r3 is blamed by %v %v", list, err)
		}
		if list, err := s.Blaming(t.Context(), "shop", "r2"); err != nil || len(list) != 0 {
			t.Errorf("r2 is still blamed by %v %v", list, err)
		}
		text := export(t, s, true)
		for _, engine := range storetest.Engines() {
			other, _ := storetest.Open(t, engine)
			_, err := other.Import(t.Context(), strings.NewReader(text))
			ok(t, err)
			if again := export(t, other, true); again != text {
				t.Error("export and import changed something")
			}
			b, _, err := other.Attribution(t.Context(), "i0")
			if c, _ := b.Held(); err != nil || c.ID != "r3" {
				t.Errorf("after the import %q is held, %v", c.ID, err)
			}
			if _, err := other.Uncorrect(t.Context(), "i0"); err != nil {
				t.Error(err)
			}
		}
	})
}

// Whatever is held, suspected or no longer is has its facts made anew.
func TestAttributionsAskForFacts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		a := lostCarts(t, s, clock.Now())
		asked := func() string {
			var got []string
			for {
				w, err := s.Claim(t.Context(), []string{store.WorkFacts}, time.Minute)
				ok(t, err)
				if w == nil {
					return strings.Join(got, " ")
				}
				got = append(got, w.Key)
				ok(t, s.Finish(t.Context(), w, nil))
			}
		}
		if got := asked(); len(got) != len("r2 r3") {
			t.Errorf("asked for %q, suspected are r2 and r3", got)
		}
		save := func() {
			ok(t, s.Update(t.Context(), func(tx *store.Tx) error { _, err := tx.SaveAttribution(a); return err }))
		}
		save()
		if got := asked(); got != "" {
			t.Errorf("nothing changed, asked for %q", got)
		}
		a.State, a.Question = debrief.BlamePicked, ""
		save()
		if got := asked(); len(got) != len("r2 r3") {
			t.Errorf("r3 is held and r2 no longer suspected; asked for %q", got)
		}
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.DropIncidents([]string{"i1"}) }))
		if got := asked(); got != "r3" {
			t.Errorf("the incident is gone; asked for %q", got)
		}
		if _, found, err := s.Attribution(t.Context(), "i1"); found || err != nil {
			t.Error(found, err)
		}
	})
}
