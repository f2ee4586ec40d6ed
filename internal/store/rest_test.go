package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func TestServicesAreFoundByTheirNames(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		service := func(name string, sample bool) debrief.Service {
			t.Helper()
			var sv debrief.Service
			update(t, s, func(tx *store.Tx) (err error) {
				sv, err = tx.Service(name, sample)
				return err
			})
			return sv
		}
		shop := service("My Shop", true)
		if shop.ID != "my-shop" || shop.Name != "My Shop" || !shop.Sample {
			t.Errorf("created %+v", shop)
		}
		update(t, s, func(tx *store.Tx) error {
			return tx.SetAliases("my-shop", []string{"GitHub:acme/shop", "store", " Store ", ""})
		})
		for _, name := range []string{"my shop", "MY-SHOP", "my  shop", "store", "github:ACME/shop", " STORE"} {
			if got := service(name, false); got.ID != "my-shop" || !got.Sample {
				t.Errorf("%q is %+v", name, got)
			}
		}
		if got := service("", false); got.ID != store.Org {
			t.Errorf("no name is %+v", got)
		}
		if got := service("Org", false); got.ID != "org-service" {
			t.Errorf("the reserved word is taken: %+v", got)
		}
		kind(t, s.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Service("!!!", false)
			return err
		}), debrief.Invalid)
		cart := service("cart", false)
		err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetAliases(cart.ID, []string{"basket", "Store"}) })
		kind(t, err, debrief.Conflict)
		list, err := s.Services(t.Context())
		ok(t, err)
		want := []debrief.Service{
			cart, {ID: "my-shop", Name: "My Shop", Sample: true, Aliases: []string{"github:acme/shop", "store"}}, {ID: "org-service", Name: "Org"},
		}
		if diff := cmp.Diff(want, list); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAMessageIsSaidOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		m := debrief.Message{Key: "look/r/1", Channel: "slack", Text: "worse", Link: "http://x"}
		for range 2 {
			update(t, s, func(tx *store.Tx) error { return tx.Post(m) })
		}
		rows(t, s, 1, `select natural_key from work where kind = 'send'`)
		got, err := s.TakeMessage(t.Context(), m.Key)
		ok(t, err)
		if got.Text != "worse" || got.State != debrief.MessageSending || got.Attempts != 1 || !got.Created.Equal(clock.Now()) {
			t.Errorf("took %+v", got)
		}
		ok(t, s.SettleMessage(t.Context(), m.Key, debrief.MessageWaiting, "503"))
		_, err = s.TakeMessage(t.Context(), m.Key)
		ok(t, err)
		// The process that was sending is gone, and another one takes it.
		_, err = s.TakeMessage(t.Context(), m.Key)
		kind(t, err, debrief.Conflict)
		_, err = s.TakeMessage(t.Context(), m.Key)
		kind(t, err, debrief.Conflict)
		list, err := s.Messages(t.Context(), []debrief.MessageState{debrief.MessageUnresolved, debrief.MessageFailed}, 10)
		ok(t, err)
		if len(list) != 1 || list[0].Attempts != 2 || list[0].Problem == "" || !list[0].Settled.Equal(clock.Now()) {
			t.Errorf("unresolved: %+v", list)
		}
		ok(t, s.SettleMessage(t.Context(), m.Key, debrief.MessageSent, ""))
		ok(t, s.SettleMessage(t.Context(), m.Key, debrief.MessageSent, ""))
		kind(t, s.SettleMessage(t.Context(), m.Key, debrief.MessageFailed, "late"), debrief.Conflict)
		kind(t, s.SettleMessage(t.Context(), "none", debrief.MessageSent, ""), debrief.NotFound)
		_, err = s.TakeMessage(t.Context(), "none")
		kind(t, err, debrief.NotFound)
		_, err = s.TakeMessage(t.Context(), m.Key)
		kind(t, err, debrief.Conflict)
		update(t, s, func(tx *store.Tx) error { return tx.Post(m) })
		if list, err = s.Messages(t.Context(), nil, 10); err != nil || len(list) != 1 || list[0].State != debrief.MessageSent {
			t.Errorf("posted again after it was sent: %+v %v", list, err)
		}
	})
}

// Of many takers of one message, one sends it; no taker goes on after it
// became unresolved.
func TestConcurrentTakers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		update(t, s, func(tx *store.Tx) error { return tx.Post(debrief.Message{Key: "k"}) })
		var mu sync.Mutex
		taken := 0
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := s.TakeMessage(t.Context(), "k")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					taken++
				case debrief.KindOf(err) != debrief.Conflict:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if taken != 1 {
			t.Errorf("%d takers may send", taken)
		}
	})
}

func TestSearchRanksAlikeOnBothEngines(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now().Add(-time.Hour)
		update(t, s, func(tx *store.Tx) error {
			ok(t, tx.SaveReleases("shop", []debrief.Release{{ID: "r1", Service: "shop", Environment: "production", Started: at}}))
			ok(t, tx.Index("shop", "release", "r1", "Shop v1.42.0\np95 of /checkout 38 % up, migration of the cart table"))
			ok(t, tx.Index("shop", "release", "r2", "Shop v1.43.0\nas usual"))
			ok(t, tx.Index("shop", "change", "c1", "Fix the Überweisung in /checkout, checkout again"))
			ok(t, tx.Index("cart", "release", "r3", "Cart v1.42.0\nas usual "+strings.Repeat("filler ", 50)))
			ok(t, tx.Index("cart", "release", "gone", "checkout"))
			return tx.Index("cart", "release", "gone", "")
		})
		for _, c := range []struct{ q, want string }{
			{"checkout", "c1 r1"},
			{"v1.42.0", "r1 r3"},
			{"Shop 1.43.0", "r2 r1 r3"},
			{"überweisung", "c1"},
			{"42", "r1 r3"},
			{"nothing like it", ""},
			{"  ", ""},
			{"cart v1.42.0", "r1 r3"},
		} {
			hits, err := s.Search(t.Context(), c.q, 10)
			ok(t, err)
			var ids []string
			for _, h := range hits {
				ids = append(ids, h.ID)
			}
			if got := strings.Join(ids, " "); got != c.want {
				t.Errorf("%q: got %s, want %s", c.q, got, c.want)
			}
		}
		hits, err := s.Search(t.Context(), "migration", 1)
		ok(t, err)
		if h := hits[0]; h.Title != "Shop v1.42.0" || h.Kind != "release" || h.Service != "shop" || !h.At.Equal(at) || h.Score <= 0 {
			t.Errorf("hit %+v", h)
		}
		update(t, s, func(tx *store.Tx) error { return tx.DeleteReleases("shop", []string{"r1"}) })
		if hits, err := s.Search(t.Context(), "migration", 1); err != nil || len(hits) != 0 {
			t.Errorf("what was deleted is found: %v %v", hits, err)
		}
	})
}

func TestLogCountsAddUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		bin := at.Unix()
		save := func(ps ...store.LogCount) {
			t.Helper()
			update(t, s, func(tx *store.Tx) error { return tx.SaveLogCounts("shop", ps) })
		}
		if known, ps, err := s.LogPatterns(t.Context(), "shop", at, at.Add(time.Hour)); !known.IsZero() || len(ps) != 0 || err != nil {
			t.Error("nothing is known yet:", known, ps, err)
		}
		save(
			store.LogCount{ID: "a", Template: "took <*> ms", Level: "info", Example: "took 5 ms", Bins: map[int64]int{bin: 2, bin + 10: 3}, First: at, Last: at.Add(11 * time.Second)},
			store.LogCount{ID: "b", Template: "boom", Bins: map[int64]int{bin - 3600: 1}, First: at.Add(-time.Hour), Last: at.Add(-time.Hour)},
			store.LogCount{ID: "a", Template: "took <*> ms", Bins: map[int64]int{bin: 1}, First: at.Add(-time.Minute), Last: at},
		)
		save(store.LogCount{ID: "b", Template: "boom", Level: "error", Example: "boom", Bins: map[int64]int{bin + 20: 4}, First: at.Add(20 * time.Second), Last: at.Add(20 * time.Second)})
		known, ps, err := s.LogPatterns(t.Context(), "Shop", at, at.Add(time.Minute))
		ok(t, err)
		want := []store.LogCount{
			{ID: "a", Template: "took <*> ms", Level: "info", Example: "took 5 ms", Bins: map[int64]int{bin: 3, bin + 10: 3}, First: at.Add(-time.Minute), Last: at.Add(11 * time.Second)},
			{ID: "b", Template: "boom", Level: "error", Example: "boom", Bins: map[int64]int{bin + 20: 4}, First: at.Add(-time.Hour), Last: at.Add(20 * time.Second)},
		}
		if diff := cmp.Diff(want, ps); diff != "" || !known.Equal(at.Add(-time.Hour)) {
			t.Error(known, diff)
		}
		past, err := s.LogStretches(t.Context(), "Shop", at.Add(-time.Hour), 30*time.Minute, 3)
		ok(t, err)
		if diff := cmp.Diff(map[string][]int{"a": {0, 0, 6}, "b": {1, 0, 4}}, past); diff != "" {
			t.Error(diff)
		}
	})
}

func TestChunks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		hour := clock.Now().Truncate(time.Hour)
		update(t, s, func(tx *store.Tx) error {
			for i := range 5 {
				ok(t, tx.SaveChunk("shop", "latency", hour.Add(time.Duration(i)*time.Hour), fmt.Sprint("first ", i)))
			}
			return tx.SaveChunk("shop", "latency", hour.Add(time.Hour), "second 1")
		})
		got, err := s.Chunks(t.Context(), "shop", "latency", hour.Add(time.Hour), hour.Add(3*time.Hour))
		ok(t, err)
		want := []store.Chunk{{Hour: hour.Add(time.Hour), Data: "second 1"}, {Hour: hour.Add(2 * time.Hour), Data: "first 2"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		tok := store.Token{ID: "1", Name: "ci", Hash: "h", Scope: "write", Created: clock.Now()}
		ok(t, s.SaveToken(t.Context(), tok))
		tok.Used = clock.Now().Add(time.Minute)
		ok(t, s.SaveToken(t.Context(), tok))
		got, err := s.TokenByHash(t.Context(), "h")
		ok(t, err)
		if diff := cmp.Diff(tok, got); diff != "" {
			t.Error(diff)
		}
		_, err = s.TokenByHash(t.Context(), "other")
		kind(t, err, debrief.NotFound)
		revoked := clock.Now()
		ok(t, s.RevokeToken(t.Context(), "1"))
		clock.Advance(time.Hour)
		ok(t, s.RevokeToken(t.Context(), "1"))
		kind(t, s.RevokeToken(t.Context(), "2"), debrief.NotFound)
		list, err := s.Tokens(t.Context())
		ok(t, err)
		if len(list) != 1 || !list[0].Revoked.Equal(revoked) {
			t.Errorf("tokens %+v", list)
		}
	})
}

func TestASettingIsMadeOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		var mu sync.Mutex
		got := map[string]bool{}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				v, err := s.Setting(t.Context(), "salt", func() string { return fmt.Sprint("salt ", i) })
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				got[v] = true
			})
		}
		wg.Wait()
		if len(got) != 1 || got[""] {
			t.Errorf("eight asked and got %v", got)
		}
	})
}

func TestPurgeForgetsWhatIsRaw(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		fill := func(name string) {
			t.Helper()
			at := clock.Now()
			got, err := s.Accept(t.Context(), envelope("open "+name, "body"), envelope("done "+name, "body"))
			ok(t, err)
			update(t, s, func(tx *store.Tx) error {
				ok(t, tx.SettleEnvelope(got[1].ID, store.EnvelopeDone, ""))
				ok(t, tx.SaveEvents([]debrief.Event{report(name, "shop", at, "k")}, reportKeys))
				d := deployment(name, "production", "v", at)
				d.Output, d.Command = "tail", "make"
				ok(t, tx.SaveDeployments("shop", []debrief.Deployment{d}, nil))
				ok(t, tx.SaveReleases("shop", []debrief.Release{{ID: name, Service: "shop", Environment: "production", Started: at, DeploymentIDs: []string{name}}}))
				ok(t, tx.SaveLook(debrief.Look{ReleaseID: name, Service: "shop", Number: 1, Due: at, Logs: debrief.LogFindings{
					Patterns: []debrief.LogPattern{{ID: "1", Template: "t"}, {ID: "2", Template: "u", Example: "example"}},
				}}))
				ok(t, tx.SaveChunk("shop", "m", at, "x"))
				return tx.SaveLogCounts("shop", []store.LogCount{{ID: name, Template: "t", Example: "example", Bins: map[int64]int{at.Unix(): 1}, First: at, Last: at}})
			})
		}
		start := clock.Now()
		fill("old")
		clock.Advance(40 * 24 * time.Hour)
		fill("new")
		raw := func(id string) string {
			t.Helper()
			st, err := s.Story(t.Context(), id)
			ok(t, err)
			p := st.Looks[0].Logs.Patterns
			out := st.Deployments[0].Output + st.Deployments[0].Command + p[0].Example + p[1].Example
			for _, e := range linked(t, s, "shop", "k") {
				if e.ID == id {
					out += e.Report.Output
				}
			}
			return out
		}
		if raw("old") == "" || raw("new") == "" {
			t.Fatal("nothing to forget")
		}
		for range 2 {
			ok(t, s.Purge(t.Context(), clock.Now().Add(-30*24*time.Hour)))
		}
		if got := raw("old"); got != "" {
			t.Errorf("not forgotten: %q", got)
		}
		if got := raw("new"); got != "tailmakeexampletail of new" {
			t.Errorf("forgotten too early: %q", got)
		}
		bodies, err := s.Strings(t.Context(), `select natural_key from inbox where length(body) > 0 order by natural_key`)
		ok(t, err)
		if got := strings.Join(bodies, ","); got != "done new,open new,open old" {
			t.Errorf("bodies kept: %s", got)
		}
		rows(t, s, 1, `select id from log_patterns where example <> ''`)
		known, ps, err := s.LogPatterns(t.Context(), "shop", start, clock.Now().Add(time.Hour))
		ok(t, err)
		if !known.Equal(start) || len(ps) != 1 || ps[0].ID != "new" {
			t.Errorf("since %v: %+v", known, ps)
		}
		if cs, err := s.Chunks(t.Context(), "shop", "m", start, clock.Now().Add(time.Hour)); err != nil || len(cs) != 1 {
			t.Error("chunks kept:", cs, err)
		}
		// The same again is still the same.
		again, err := s.Accept(t.Context(), envelope("done old", "body"))
		if err != nil || again[0].New {
			t.Error("a purged envelope is new again:", again, err)
		}
	})
}
