package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/config"
)

func options(r *records) Options {
	c := config.Default()
	c.Services = map[string]config.Service{"shop": {
		Aliases: []string{"github:acme/shop"},
		Metrics: []config.Metric{{Name: "p95 of /checkout", Role: "latency", Unit: "ms", Histogram: `sum by (le) (rate(http_request_duration_seconds_bucket{route="/checkout"}[1m]))`}, {Name: "p95 of /search", Role: "latency", Query: "x"}},
		Logs:    []config.LogSource{{File: "/var/log/shop.log"}},
		Probes:  []config.Probe{{Name: "home", URL: "http://localhost:3000/", Every: 10 * time.Second}},
	}}
	return Options{
		Reader: r, Config: c, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Location: time.UTC,
		Access: func(*http.Request, access.Scope) error { return nil }, Poll: 5 * time.Millisecond,
	}
}

func get(t testing.TB, h http.Handler, path string) (*httptest.ResponseRecorder, *html.Node) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	doc, err := html.Parse(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	if body := w.Body.String(); strings.Contains(body, "NaN") || strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "<no value>") || strings.Contains(body, "0001-01-01") {
		t.Errorf("%s shows what no page may show", path)
	}
	return w, doc
}

func post(h http.Handler, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// all finds what a selector names: steps of tag, #id, .class and [attr=value],
// each step somewhere inside the one before.
func all(n *html.Node, selector string) []*html.Node {
	found := []*html.Node{n}
	for _, step := range strings.Fields(selector) {
		var next []*html.Node
		seen := map[*html.Node]bool{}
		for _, f := range found {
			for d := range f.Descendants() {
				if d != f && !seen[d] && is(d, step) {
					seen[d] = true
					next = append(next, d)
				}
			}
		}
		found = next
	}
	return found
}

func is(n *html.Node, step string) bool {
	if n.Type != html.ElementNode {
		return false
	}
	if at := strings.IndexByte(step, '['); at >= 0 {
		name, want, hasValue := strings.Cut(strings.TrimSuffix(step[at+1:], "]"), "=")
		if got, ok := attr(n, name); !ok || hasValue && got != want {
			return false
		}
		step = step[:at]
	}
	for step != "" {
		end := strings.IndexAny(step[1:], ".#") + 1
		if end == 0 {
			end = len(step)
		}
		part := step[:end]
		step = step[end:]
		switch part[0] {
		case '#':
			if id, _ := attr(n, "id"); id != part[1:] {
				return false
			}
		case '.':
			class, _ := attr(n, "class")
			if !strings.Contains(" "+class+" ", " "+part[1:]+" ") {
				return false
			}
		default:
			if n.Data != part {
				return false
			}
		}
	}
	return true
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// text is what is read: words joined by single spaces.
func text(ns ...*html.Node) string {
	var b strings.Builder
	for _, n := range ns {
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				b.WriteString(d.Data)
			}
		}
		b.WriteByte(' ')
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// want checks that each selector finds something that says the words.
func want(t *testing.T, doc *html.Node, pairs ...string) {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		ns := all(doc, pairs[i])
		if len(ns) == 0 {
			t.Errorf("nothing is %q", pairs[i])
			continue
		}
		if got := text(ns...); !strings.Contains(got, pairs[i+1]) {
			t.Errorf("%q says %q, not %q", pairs[i], got, pairs[i+1])
		}
	}
}

func none(t *testing.T, doc *html.Node, selectors ...string) {
	t.Helper()
	for _, s := range selectors {
		if ns := all(doc, s); len(ns) > 0 {
			t.Errorf("%q should not be there: %q", s, text(ns...))
		}
	}
}

func serve(t *testing.T, o Options) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	o.Stop = ctx.Done()
	srv := httptest.NewServer(New(o))
	t.Cleanup(func() { cancel(); srv.Close() })
	return srv.URL
}
