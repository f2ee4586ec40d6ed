package loop_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/record"
)

// heard collects events by identity, as a store does.
type heard struct {
	source string
	header string
	events map[string]debrief.Event
	how    map[string]string
}

func newHeard(source, header string) *heard {
	return &heard{source, header, map[string]debrief.Event{}, map[string]string{}}
}

func (h *heard) add(t interface{ Fatalf(string, ...any) }, kind, key string, body []byte, at time.Time) {
	src, err := ingest.Lookup(h.source)
	if err != nil {
		t.Fatalf("%v", err)
	}
	events, err := src.Parse(ingest.Request{Header: map[string]string{h.header: kind}, Body: body, Received: at, Key: key})
	if err != nil && debrief.KindOf(err) != debrief.Ignored {
		t.Fatalf("%s: %v\n%s", kind, err, body)
	}
	for _, e := range events {
		if _, ok := h.events[e.ID]; !ok {
			e.Key, e.Received = "", time.Time{} // receipts differ, facts must not
			h.events[e.ID] = e
			h.how[e.ID] = fmt.Sprintf("%s at %s: %s", kind, at.Format("15:04:05"), body)
		}
	}
}

// objects are what the ledger makes of everything heard.
func (h *heard) objects() ([]debrief.Deployment, []debrief.Change) {
	var list []debrief.Event
	for _, e := range h.events {
		if e.Service == "" {
			e.Service = "org"
		}
		list = append(list, e)
	}
	ds, _ := record.Deployments(list)
	return ds, record.Changes(list)
}

// missing lists what a heard and b did not.
func missing(a, b *heard, skip func(debrief.Event) bool) []string {
	var out []string
	for id := range a.events {
		if _, ok := b.events[id]; !ok && !skip(a.events[id]) {
			out = append(out, a.how[id])
		}
	}
	slices.Sort(out)
	return out
}

// round polls once, from where it was left, and keeps how far it came.
func round(t interface{ Fatalf(string, ...any) }, p forge.Poller, repository string, h *heard, progress *forge.Progress, now time.Time) error {
	return p.Poll(context.Background(), repository, now.Add(-30*24*time.Hour), *progress, func(_ context.Context, items []forge.Item, reached forge.Progress) error {
		for _, it := range items {
			h.add(t, it.Header[h.header], it.Key, it.Body, now)
		}
		*progress = reached
		return nil
	})
}

var began = time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)

// lives runs a property over made-up lives, the same ones each time: each asks
// a server dozens of times, so there are few. -lives makes more.
func lives(t *testing.T, fn func(rt *rapid.T)) {
	t.Helper()
	for seed := range *manyLives {
		rapid.Custom(func(rt *rapid.T) bool { fn(rt); return true }).Example(seed + 1)
	}
}

var manyLives = flag.Int("lives", 12, "made-up lives of repositories that are polled")

// Whichever way a repository's life comes in, by webhook or by asking, the
// same events result; and asked only once at its end, the same objects.
func TestGitHubPolledOrSentIsTheSame(t *testing.T) {
	t.Parallel()
	lives(t, func(rt *rapid.T) {
		w := newGitHubWorld(t, began)
		defer w.Close()
		w.page = 30 // a page GitHub fills with a hundred
		gh := forge.GitHub{URL: w.URL, Token: "read-only", Client: w.Client(), Now: func() time.Time { return w.now }}
		sent, polled, once := newHeard("github", "X-Github-Event"), newHeard("github", "X-Github-Event"), newHeard("github", "X-Github-Event")
		var progress forge.Progress
		w.watch = func() {
			if err := round(t, gh, "acme/shop", polled, &progress, w.now); err != nil {
				t.Fatalf("%v", err)
			}
		}
		for range rapid.IntRange(1, 7).Draw(rt, "steps") {
			w.step(rt)
		}
		w.watch()
		for i, h := range w.told {
			sent.add(t, h.kind, fmt.Sprint(i), h.body, h.at)
		}
		none := func(debrief.Event) bool { return false }
		if lost := missing(sent, polled, none); len(lost) > 0 {
			t.Fatalf("sent and not polled: %v", lost)
		}
		if more := missing(polled, sent, none); len(more) > 0 {
			t.Fatalf("polled and not sent: %v", more)
		}
		if err := round(t, gh, "acme/shop", once, &forge.Progress{}, w.now); err != nil {
			t.Fatalf("%v", err)
		}
		sameObjects(t, sent, once)
	})
}

func sameObjects(t *testing.T, a, b *heard) {
	aDeployments, aChanges := a.objects()
	bDeployments, bChanges := b.objects()
	if d := cmp.Diff(aDeployments, bDeployments); d != "" {
		t.Fatalf("other deployments (-sent +polled once):\n%s", d)
	}
	if d := cmp.Diff(aChanges, bChanges); d != "" {
		t.Fatalf("other changes (-sent +polled once):\n%s", d)
	}
}

// However often and wherever a round is cut off, going on from what was kept
// misses nothing.
func TestAPollThatIsCutOffGoesOn(t *testing.T) {
	t.Parallel()
	lives(t, func(rt *rapid.T) {
		w := newGitHubWorld(t, began)
		defer w.Close()
		w.page = rapid.IntRange(2, 5).Draw(rt, "page")
		for range rapid.IntRange(2, 8).Draw(rt, "steps") {
			w.step(rt)
		}
		gh := forge.GitHub{URL: w.URL, Client: w.Client(), Now: func() time.Time { return w.now }}
		whole, pieces := newHeard("github", "X-Github-Event"), newHeard("github", "X-Github-Event")
		if err := round(t, gh, "acme/shop", whole, &forge.Progress{}, w.now); err != nil {
			t.Fatalf("%v", err)
		}
		every := rapid.IntRange(40, 60).Draw(rt, "every") // what is asked again each time must fit between two
		status := rapid.SampledFrom([]int{http.StatusTooManyRequests, http.StatusInternalServerError}).Draw(rt, "status")
		w.fail = func(n int) int {
			if n%every == 0 {
				return status
			}
			return 0
		}
		var progress forge.Progress
		for tries := 0; ; tries++ {
			err := round(t, gh, "acme/shop", pieces, &progress, w.now)
			if err == nil {
				break
			}
			var wait *forge.Wait
			if status == http.StatusTooManyRequests && (!errors.As(err, &wait) || !wait.Until.Equal(w.now.Add(30*time.Second))) {
				t.Fatalf("Retry-After is not heeded: %v", err)
			}
			if tries > 200 {
				t.Fatalf("it never ends: %v", err)
			}
		}
		if lost := missing(whole, pieces, func(debrief.Event) bool { return false }); len(lost) > 0 {
			t.Fatalf("lost: %v", lost)
		}
	})
}
