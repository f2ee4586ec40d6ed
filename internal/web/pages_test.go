package web

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/store"
)

func getQuick(h http.Handler, path string) (*httptest.ResponseRecorder, *http.Request) {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
	h.ServeHTTP(w, r)
	return w, r
}

func TestToday(t *testing.T) {
	t.Parallel()
	_, doc := get(t, New(options(newRecords(append(week(), samples(5)...)...))), "/")
	want(t, doc,
		"h1", "Tuesday, 17 November",
		".lead b", "shop v1.42: p95 of /checkout 38 % up since 14:21.",
		".lead", "Since yesterday ",
		"ol .row .say", "first look in two minutes",
		"ol .row .say", "deploying, four minutes, usually six minutes",
		"h3.day", "today", "h3.day", "yesterday", ".looks", "5 min, 1 h, 24 h",
		".row .tag", "failed attempt", ".row .tag", "rollback",
		".row .say", "two questions open",
		"aside #surprises a", "31 M rows", "aside", "shop, today 14:03",
		".row.quiet .say", "as usual",
		"nav a[aria-current=page]", "Today",
	)
	if n := len(all(doc, "progress")); n != 2 {
		t.Errorf("%d under way", n)
	}
	if strings.Contains(text(doc), "sample") {
		t.Error("sample history stands among real releases")
	}
	h := New(options(newRecords(week()...)))
	links := all(doc, "header nav a")
	for _, a := range links {
		to, _ := attr(a, "href")
		if w, _ := get(t, h, to); w.Code != http.StatusOK {
			t.Errorf("the navigation promises %s, which answers %d", to, w.Code)
		}
	}
	if len(links) < 6 {
		t.Errorf("%d links", len(links))
	}
}

func TestTodayEmptyOneQuietError(t *testing.T) {
	t.Parallel()
	r := newRecords()
	h := New(options(r))
	_, doc := get(t, h, "/")
	want(t, doc, ".lead b", "Nothing was released here yet.", "pre.cmd", "debrief deploy --service shop --env production --version v1 -- ./deploy.sh", "pre.cmd", "/api/v1/deployments")
	none(t, doc, "aside", "ol.rows")
	if r := httptest.NewRequest(http.MethodGet, "/", nil); true {
		r.Host = "evil;rm -rf"
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); strings.Contains(w.Body.String(), "evil") {
			t.Error("a made-up host stands in a command")
		}
	}
	_, doc = get(t, New(options(newRecords(samples(2)...))), "/")
	want(t, doc, "#story", "A year of sample history")
	_, doc = get(t, New(options(newRecords(rel("one", "shop", "v1", now.Add(-time.Hour), debrief.Steady, "as usual", debrief.Steady)))), "/")
	want(t, doc, ".lead b", "All as usual.", ".row a", "shop v1")
	_, doc = get(t, New(options(newRecords(rel("old", "shop", "v1", now.Add(-100*time.Hour), debrief.Steady, "as usual", debrief.Steady)))), "/")
	want(t, doc, ".lead b", "Quiet since yesterday.", ".lead", "The last release was shop v1,")
	_, doc = get(t, New(options(newRecords(failed()))), "/")
	want(t, doc, ".lead b", "Nothing new went out.", ".lead", "one failed attempt")
	_, doc = get(t, New(options(newRecords(early(), failed()))), "/")
	want(t, doc, ".lead b", "Looking.", ".row .say", "first look in two minutes")
	_, doc = get(t, New(options(newRecords(blind()))), "/")
	want(t, doc, ".lead b", "Cannot tell.")
	usual := rel("u", "shop", "v2", now.Add(-time.Hour), debrief.Steady, "as usual", debrief.Steady)
	_, doc = get(t, New(options(newRecords(blind(), usual))), "/")
	want(t, doc, ".lead b", "Nothing is known to have got worse.")
	aged := early()
	aged.Release.Headline = "migration took 0:09; too early, first look 15:17"
	_, doc = get(t, New(options(newRecords(aged))), "/")
	want(t, doc, ".row .say", "migration took 0:09; too early, first look in two minutes")
	r.err = errors.New("broken")
	if w, _ := get(t, h, "/"); w.Code != http.StatusInternalServerError {
		t.Error(w.Code)
	}
}

func TestReleases(t *testing.T) {
	t.Parallel()
	h := New(options(newRecords(append(week(), samples(60)...)...)))
	_, doc := get(t, h, "/releases")
	want(t, doc, "h1", "Releases", ".filter select", "shop", ".row .tag", "sample", ".pager a[rel=next]", "Older releases", "nav a[aria-current=page]", "Releases")
	if n := len(all(doc, "li.row")); n != pageRows {
		t.Errorf("%d rows", n)
	}
	older, _ := attr(all(doc, ".pager a[rel=next]")[0], "href")
	_, doc = get(t, h, older)
	want(t, doc, ".pager a", "Newest")
	if n := len(all(doc, "li.row")); n != 9+60-pageRows {
		t.Errorf("%d rows on the second page", n)
	}
	none(t, doc, ".pager a[rel=next]")
	_, doc = get(t, h, "/releases?service=shop")
	want(t, doc, "h1", "Releases of shop", "select option[selected]", "shop")
	if n := len(all(doc, "li.row")); n != 2 {
		t.Errorf("%d rows of shop", n)
	}
	_, doc = get(t, h, "/releases?only=real")
	if n := len(all(doc, "li.row")); n != 9 {
		t.Errorf("%d real rows", n)
	}
	if w, _ := get(t, h, "/releases?before=zz"); w.Code != http.StatusUnprocessableEntity {
		t.Error(w.Code)
	}
	_, doc = get(t, New(options(newRecords())), "/releases")
	want(t, doc, ".lead", "Nothing was released here yet.", "pre.cmd", "debrief deploy")
	_, doc = get(t, h, "/releases?service=nobody")
	want(t, doc, ".lead", "No releases")
}

func TestServices(t *testing.T) {
	t.Parallel()
	h := New(options(newRecords(week()...)))
	_, doc := get(t, h, "/services")
	want(t, doc, ".services li", "shop", ".services .watched", "two metrics, one probe, logs", ".services .watched", "nothing is measured yet", ".services .last", "v1.42 today 13:50")
	_, doc = get(t, h, "/services/shop")
	want(t, doc,
		"h1", "shop", ".watch .name", "p95 of /checkout", ".watch .says", "a change above 6 % would show it matters from 10 %", ".watch .says", "known after the first look",
		".watch pre", "http_request_duration_seconds_bucket", ".fine", "as told one hour after shop v1.42",
		"aside dl", "matters from 10 %", "aside dl", "2× the usual working time", "aside code", "github:acme/shop", "li.row a", "shop v1.41", "#story", "every 10 s",
	)
	w, _ := get(t, h, "/services/github:acme%2Fshop")
	if w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "/services/shop" {
		t.Error(w.Code)
	}
	_, doc = get(t, h, "/services/mailer")
	want(t, doc, ".lead b", "Nothing is measured.", "pre.cmd", "probes:")
	if w, _ := get(t, h, "/services/nobody"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	r := newRecords()
	o := options(r)
	_, doc = get(t, New(o), "/services")
	want(t, doc, ".services li", "no release recorded yet")
	_, doc = get(t, New(o), "/services/shop")
	want(t, doc, "pre.cmd", "debrief deploy --service shop", ".watch", "known after the first look")
	o.Config.Services = nil
	_, doc = get(t, New(o), "/services")
	want(t, doc, ".lead", "No services yet.")
	r.err = errors.New("broken")
	if w, _ := get(t, New(o), "/services"); w.Code != http.StatusInternalServerError {
		t.Error(w.Code)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	r := newRecords(week()...)
	h := New(options(r))
	_, doc := get(t, h, "/search")
	want(t, doc, ".lead", "Type a version", "input#q", "")
	_, doc = get(t, h, "/search?q=nothing+at+all")
	want(t, doc, "h1", "Search: nothing at all", ".lead", "Nothing holds these words.")
	r.hits = []store.Hit{{Kind: "release", ID: "creep", Service: "shop", Title: "shop v1.42", At: liveAt}, {Kind: "service", ID: "shop", Service: "shop", Title: "shop"}, {Kind: "change", ID: "x", Service: "shop", Title: "Index carts"}}
	_, doc = get(t, h, "/search?q=carts")
	for i, href := range []string{"/releases/creep", "/services/shop", "/services/shop"} {
		if got, _ := attr(all(doc, ".hits a")[i], "href"); got != href {
			t.Errorf("hit %d leads to %s", i, got)
		}
	}
	want(t, doc, ".hits", "release, shop, today 14:03")
	if v, _ := attr(all(doc, "input#q")[0], "value"); v != "carts" {
		t.Errorf("the box forgot %q", v)
	}
	get(t, h, "/search?q="+strings.Repeat("%C3%BC", 300))
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	r := newRecords(creep())
	h := New(options(r))
	w := post(h, "/surprises/s1/answer", url.Values{"answer": {"nothing there"}}, "Sec-Fetch-Site", "same-origin")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/releases/creep#surprises" || r.answerTo("s1") != debrief.NothingThere {
		t.Error(w.Code, w.Header(), r.answerTo("s1"))
	}
	_, doc := get(t, h, "/releases/creep")
	want(t, doc, ".answered", "nothing there", "button[aria-pressed=true]", "nothing there", "#surprises h2", "One surprise to answer")
	if w = post(h, "/surprises/s2/answer", url.Values{"answer": {"maybe"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "not ours") {
		t.Error(w.Code)
	}
	if w = post(h, "/surprises/nope/answer", url.Values{"answer": {"expected"}}); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	if w = post(h, "/surprises/s2/answer", url.Values{"answer": {"expected"}}, "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden || r.answerTo("s2") != "" {
		t.Error("another site may answer:", w.Code)
	}
	if w = post(h, "/surprises/s2/answer", url.Values{"answer": {strings.Repeat("x", 9000)}}); w.Code != http.StatusUnprocessableEntity {
		t.Error(w.Code)
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	o := options(newRecords(creep()))
	o.Access = func(r *http.Request, need access.Scope) error {
		c, err := r.Cookie(access.CookieName)
		f := access.Facts{Need: need, Asked: err == nil}
		if err == nil && c.Value == "session" {
			f.Grant = &access.Grant{Scope: access.Read, Session: true}
		}
		return access.Decide(f)
	}
	w, doc := get(t, New(o), "/releases/creep")
	if w.Code != http.StatusUnauthorized {
		t.Error(w.Code)
	}
	want(t, doc, "h1", "Who is asking?")
	o.Login = func(_ context.Context, token string) (string, time.Time, error) {
		if token != "dbt_good" {
			return "", time.Time{}, debrief.Errorf(debrief.Unauthorized, "", "no")
		}
		return "session", now.Add(time.Hour), nil
	}
	h := New(o)
	w, _ = get(t, h, "/releases/creep?look=1")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login?next=%2Freleases%2Fcreep%3Flook%3D1" {
		t.Error(w.Code, w.Header())
	}
	if w, _ = get(t, h, "/live"); w.Code != http.StatusUnauthorized {
		t.Error("live:", w.Code)
	}
	_, doc = get(t, h, "/login?next=/releases/creep")
	want(t, doc, "label", "Token", "pre.cmd", "debrief token create")
	none(t, doc, "nav", ".find")
	if w = post(h, "/login", url.Values{"token": {"bad"}}); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "not known") {
		t.Error(w.Code)
	}
	for next, to := range map[string]string{"/releases/creep": "/releases/creep", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "": "/"} {
		w = post(h, "/login", url.Values{"token": {" dbt_good "}, "next": {next}})
		c := w.Result().Cookies()
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != to || len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode {
			t.Error(next, w.Code, w.Header())
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/releases/creep", nil)
	r.AddCookie(&http.Cookie{Name: access.CookieName, Value: "session"})
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `class="answer"`) {
		t.Error("a reader is shown buttons that will not work:", w.Code)
	}
	if w = post(h, "/surprises/s1/answer", url.Values{"answer": {"expected"}}, "Cookie", access.CookieName+"=session"); w.Code != http.StatusForbidden {
		t.Error(w.Code)
	}
	if w = post(h, "/logout", nil); w.Code != http.StatusSeeOther || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Error(w.Code, w.Header())
	}
}

func TestHeadersAndAssets(t *testing.T) {
	t.Parallel()
	h := New(options(newRecords(creep())))
	w, doc := get(t, h, "/")
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Error(csp)
	}
	for _, n := range append(all(doc, "link"), all(doc, "script")...) {
		src, ok := attr(n, "src")
		if !ok {
			src, _ = attr(n, "href")
		}
		w, _ := getQuick(h, src)
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Body.Len() == 0 {
			t.Error(src, w.Code, w.Header())
		}
	}
	if w, _ := getQuick(h, "/static/style.css"); w.Code != http.StatusNotFound {
		t.Error("an asset without its hash is served:", w.Code)
	}
	if w, doc := get(t, h, "/debriefs"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	} else {
		want(t, doc, ".lead", "There is no such page.")
	}
}

// Every page is sound: one h1, headings in order, everything named, nothing inline.
func TestEveryPageIsSound(t *testing.T) {
	t.Parallel()
	h := New(options(newRecords(append(week(), hard())...)))
	for _, path := range []string{"/", "/releases", "/releases/creep", "/releases/early", "/releases/failed", "/releases/blind", "/releases/running", "/releases/hard", "/services", "/services/shop", "/services/mailer", "/search?q=x", "/nowhere"} {
		_, doc := get(t, h, path)
		if n := len(all(doc, "h1")); n != 1 {
			t.Errorf("%s: %d h1", path, n)
		}
		level := 1
		for d := range doc.Descendants() {
			if len(d.Data) == 2 && d.Data[0] == 'h' && d.Data[1] >= '1' && d.Data[1] <= '6' {
				if l := int(d.Data[1] - '0'); l > level+1 {
					t.Errorf("%s: a heading of level %d after level %d: %s", path, l, level, text(d))
				} else {
					level = l
				}
			}
		}
		ids := map[string]bool{}
		for _, n := range all(doc, "[id]") {
			id, _ := attr(n, "id")
			if ids[id] {
				t.Errorf("%s: two elements are called %s", path, id)
			}
			ids[id] = true
		}
		for _, n := range append(all(doc, "a"), all(doc, "button")...) {
			if label, _ := attr(n, "aria-label"); text(n) == "" && label == "" {
				t.Errorf("%s: a link or button without a name", path)
			}
		}
		for _, n := range all(doc, "svg") {
			_, hidden := attr(n, "aria-hidden")
			if role, _ := attr(n, "role"); !hidden && (role != "img" || len(all(n, "title")) != 1) {
				t.Errorf("%s: a picture without a name", path)
			}
		}
		none(t, doc, "[style]", "[onclick]", "style")
		want(t, doc, "a.skip", "Skip")
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	r := newRecords(creep())
	base := serve(t, options(r))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, base+"/live", nil)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if ct := res.Header.Get("Content-Type"); ct != "text/event-stream" {
		t.Fatal(ct)
	}
	lines := bufio.NewScanner(res.Body)
	next := func() string {
		for lines.Scan() {
			if s, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return s
			}
		}
		t.Fatal("the stream ended:", lines.Err())
		return ""
	}
	if got := next(); got != "1" {
		t.Errorf("first %q", got)
	}
	r.change(func() {})
	if got := next(); got != "2" {
		t.Errorf("then %q", got)
	}
}

// The store is a Reader.
var _ Reader = (*store.Store)(nil)
