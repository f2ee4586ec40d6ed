package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
)

func TestReleaseTellsTheStory(t *testing.T) {
	t.Parallel()
	h := New(options(newRecords(week()...)))
	w, doc := get(t, h, "/releases/creep")
	if w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	want(t, doc,
		"h1", "shop v1.42",
		"p.lead b", "Slower",
		".lead code", "/checkout",
		".above", "production, four changes, all users at once, today 13:50",
		".tabs a[aria-current=true]", "1 h worse",
		".tabs", "5 min as usual",
		".tabs", "24 h too early, in 23 hours",
		"figure.metric figcaption", "p95 of /checkout ms, shade: this shop's Tuesdays",
		"figcaption .v.worse", "worse, 38 % up (31 to 46 %) since 14:21",
		"figure svg.wide title", "p95 of /checkout",
		"figure svg.narrow desc", "38 % up",
		"figure table.nums caption", "means of five minutes each; usual is this shop's Tuesdays",
		"figure .fine", "Held against the hour before; the same hour of four earlier Tuesdays.",
		"#metrics-h", "one hour after",
		"section .fine", "No earlier weeks yet",
		".quietly li summary", "errors",
		".quietly summary .level", "0.21 %",
		".quietly summary .says", "steady, a change above 0.06",
		".quietly summary .level", "n = 14",
		".quietly .inside .fine", "Half of its minutes had no request.",
		"table.stages .num", "5:12",
		"table.stages .beside", "staging 58 s",
		"table.stages .v.worse", "5.4× staging",
		"table.stages .fine", "31 M rows, staging 1.2 M",
		"table.stages .beside", "usually 2:04",
		"pre.worse code", "pq: canceling statement",
		"ul.changes", "Index carts by customer #812",
		"summary", "Four changes in 23 files, 410 lines added, 96 deleted",
		"details.kinds summary", "Kinds of change: dependency, large and migration",
		"details.kinds dt", "migration",
		"details.kinds dd", "db/migrate/20261001_carts.rb, db/schema.rb and three more by the rule rails",
		"details.kinds dd", "1240 lines in 31 files",
		"details.kinds dd", "db/migrate/, internal/cart/",
		"ul.changes .mut", "migration",
		"aside #surprises h2", "Two surprises to answer",
		"aside .surprise", "31 M rows against 1.2 M.",
		"aside .surprise details", "What made staging say little about production?",
		"aside .answered", "The deployment was tried twice. expected",
		"aside", "Traffic dips for a minute",
		"aside", "before v1.41 yesterday",
	)
	if n := len(all(doc, "figure.metric")); n != 1 {
		t.Errorf("%d large plots; only what differs is drawn large", n)
	}
	if n := len(all(doc, ".quietly .spark")); n != 3 {
		t.Errorf("%d sparklines", n)
	}
	if n := len(all(doc, ".quietly path.hatch-line")); n == 0 {
		t.Error("cannot tell is not hatched")
	}
	if n := len(all(doc, ".surprise form.answer button")); n != 2*len(debrief.Answers()) {
		t.Errorf("%d buttons", n)
	}
	none(t, doc, "[style]", "script:not", "figure .early")
}

func TestSecondsBecomeMilliseconds(t *testing.T) {
	t.Parallel()
	s := creep()
	v := &s.Looks[1].Verdicts[0]
	v.Unit, v.Before, v.After = "s", 0.215, 0.298
	for _, xs := range []debrief.Numbers{v.Trace.V, v.Trace.Low, v.Trace.High} {
		for i := range xs {
			xs[i] /= 1000
		}
	}
	_, doc := get(t, New(options(newRecords(s))), "/releases/creep")
	want(t, doc, "figcaption .mut", "ms, shade", "figure svg.wide text.tick", "300", "figure table.nums td", " ms")
	for i, x := range v.Trace.V {
		if x > 1 {
			t.Fatalf("the story itself was changed: point %d is %g", i, x)
		}
	}
}

func TestFactsBesideStaging(t *testing.T) {
	t.Parallel()
	here := debrief.Facts{"rows": "300000", "rows.lines": "300000", "rows.orders": "60000"}
	there := debrief.Facts{"rows": "75000", "rows.lines": "75000", "rows.orders": "15000"}
	if got := besideStaging(here, there, true); got != "300,000 rows, staging 75,000; 60,000 rows of orders, staging 15,000" {
		t.Error(got)
	}
	if got := besideStaging(here, nil, false); got != "300,000 rows" {
		t.Error(got)
	}
}

func TestReleaseOtherLook(t *testing.T) {
	t.Parallel()
	_, doc := get(t, New(options(newRecords(creep()))), "/releases/creep?look=1")
	want(t, doc, "#metrics-h", "five minutes after", ".tabs a[aria-current=true]", "5 min")
	none(t, doc, "figure.metric")
	_, doc = get(t, New(options(newRecords(creep()))), "/releases/creep?look=99")
	want(t, doc, "#metrics-h", "five minutes after")
}

func TestReleaseTooEarly(t *testing.T) {
	t.Parallel()
	_, doc := get(t, New(options(newRecords(early()))), "/releases/early")
	want(t, doc, ".lead b", "Too early.", ".tabs", "5 min too early, in two minutes", ".quietly .says", "too early", "#metrics-h", "so far", "aside", "No earlier release is known.")
	if len(all(doc, ".quietly .inside rect.early")) == 0 || len(all(doc, ".spark rect.early")) == 0 {
		t.Error("too early is not outlined")
	}
	none(t, doc, ".v.worse", ".v.better")
}

func TestReleaseFailedAttempt(t *testing.T) {
	t.Parallel()
	w, doc := get(t, New(options(newRecords(failed()))), "/releases/failed")
	want(t, doc, "h1 .tag", "failed attempt", "pre.worse code", "manifest unknown <script>", "dl.facts", "exit code 2", "section p", "Not known: no earlier release of this service was recorded")
	if strings.Contains(w.Body.String(), "<script>alert") {
		t.Error("output is not escaped")
	}
	none(t, doc, ".tabs", "figure")
}

func TestReleaseBlind(t *testing.T) {
	t.Parallel()
	h := New(options(newRecords(blind())))
	_, doc := get(t, h, "/releases/blind?look=1")
	want(t, doc, ".hatched", "Prometheus did not answer", ".lead b", "Cannot tell.")
	_, doc = get(t, h, "/releases/blind")
	want(t, doc, "pre.cmd", "debrief init --prometheus", ".hatched", "ogs")
}

func TestReleaseRunning(t *testing.T) {
	t.Parallel()
	_, doc := get(t, New(options(newRecords(running()))), "/releases/running")
	want(t, doc, "table.stages .num", "running", "h1", "search 8.2.0")
}

func TestReleaseSample(t *testing.T) {
	t.Parallel()
	_, doc := get(t, New(options(newRecords(samples(3)...))), "/releases/sample0")
	want(t, doc, "h1 .tag", "sample", ".note", "made up", ".above", "production")
}

func TestReleaseHardTexts(t *testing.T) {
	t.Parallel()
	w, doc := get(t, New(options(newRecords(hard()))), "/releases/hard")
	none(t, doc, "h1 b", "img")
	if strings.Contains(w.Body.String(), `href="javascript:`) {
		t.Error("a foreign link is followed")
	}
}

func TestReleaseMovedAndMissing(t *testing.T) {
	t.Parallel()
	r := newRecords(creep())
	r.redirects["d-old"] = "creep"
	h := New(options(r))
	w, _ := get(t, h, "/releases/d-old?look=1")
	if w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "/releases/creep?look=1" {
		t.Error(w.Code, w.Header())
	}
	w, doc := get(t, h, "/releases/nowhere")
	if w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	want(t, doc, ".lead", `There is no release "nowhere".`)
	r.err = errors.New("disk I/O error at sector 9")
	w, doc = get(t, h, "/releases/creep")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "sector") {
		t.Error(w.Code, w.Body)
	}
	want(t, doc, ".lead", "debrief's own")
	r.err = debrief.Errorf(debrief.Unavailable, "", "the database is busy")
	if w, _ = get(t, h, "/releases/creep"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Error(w.Code, w.Header())
	}
}

func BenchmarkReleasePage(b *testing.B) {
	s := creep()
	for i := range s.Looks { // fifteen routes more, a day by the minute
		for k := range min(len(s.Looks[i].Verdicts), 1) * 15 {
			v := s.Looks[i].Verdicts[k%4]
			for len(v.Trace.V) < 1440 {
				v.Trace.V, v.Trace.Low, v.Trace.High = append(v.Trace.V, v.Trace.V...), append(v.Trace.Low, v.Trace.Low...), append(v.Trace.High, v.Trace.High...)
			}
			s.Looks[i].Verdicts = append(s.Looks[i].Verdicts, v)
		}
	}
	h := New(options(newRecords(s)))
	size := 0
	b.ReportAllocs()
	for b.Loop() {
		w, _ := getQuick(h, "/releases/creep")
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
		size = w.Body.Len()
	}
	b.ReportMetric(float64(size)/1024, "KiB")
}

func TestGoingBackIsNotCalledNoChanges(t *testing.T) {
	t.Parallel()
	s := creep()
	s.Release.Changes, s.Changes = 0, nil
	s.Deployments[0].Git = &debrief.GitFacts{From: "bbbbbbb", To: "aaaaaaa", Back: 2}
	_, doc := get(t, New(options(newRecords(s))), "/releases/creep")
	want(t, doc, ".above", "goes back two commits", "section p", "Goes back two commits.")
}
