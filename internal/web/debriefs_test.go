package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// desk is a site over a real store with one surprising release.
func deskSite(t *testing.T) (h http.Handler, st *store.Store, release string, clock *storetest.Clock) {
	t.Helper()
	clock = storetest.NewClock()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "debrief.db"), store.Options{Now: clock.Now, NewID: storetest.IDs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	cfg := config.Default()
	l := loop.New(loop.Options{Store: st, Config: cfg, Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
	for i, env := range []string{"staging", "production"} {
		took := []time.Duration{20 * time.Second, 5 * time.Minute}[i]
		end := clock.Now()
		body, err := json.Marshal(map[string]any{"key": env, "services": []string{"shop"}, "report": debrief.Report{
			Service: "shop", Environment: env, Version: "v2", State: debrief.Succeeded, Times: debrief.Times{Started: end.Add(-took), Finished: end},
			Stages: []debrief.Stage{{Name: "migrate", State: debrief.Succeeded, Started: end.Add(-took), Finished: end}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.Accept(t.Context(), debrief.Envelope{Source: "api", Key: "deployments/" + env, Body: body, Received: end}); err != nil {
			t.Fatal(err)
		}
		for {
			did, err := l.Step(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !did {
				break
			}
		}
	}
	if release, err = st.LatestRelease(t.Context(), "shop"); err != nil || release == "" {
		t.Fatal("no release", err)
	}
	return New(Options{
		Reader: st, Desk: loop.Desk{Store: st, Config: cfg, Now: clock.Now, Location: time.UTC}, Config: cfg, Now: clock.Now, Log: slog.New(slog.DiscardHandler),
		Location: time.UTC, Access: func(*http.Request, access.Scope) error { return nil }, Poll: 5 * time.Millisecond,
	}), st, release, clock
}

func TestWritingADebrief(t *testing.T) {
	t.Parallel()
	h, st, release, clock := deskSite(t)
	_, doc := get(t, h, "/debriefs")
	want(t, doc, "nav a[aria-current=page]", "Debriefs", ".lead", "Nothing was written yet.", "aside", "No action is open.")
	_, doc = get(t, h, "/releases/"+release)
	want(t, doc, "#debrief button", "Write it down")
	w := post(h, "/debriefs", url.Values{"about": {release}})
	at := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(at, "/debriefs/") {
		t.Fatal(w.Code, at)
	}
	_, doc = get(t, h, at)
	want(t, doc, "textarea", "step migrate begins; it takes 5:00", "aside", "What in staging hid this?", ".gaps", "staging fidelity")
	if len(all(doc, "form.finish")) != 1 || len(all(doc, ".gaps input[checked]")) != 1 {
		t.Error("the likeliest gap is not offered, or it cannot be finished")
	}

	// Two tabs: the second is told, and both texts are there.
	edit := url.Values{"version": {"1"}, "title": {"shop v2"}, "text": {"Mine.\r\nAnna forgot it."}, "gap": {"staging fidelity"}, "parked": {"Another idea\n\n"}}
	if w := post(h, at, edit); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	_, doc = get(t, h, at)
	want(t, doc, "textarea", "Mine. Anna forgot it.", "#hints", "“Anna”", "#parked", "Another idea")
	edit.Set("text", "Theirs.")
	w = post(h, at, edit)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Somebody else saved meanwhile") || !strings.Contains(w.Body.String(), "Theirs.</textarea>") || !strings.Contains(w.Body.String(), "Anna forgot it.") {
		t.Error(w.Code, "one of two texts is lost")
	}
	w = post(h, at, edit, "Accept", "application/json")
	var answer saved
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusConflict || answer.Theirs == nil || answer.Version != 2 {
		t.Error(w.Code, w.Body)
	}

	// One action: what is wrong is said beside the form, what was typed stays.
	w = post(h, at+"/finish", url.Values{"version": {"2"}})
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "exactly one action") {
		t.Error(w.Code, "finished without an action")
	}
	act := url.Values{"title": {"Copy production rows into staging each night"}, "owner": {"Kim"}, "due": {"2026-12-04"}, "promise": {"happiness rises"}}
	w = post(h, at+"/action", act)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "cannot be checked") || !strings.Contains(w.Body.String(), `value="happiness rises"`) {
		t.Error(w.Code, "a promise nobody can check")
	}
	act.Set("promise", "step ratio of migrate under 3 over the next 3 releases")
	if w := post(h, at+"/action", act); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	w = post(h, at+"/action", act)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "its one action already") {
		t.Error(w.Code, "a second action")
	}
	if w := post(h, at+"/finish", url.Values{"version": {"3"}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	_, doc = get(t, h, "/debriefs")
	want(t, doc, "aside .action", "Copy production rows", "aside .action", "Kim", "aside .action", "Shown by: step ratio of migrate under 3", ".row", "Gap: staging fidelity.")
	_, doc = get(t, h, "/releases/"+release)
	want(t, doc, "#debrief", "finished")

	id := strings.TrimPrefix(at, "/debriefs/")
	d, err := st.Debrief(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if w := post(h, "/actions/"+d.ActionID+"/postpone", url.Values{"to": {clock.Now().AddDate(0, 0, 9).Format(time.DateOnly)}, "reason": {"the cluster moves"}}); w.Code != http.StatusSeeOther {
		t.Error(w.Code, w.Body)
	}
	if w := post(h, "/actions/"+d.ActionID+"/end", url.Values{"as": {"done"}, "back": {"debrief"}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != at+"#action" {
		t.Error(w.Code, w.Header())
	}
	_, doc = get(t, h, at)
	want(t, doc, ".action", "Done, put off once; no releases of 3 that show whether it worked")
	if w, _ := get(t, h, "/debriefs/nothing"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
}

// Who may only read sees the text and no form.
func TestReadingADebrief(t *testing.T) {
	t.Parallel()
	h, st, release, clock := deskSite(t)
	w := post(h, "/debriefs", url.Values{"about": {release}})
	reader := New(Options{
		Reader: st, Desk: loop.Desk{Store: st, Now: clock.Now, Location: time.UTC}, Now: clock.Now, Location: time.UTC,
		Access: func(_ *http.Request, need access.Scope) error {
			if need == access.Write {
				return debrief.Errorf(debrief.Forbidden, "", "this token only reads")
			}
			return nil
		},
	})
	_, doc := get(t, reader, w.Header().Get("Location"))
	want(t, doc, ".text", "step migrate begins")
	if len(all(doc, "form.desk")) > 0 || len(all(doc, "form.finish")) > 0 {
		t.Error("who only reads is offered to write")
	}
	if w := post(reader, w.Header().Get("Location"), url.Values{"version": {"1"}}); w.Code != http.StatusForbidden {
		t.Error(w.Code)
	}
}

// Somebody writes a debrief on a phone: it saves by itself, survives a server
// that is away for a while, and two tabs lose nothing.
func chromiumDesk(t *testing.T, root context.Context, keep func(*testing.T, string, []byte)) {
	h, st, release, _ := deskSite(t)
	w := post(h, "/debriefs", url.Values{"about": {release}})
	id := strings.TrimPrefix(w.Header().Get("Location"), "/debriefs/")
	var away atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() && r.Method == http.MethodPost {
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = conn.Close()
			}
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	b := open(t, root)
	b.do(chromedp.EmulateViewport(360, 780))
	write := func(text string) { b.do(chromedp.SendKeys(chromedp.CSS("#text"), text)) }
	said := func(words string) {
		b.until(`document.getElementById("saving").textContent.startsWith("` + words + `")`)
	}
	kept := func(part string) {
		t.Helper()
		if d, err := st.Debrief(t.Context(), id); err != nil || !strings.Contains(d.Text, part) {
			t.Fatalf("%q was not saved (%v); there stands:\n%s", part, err, d.Text)
		}
	}
	b.do(chromedp.Navigate(srv.URL+"/debriefs/"+id), chromedp.WaitReady(chromedp.CSS("#text")))
	for _, bad := range run(b, chromedp.Evaluate[[]string](check)) {
		t.Error("the desk on a phone:", bad)
	}
	write("One thing. ")
	said("saved")
	kept("One thing.")
	keep(t, "desk-360-light", run(b, chromedp.FullScreenshot(100)))

	away.Store(true)
	write("Said while it was away. ")
	said("not saved yet")
	// Even a page that is closed meanwhile brings back what was not saved.
	b.do(chromedp.Navigate("about:blank"))
	away.Store(false)
	b.do(chromedp.Navigate(srv.URL+"/debriefs/"+id), chromedp.WaitReady(chromedp.CSS("#text")))
	said("saved")
	kept("Said while it was away.")

	// Another tab saves; this one types on and is told.
	d, err := st.Debrief(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if w := post(h, "/debriefs/"+id, url.Values{"version": {strconv.Itoa(d.Version)}, "title": {d.Title}, "text": {"The other tab."}, "gap": {"rollout"}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	write("Still mine. ")
	b.until(`!!document.querySelector(".conflict")`)
	if both := run(b, chromedp.Evaluate[bool](`document.querySelector(".conflict code").textContent === "The other tab." && document.getElementById("text").value.includes("Still mine.")`)); !both {
		t.Error("one of two texts is lost")
	}
	keep(t, "desk-conflict-360-light", run(b, chromedp.FullScreenshot(100)))
	// Joined and saved by the keyboard alone.
	run(b, chromedp.Evaluate[bool](`document.querySelector(".saving button").focus() || true`))
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`!document.querySelector(".conflict") && document.getElementById("text").value.includes("Still mine.")`)
	kept("Still mine.")
	b.quiet("Failed to load resource") // the server was away, and a save was refused
}
