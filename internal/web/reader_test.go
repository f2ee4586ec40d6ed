package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/store"
)

func lacks(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(text, w) {
			t.Errorf("%q is said", w)
		}
	}
}

// TestWhatRunsNow: a page does not say that this runs where another version
// showed itself.
func TestWhatRunsNow(t *testing.T) {
	t.Parallel()
	s := creep()
	s.Surprises = append(s.Surprises, debrief.Surprise{ID: "u", Kind: "unrecorded-release", Subject: "v1.5", Sentence: "v1.5 has been running since 22:10 UTC.", At: now})
	_, doc := get(t, New(options(newRecords(s))), "/releases/creep")
	want(t, doc, "aside", "What runs now shows itself as v1.5, which nobody recorded.")
	lacks(t, text(doc), "This is what runs now.")
	s.Surprises[len(s.Surprises)-1].Answer = debrief.NothingThere
	_, doc = get(t, New(options(newRecords(s))), "/releases/creep")
	want(t, doc, "aside", "This is what runs now.")
}

// TestCaveatsOnce: what holds for several metrics is said over them, once, and
// what the page says already is not said again.
func TestCaveatsOnce(t *testing.T) {
	t.Parallel()
	s := creep()
	l := &s.Looks[1]
	l.Run = []string{"v1.3", "v1.42"}
	l.Blind = []string{"p95 of /x: providers.dead: 127.0.0.1:18499 did not answer: dial tcp 127.0.0.1:18499: connect: connection refused"}
	long := "no earlier weeks yet: held against the time just before only"
	l.Verdicts = l.Verdicts[:3]
	for i := range l.Verdicts {
		l.Verdicts[i].Warnings = []string{"v1.3 to v1.42 are judged together, they followed one another within 1:00:00"}
		l.Verdicts[i].Against = []string{"the hour before", "no earlier weeks yet"}
		l.Verdicts[i].Warnings = append(l.Verdicts[i].Warnings, "no earlier weeks yet", long)
	}
	l.Verdicts[2].Warnings = append(l.Verdicts[2].Warnings, "providers.dead: 127.0.0.1:18499 did not answer: dial tcp 127.0.0.1:18499: connect: connection refused")
	_, doc := get(t, New(options(newRecords(s))), "/releases/creep")
	all := text(doc)
	if n := strings.Count(all, "o earlier weeks yet"); n != 1 {
		t.Errorf("one caveat is said %d times", n)
	}
	want(t, doc, ".fine", "No earlier weeks yet: held against", ".fine", "Judged together, since they overlap: v1.3, v1.42.", ".hatched", "Provider “dead” at 127.0.0.1:18499 refuses connections")
	lacks(t, all, "dial tcp", "V1.3", "are judged together")
}

func TestWordsOfLogs(t *testing.T) {
	t.Parallel()
	s := creep()
	first := s.Looks[1].Logs.Patterns[0]
	first.ID, first.Template, first.Count = "l0", "<*> ERROR payment of <*> failed", 1
	s.Looks[1].Logs.Patterns = append(s.Looks[1].Logs.Patterns, first, debrief.LogPattern{ID: "l3", Template: "INFO cache warmed", Level: "info", New: true, Count: 1})
	_, doc := get(t, New(options(newRecords(s))), "/releases/creep")
	want(t, doc, "pre.worse", "payment of <*> failed", ".fine", "Once since 14:19", ".fine", "info, once, new", "details pre", "cache warmed")
	lacks(t, text(doc), "<*> ERROR", "INFO cache", "1 times")
}

// TestSecondsOnQuickPages: where looks are seconds apart, so are the times.
func TestSecondsOnQuickPages(t *testing.T) {
	t.Parallel()
	s := creep()
	for i := range s.Looks {
		s.Looks[i].After = time.Duration(i+1) * 20 * time.Second
	}
	_, doc := get(t, New(options(newRecords(s))), "/releases/creep")
	want(t, doc, "figure svg.wide text", "v1.42 live 14:03:00", "figure svg.wide text", "rises since 14:21:00", "dl.facts", "13:50:00", "section p", "in the logs since 14:19:00")
	_, doc = get(t, New(options(newRecords(creep()))), "/releases/creep")
	lacks(t, text(all(doc, "#story")...), "14:03:00")
}

// TestShadeIsNamedWhereItIsSeen: a band nobody can see has no label.
func TestShadeIsNamedWhereItIsSeen(t *testing.T) {
	t.Parallel()
	s := creep()
	tr := &s.Looks[1].Verdicts[0].Trace
	tr.Low, tr.High = append(debrief.Numbers{}, tr.V...), append(debrief.Numbers{}, tr.V...)
	_, doc := get(t, New(options(newRecords(s))), "/releases/creep")
	lacks(t, text(all(doc, "figcaption")...), "shade")
}

// TestFactsOfSeveralStages: what every stage recorded is no stage's doing.
func TestFactsOfSeveralStages(t *testing.T) {
	t.Parallel()
	s := creep()
	st := s.Deployments[0].Stages
	for i := range st {
		st[i].Facts = debrief.Facts{"rows": "31000000"}
	}
	st[0].Facts = debrief.Facts{"rows": "31000000", "image_mb": "120"}
	_, doc := get(t, New(options(newRecords(s))), "/releases/creep")
	want(t, doc, "table.stages .fine", "31 M rows, staging 1.2 M", "table.stages .fine", "120 image_mb")
	if n := strings.Count(text(all(doc, "table.stages")...), "31 M rows"); n != 1 {
		t.Errorf("rows stand under %d stages", n)
	}
}

// TestHooksAreShownWhereTheyWork: an address that would answer 403 is not taught.
func TestHooksAreShownWhereTheyWork(t *testing.T) {
	t.Parallel()
	o := options(newRecords())
	_, doc := get(t, New(o), "/")
	want(t, doc, "#story", "sources.github.secret", "#story", "--public-listen")
	lacks(t, text(doc), "/hooks/github")
	o.Config.Sources = map[string]config.Source{"github": {Secret: "hush"}}
	_, doc = get(t, New(o), "/")
	want(t, doc, "#story code", "/hooks/github")
	lacks(t, text(doc), "sources.github.secret", "hush")
}

func TestServiceTellsHowWellItNotices(t *testing.T) {
	t.Parallel()
	r := newRecords(creep())
	h := New(options(r))
	_, doc := get(t, h, "/services/shop")
	want(t, doc, "aside", "Three surprises noticed so far; none was answered with nothing there.")
	r.answered["s1"] = debrief.NothingThere
	_, doc = get(t, h, "/services/shop")
	want(t, doc, "aside", "Three surprises noticed so far; 1 answered with nothing there.", "aside dl", "the last")
	lacks(t, text(doc), "the last one ")
	if got := precision(store.Noticed{}); got != "" {
		t.Error(got)
	}
}

func TestServiceTellsWhatABacktestShowed(t *testing.T) {
	t.Parallel()
	r := newRecords(creep())
	h := New(options(r))
	_, doc := get(t, h, "/services/shop")
	want(t, doc, "#tried b", "Nobody knows yet how well the check sees here.", "#tried pre.cmd", "debrief backtest --service shop --days 14")
	none(t, doc, "#tried table")
	_, doc = get(t, h, "/services/mailer")
	none(t, doc, "#tried") // nothing is measured: there is nothing to try
	r.backtests["shop"] = triedShop()
	_, doc = get(t, h, "/services/shop")
	want(t, doc,
		"#tried b", "At this traffic you will see +12 % p95 of /checkout within the hour.", "#tried p", "1 of 100 made-up releases would have cried wolf (0 to 6 %).",
		"#tried thead", "sees in five minutes", "#tried tbody th", "p95 of /checkout", "#tried td", "1 of 100 (0 to 6 %)", "#tried td", "+0.3 points", "#tried td", "–",
		"#tried td[colspan]", "main did not answer", "#tried .fine", "Twelve real deployments were kept away from.", "#tried .fine", "Measured Mon 13:15 with 100 made-up releases from 2 Nov 15:15 to Sun 15:15.",
		"#tried details", "p95 of /checkout: 34 of 40 of +38 % after five minutes, 34 of 40 of +12 % after one hour and 34 of 40 of +9 % after 24 hours",
		"#tried details", "errors, five minutes after: 43 of 100 could not tell: too few requests (43)",
	)
	none(t, doc, "#tried pre.cmd")
	r.err = errors.New("broken")
	if w, _ := get(t, h, "/services/shop"); w.Code != http.StatusInternalServerError {
		t.Error(w.Code)
	}
}

func TestSearchMarksSamples(t *testing.T) {
	t.Parallel()
	r := newRecords(creep())
	r.hits = []store.Hit{{Kind: "release", ID: "creep", Service: "shop", Title: "shop v1.42: as usual"}, {Kind: "release", ID: "x", Service: "old", Title: "old v1", Sample: true}}
	_, doc := get(t, New(options(r)), "/search?q=v1")
	want(t, doc, ".hits a", "shop v1.42: as usual", ".hits .tag", "sample")
	if n := len(all(doc, ".hits .tag")); n != 1 {
		t.Errorf("%d marked", n)
	}
}

func TestNumbersKeepTheirNames(t *testing.T) {
	t.Parallel()
	if got := string(coded("too few requests (n = 14)")); got != "too few requests (n\u00a0=\u00a014)" {
		t.Errorf("%q", got)
	}
}

func TestCapital(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"v1.3 to v1.4": "v1.3 to v1.4", "p95": "p95", "two kinds": "Two kinds", "a": "A", "": ""} {
		if got := capital(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
