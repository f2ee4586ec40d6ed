package web

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/debriefhq/debrief"
)

// browser starts a real Chromium, or says why there is none: a machine that
// promises all tests must have it.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" || os.Getenv("DEBRIEF_TEST_ALL") == "1" {
			t.Fatal("no chromium: apt-get install chromium")
		}
		t.Skip("no chromium on this machine")
	}
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-extensions", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true),
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal("chromium does not start:", err)
	}
	return ctx
}

// tab is one fresh context of the browser.
type tab struct {
	t   *testing.T
	ctx context.Context
	mu  sync.Mutex
	bad []string // what its console complained about, and hosts that were asked
}

func open(t *testing.T, root context.Context) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	b.ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	err := chromedp.Listen(b.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			b.complain(ev.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			if ev.Entry.Level == log.EntryLevelError || ev.Entry.Level == log.EntryLevelWarning {
				b.complain(ev.Entry.Text + " " + ev.Entry.URL)
			}
		case *runtime.EventConsoleAPICalled:
			b.complain(fmt.Sprint("console.", ev.Type))
		case *network.EventRequestWillBeSent:
			if u := ev.Request.URL; !strings.HasPrefix(u, "http://127.0.0.1:") && !strings.HasPrefix(u, "data:") { // the browser draws its own date field from data
				b.complain("asked another host: " + u)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	call(b, log.Enable, cdp.Empty{})
	call(b, network.Enable, network.EnableParams{})
	return b
}

func (b *tab) complain(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bad = append(b.bad, s)
}

// quiet fails the test for every complaint that is not excused.
func (b *tab) quiet(excused string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.bad {
		if excused == "" || !strings.Contains(s, excused) {
			b.t.Error("console:", s)
		}
	}
}

func call[P, R any](b *tab, cmd cdp.Command[P, R], p P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, cmd, p); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func run[T any](b *tab, a chromedp.Action[T]) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, a)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// until waits for a condition in the page.
func (b *tab) until(js string) {
	b.t.Helper()
	for { // a page that is just being replaced has no context to ask in: ask the next one
		_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](js))
		if err == nil {
			return
		}
		if b.ctx.Err() != nil || !strings.Contains(err.Error(), "context") && !strings.Contains(err.Error(), "navigated") {
			b.t.Fatal(js, err)
		}
	}
}

func (b *tab) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("main h1")))
}

// check measures the page as it is really laid out.
const check = `(() => {
  const bad = [];
  const w = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > w) {
    const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > w + 1 && !e.closest(".scroll, .sr, pre")).slice(0, 3).map(e => e.tagName + "." + e.className);
    bad.push("scrolls sideways: " + document.documentElement.scrollWidth + " > " + w + " " + wide);
  }
  for (const d of document.querySelectorAll("details")) d.open = true;
  for (const svg of document.querySelectorAll("svg.plot")) {
    const box = svg.getBoundingClientRect();
    if (!box.width) continue;
    const scale = box.width / svg.viewBox.baseVal.width;
    const seen = [];
    for (const t of svg.querySelectorAll("text")) {
      const size = parseFloat(getComputedStyle(t).fontSize) * scale, b = t.getBoundingClientRect();
      if (size < 12) bad.push("a label of " + size.toFixed(1) + " px: " + t.textContent);
      if (b.left < box.left - 1 || b.right > box.right + 1 || b.top < box.top - 1 || b.bottom > box.bottom + 1) bad.push("a label leaves its plot: " + t.textContent);
      for (const o of seen) if (b.left < o.right && o.left < b.right && b.top + 2 < o.bottom - 2 && o.top + 2 < b.bottom - 2) bad.push("labels overlap: " + t.textContent);
      seen.push(b);
    }
  }
  for (const p of document.querySelectorAll(".plots")) {
    const shown = [...p.querySelectorAll("svg")].filter(s => s.getBoundingClientRect().width > 0).length;
    if (p.getBoundingClientRect().width > 0 && shown !== 1) bad.push(shown + " pictures where one belongs");
  }
  const lum = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const rgb = s => (s.match(/[\d.]+/g) || []).map(Number);
  const under = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  const told = new Set();
  for (const e of document.querySelectorAll("main *, header *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length) continue;
    const s = getComputedStyle(e), size = parseFloat(s.fontSize), svg = e.closest("svg");
    if (!svg && size < 12) bad.push("text of " + size + " px: " + e.textContent.slice(0, 30));
    if (svg && e.tagName !== "text") continue;
    const a = lum(rgb(svg ? s.fill : s.color).slice(0, 3)), b = lum(under(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const key = e.tagName + e.className.baseVal + e.className;
    if (ratio < 4.5 && !told.has(key)) { told.add(key); bad.push("contrast " + ratio.toFixed(2) + ": " + e.textContent.trim().slice(0, 30)); }
  }
  if (document.querySelector("[style]")) bad.push("an inline style came from somewhere");
  return bad;
})()`

func TestChromium(t *testing.T) {
	t.Parallel()
	root := browser(t)
	shots := os.Getenv("DEBRIEF_SCREENSHOTS")
	if shots == "" {
		shots = t.TempDir()
	} else if err := os.MkdirAll(shots, 0o755); err != nil {
		t.Fatal(err)
	}
	keep := func(t *testing.T, name string, png []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(shots, name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("pages", func(t *testing.T) { chromiumPages(t, root, keep) })
	t.Run("widths between", func(t *testing.T) { chromiumWidths(t, root) })
	t.Run("keyboard and live", func(t *testing.T) { chromiumKeyboard(t, root) })
	t.Run("without JavaScript", func(t *testing.T) { chromiumPlain(t, root) })
	t.Run("read-out", func(t *testing.T) { chromiumReadOut(t, root, keep) })
	t.Run("desk", func(t *testing.T) { chromiumDesk(t, root, keep) })
	t.Run("print", func(t *testing.T) { chromiumPrint(t, root) })
}

func chromiumPages(t *testing.T, root context.Context, keep func(*testing.T, string, []byte)) {
	base := serve(t, options(newRecords(append(week(), samples(40)...)...)))
	r := newRecords(week()...)
	r.backtests["shop"] = triedShop()
	measured := serve(t, options(r))
	long := serve(t, options(newRecords(append(week(), hard())...)))
	empty := serve(t, options(newRecords()))
	sources := serve(t, heard())
	months := serve(t, looked())
	carts := serve(t, options(withRollback()))
	pages := []struct {
		name, url string
		dark      bool
	}{
		{"release", base + "/releases/creep", true},
		{"today", base + "/", true},
		{"releases", base + "/releases", false},
		{"early", base + "/releases/early", false},
		{"failed", base + "/releases/failed", false},
		{"blind", base + "/releases/blind?look=1", false},
		{"hard", long + "/releases/hard", false},
		{"hard-today", long + "/", false},
		{"hard-service", long + "/services/shop", false},
		{"services", base + "/services", false},
		{"service", base + "/services/shop", true},
		{"service-tried", measured + "/services/shop", true},
		{"search", base + "/search?q=shop", false},
		{"incidents", carts + "/incidents", true},
		{"incidents-empty", empty + "/incidents", false},
		{"incident", carts + "/incidents/lost-carts", true},
		{"incident-answered", carts + "/incidents/slow", false},
		{"release-asks", carts + "/releases/back", false},
		{"reviews", months + "/reviews", false},
		{"reviews-empty", empty + "/reviews", false},
		{"review", months + "/reviews/2026-10", true},
		{"review-quiet", months + "/reviews/2026-09", false},
		{"sources", sources + "/sources", true},
		{"source", sources + "/sources/github", true},
		{"source-trouble", sources + "/sources/alertmanager", false},
		{"sources-empty", empty + "/sources", false},
		{"source-empty", sources + "/sources/jira", false},
		{"empty", empty + "/", false},
		{"missing", base + "/releases/nowhere", false},
	}
	for _, width := range []int64{360, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			b := open(t, root)
			b.do(chromedp.EmulateViewport(width, 900))
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			for _, p := range pages {
				if scheme == "dark" && !p.dark {
					continue
				}
				b.open(p.url)
				keep(t, fmt.Sprintf("%s-%d-%s", p.name, width, scheme), run(b, chromedp.FullScreenshot(100)))
				for _, bad := range run(b, chromedp.Evaluate[[]string](check)) {
					t.Errorf("%s at %d px, %s: %s", p.name, width, scheme, bad)
				}
			}
			b.quiet("404") // the missing page is asked for
		}
	}
}

// Between the two widths nothing breaks either.
func chromiumWidths(t *testing.T, root context.Context) {
	base := serve(t, options(newRecords(append(week(), hard())...)))
	b := open(t, root)
	b.open(base + "/releases/creep")
	for _, width := range []int64{320, 500, 701, 760, 1023, 1025, 1100} {
		b.do(chromedp.EmulateViewport(width, 900))
		for _, bad := range run(b, chromedp.Evaluate[[]string](check)) {
			t.Errorf("at %d px: %s", width, bad)
		}
	}
}

// A person answers a surprise with the keyboard alone, another one's page
// follows, and / leads to the search.
func chromiumKeyboard(t *testing.T, root context.Context) {
	r := newRecords(creep())
	base := serve(t, options(r))
	other, one := open(t, root), open(t, root)
	other.open(base + "/releases/creep")
	one.open(base + "/releases/creep")
	// One event that is both key and letter, as a keyboard sends it.
	call(one, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "/", Text: "/"})
	one.do(chromedp.KeyEvent("v1"))
	if got := run(one, chromedp.Evaluate[string](`document.activeElement.id + "=" + document.getElementById("q").value`)); got != "q=v1" {
		t.Errorf("/ leads to %q", got)
	}
	reached := false
	for range 80 { // on from the search box with the tab key, until the answer is reached
		one.do(chromedp.KeyEvent(kb.Tab))
		at := run(one, chromedp.Evaluate[string](`document.activeElement.closest("#s-s1 form") ? document.activeElement.value : ""`))
		if reached = at == string(debrief.NotOurs); reached {
			break
		}
	}
	if !reached {
		t.Fatal("the tab key never reached the answer")
	}
	one.do(chromedp.KeyEvent(kb.Enter))
	one.until(`!document.querySelector("#s-s1")`)
	if got := r.answerTo("s1"); got != debrief.NotOurs {
		t.Errorf("answered %q", got)
	}
	other.until(`!document.querySelector("#s-s1") && document.querySelectorAll(".answered").length === 2`)
	one.quiet("")
	other.quiet("")
}

// Without JavaScript the same form does it.
func chromiumPlain(t *testing.T, root context.Context) {
	r := newRecords(creep())
	base := serve(t, options(r))
	b := open(t, root)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.do(chromedp.Navigate(base+"/releases/creep"), chromedp.Click(chromedp.CSS(`#s-s2 button[value=surprising]`)), chromedp.WaitNotPresent(chromedp.CSS("#s-s2")))
	if got := r.answerTo("s2"); got != debrief.Surprising {
		t.Errorf("answered %q", got)
	}
}

func chromiumReadOut(t *testing.T, root context.Context, keep func(*testing.T, string, []byte)) {
	base := serve(t, options(newRecords(creep())))
	b := open(t, root)
	b.do(chromedp.EmulateViewport(1280, 900))
	b.open(base + "/releases/creep")
	at := run(b, chromedp.Evaluate[[]float64](`(() => { const b = document.querySelector("#m1 svg.wide").getBoundingClientRect(); return [b.left + b.width * .8, b.top + b.height / 2]; })()`))
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
	b.until(`!!document.querySelector(".read")`)
	out := run(b, chromedp.Evaluate[string](`document.querySelector(".read").textContent`))
	if !strings.Contains(out, "14:40") || !strings.Contains(out, "ms") || !strings.Contains(out, "usual 2") {
		t.Errorf("read out: %q", out)
	}
	keep(t, "read-out", run(b, chromedp.CaptureScreenshot()))
	b.quiet("")
}

// Printed, the story is whole and the controls are gone.
func chromiumPrint(t *testing.T, root context.Context) {
	base := serve(t, options(newRecords(creep())))
	b := open(t, root)
	b.open(base + "/releases/creep")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if run(b, chromedp.Evaluate[bool](`[...document.querySelectorAll(".top nav, .answer")].some(e => e.getClientRects().length > 0)`)) {
		t.Error("controls are printed")
	}
	if pdf := run(b, chromedp.PrintToPDF()); http.DetectContentType(pdf) != "application/pdf" {
		t.Error("not printed")
	}
}
