package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func report(id, service string, at time.Time, keys ...string) debrief.Event {
	return debrief.Event{
		ID: id, Service: service, Source: "api", Key: id, Kind: debrief.EventDeployment, At: at, Received: at,
		Report: &debrief.Report{Keys: keys, Service: service, Output: "tail of " + id, Command: "make " + id, State: debrief.Running},
	}
}

func reportKeys(e debrief.Event) []string { return e.Report.Keys }

func linked(t *testing.T, s *store.Store, service string, keys ...string) []debrief.Event {
	t.Helper()
	var out []debrief.Event
	ok(t, s.Update(t.Context(), func(tx *store.Tx) (err error) {
		out, err = tx.Linked(service, keys)
		return err
	}))
	return out
}

func names(evs []debrief.Event) string {
	var out []string
	for _, e := range evs {
		out = append(out, e.ID)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestEventsAreLinkedOverTheirKeys(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		evs := []debrief.Event{
			report("c", "shop", at.Add(2*time.Second), "k2", "k3"),
			report("a", "shop", at, "k1"),
			report("b", "", at.Add(time.Second), "k1", "k2"), // of no service
			report("d", "shop", at, "k4"),
			report("e", "cart", at, "k1"),
			report("f", "shop", at), // without a key it is found by nobody
		}
		for range 2 { // saving again changes nothing
			ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveEvents(append(evs, evs...), reportKeys) }))
		}
		got := linked(t, s, "shop", "k3")
		want := []debrief.Event{evs[1], evs[2], evs[0]}
		want[1].Service = store.Org
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		for _, c := range []struct {
			service string
			keys    []string
			want    string
		}{
			{"shop", []string{"k4"}, "d"},
			{"shop", []string{"k4", "k1"}, "a b c d"},
			{"cart", []string{"k3"}, ""},
			{"cart", []string{"k2"}, "b e"},
			{"org", []string{"k2"}, "b"},
			{"shop", nil, ""},
			{"nobody", []string{"k1"}, "b"},
		} {
			if got := names(linked(t, s, c.service, c.keys...)); got != c.want {
				t.Errorf("%s %v: got %q, want %q", c.service, c.keys, got, c.want)
			}
		}
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
			got, err := tx.ServicesOf([]string{"k1", "k2", "k9"})
			if !slices.Equal(got, []string{"cart", "shop"}) {
				t.Errorf("services of k1 and k2: %v", got)
			}
			return err
		}))
	})
}

// Linked is the transitive closure over shared keys, whatever the graph.
func TestLinkedIsTheTransitiveClosure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		rng := rand.New(rand.NewPCG(1, 2))
		for round := range 12 {
			service := fmt.Sprintf("service-%d", round)
			var evs []debrief.Event
			for i := range 25 {
				var keys []string
				for range 1 + rng.IntN(3) {
					keys = append(keys, fmt.Sprintf("%d/%d", round, rng.IntN(10+4*round)))
				}
				sv := service
				if rng.IntN(4) == 0 {
					sv = store.Org
				}
				evs = append(evs, report(fmt.Sprintf("%d/%d", round, i), sv, clock.Now(), keys...))
			}
			rng.Shuffle(len(evs), func(i, j int) { evs[i], evs[j] = evs[j], evs[i] })
			ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveEvents(evs, reportKeys) }))
			for range 5 {
				start := fmt.Sprintf("%d/%d", round, rng.IntN(10+4*round))
				if got, want := names(linked(t, s, service, start)), names(closure(evs, start)); got != want {
					t.Fatalf("round %d from %s:\ngot  %s\nwant %s", round, start, got, want)
				}
			}
		}
	})
}

// closure grows a set until nothing is added: slow and obviously right.
func closure(evs []debrief.Event, start string) []debrief.Event {
	keys := map[string]bool{start: true}
	in := make([]bool, len(evs))
	for grew := true; grew; {
		grew = false
		for i, e := range evs {
			if in[i] || !slices.ContainsFunc(e.Report.Keys, func(k string) bool { return keys[k] }) {
				continue
			}
			in[i], grew = true, true
			for _, k := range e.Report.Keys {
				keys[k] = true
			}
		}
	}
	var out []debrief.Event
	for i, e := range evs {
		if in[i] {
			out = append(out, e)
		}
	}
	return out
}

// Everybody who saves an event and recomputes from what is linked must end
// with what all of them together know, whoever commits last: also where the
// link goes over events of no service.
func TestConcurrentRecordingLosesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		const events = 16
		var wg sync.WaitGroup
		for i := range events {
			wg.Go(func() {
				// A chain: each shares a key with the next; every third floats.
				e := report(fmt.Sprint(i), "shop", clock.Now(), fmt.Sprintf("k%d", i), fmt.Sprintf("k%d", i+1))
				if i%3 == 1 {
					e.Service = ""
				}
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					if err := tx.SaveEvents([]debrief.Event{e}, reportKeys); err != nil {
						return err
					}
					all := e.Report.Keys
					services := []string{e.Service}
					if e.Service == "" {
						floating, err := tx.Linked(store.Org, all)
						if err != nil {
							return err
						}
						for _, f := range floating {
							all = append(all, f.Report.Keys...)
						}
						if services, err = tx.ServicesOf(all); err != nil {
							return err
						}
					}
					for _, sv := range services {
						evs, err := tx.Linked(sv, all)
						if err != nil {
							return err
						}
						ids := map[string]bool{}
						for _, e := range evs {
							ids[e.ID] = true
						}
						first := evs[0].ID
						for id := range ids {
							first = min(first, id)
						}
						d := debrief.Deployment{ID: "d" + first, Service: sv, Environment: "production", Version: names(evs)}
						redirects := map[string]string{}
						for id := range ids {
							if id != first {
								redirects["d"+id] = "d" + first
							}
						}
						if err := tx.SaveDeployments(sv, []debrief.Deployment{d}, redirects); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := s.Strings(t.Context(), `select version from deployments`)
		ok(t, err)
		want := names(linked(t, s, "shop", "k0"))
		if len(strings.Fields(want)) != events {
			t.Fatalf("the chain is not whole: %s", want)
		}
		if len(got) != 1 || got[0] != want {
			t.Errorf("recorded %q, want one deployment of %q", got, want)
		}
	})
}
