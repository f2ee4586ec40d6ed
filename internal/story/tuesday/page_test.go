package tuesday

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// seen is what a person finds on a release's page.
type seen struct {
	Title     string   `json:"title"`
	Text      string   `json:"text"`
	Surprises []string `json:"surprises"`
	Plots     int      `json:"plots"`
}

const look = `(() => ({
  title: document.querySelector("main h1").innerText,
  text: document.querySelector("main").innerText,
  surprises: [...document.querySelectorAll("#surprises article p:first-child")].map(p => p.innerText),
  plots: [...document.querySelectorAll("svg.plot")].filter(s => s.getBoundingClientRect().width > 0).length,
}))()`

// page opens an address in a real Chromium. A screenshot is kept where
// DEBRIEF_SCREENSHOTS names a folder.
func page(t *testing.T, url, name string) seen {
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
			t.Fatal("no chromium: apt-get install --no-install-recommends chromium")
		}
		t.Log("the page was not looked at: no chromium on this machine")
		return seen{}
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-dev-shm-usage", true))
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 1000), chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("main h1"))); err != nil {
		t.Fatal(err)
	}
	s, err := chromedp.Run(ctx, chromedp.Evaluate[seen](look))
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("DEBRIEF_SCREENSHOTS"); dir != "" {
		png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
