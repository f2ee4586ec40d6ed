package ingest

import (
	"encoding/json"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

// The list of fields is written out twice, in the types and in the schema;
// this holds the two together.
func TestSchemaFollowsTheTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ  any
		rule rule
	}{
		{debrief.Report{}, object(reportFields())},
		{debrief.Times{}, object(timesFields())},
		{debrief.Stage{}, stageRule()},
		{debrief.GitFacts{}, gitRule()},
		{debrief.Change{}, changeRule()},
		{apiBody{}, bodyRule()},
	} {
		typ := reflect.TypeOf(c.typ)
		var want []string
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			want = append(want, name)
			if err := c.rule("", map[string]any{name: nil}); err != nil {
				t.Errorf("%s.%s: %v", typ.Name(), name, err)
			}
		}
		sort.Strings(want)
		err := c.rule("", map[string]any{"no such field": 1})
		_, known, _ := strings.Cut(err.Error(), "known fields: ")
		if got := strings.Split(strings.TrimSuffix(known, ")"), ", "); !cmp.Equal(got, want) {
			t.Errorf("%s: %s", typ.Name(), cmp.Diff(want, got))
		}
	}
}

// A whole report written by a Go program comes back as it went.
func TestReportSurvives(t *testing.T) {
	t.Parallel()
	code := 0
	at := time.Date(2026, 3, 3, 14, 0, 0, 123456000, time.UTC)
	report := debrief.Report{
		Service: "shop", Environment: "production", Version: "v1", State: debrief.Succeeded, ExitCode: &code,
		Times: debrief.Times{Started: at, Finished: at.Add(time.Minute)}, Facts: debrief.Facts{"rows": "1"},
		Stages: []debrief.Stage{{Name: "migrate", Started: at, Facts: debrief.Facts{"<&>": "ä\u00a0😀"}}},
		Git:    &debrief.GitFacts{Repository: "a/b", Commits: []debrief.Change{{Commit: "abc", Title: "x", Committed: at, AuthorHash: "a.person@example.com"}, {Commit: "abd", AuthorHash: debrief.ID("author", "salt", "a")}}},
		Sample: true,
	}
	body, err := json.Marshal(map[string]any{"key": "k", "services": []string{}, "report": report})
	if err != nil {
		t.Fatal(err)
	}
	events, err := parseAPI(Request{Body: body, Key: "deployments/k", Received: at.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	report.Keys = []string{"api/k"}
	report.Git.Commits[0].Repository = "a/b"
	report.Git.Commits[0].ID, report.Git.Commits[0].AuthorHash = debrief.ID("change", "a/b", "abc"), ""
	report.Git.Commits[1].Repository, report.Git.Commits[1].ID = "a/b", debrief.ID("change", "a/b", "abd")
	if d := cmp.Diff(&report, events[0].Report); d != "" {
		t.Error(d)
	}
	if k := events[0].Report.Git.Commits[0]; k.AuthorHash != "" {
		t.Errorf("an author's name was kept: %q", k.AuthorHash)
	}
	if !events[0].At.Equal(at.Add(time.Minute)) {
		t.Errorf("at %v: want the last moment it speaks of", events[0].At)
	}
}

func TestAPIKey(t *testing.T) {
	t.Parallel()
	if k, err := apiKey(Request{Body: []byte(`{"key":"ci/17"}`)}); err != nil || k != "deployments/ci/17" {
		t.Errorf("%q, %v", k, err)
	}
	if k, err := apiKey(Request{Key: "logs/1"}); err != nil || k != "logs/1" {
		t.Errorf("%q, %v", k, err)
	}
	if _, err := apiKey(Request{Body: []byte(`{}`)}); debrief.KindOf(err) != debrief.Invalid {
		t.Error(err)
	}
	body := []byte(`{"key":"a","services":["shop"],"report":{"environment":"production","version":"v1"}}`)
	for key, ok := range map[string]bool{"deployments/a": true, "deployments/a/5f": true, "deployments/b": false, "deployments/ab": false} {
		if _, err := parseAPI(Request{Body: body, Key: key}); (err == nil) != ok {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

func TestAPITooLarge(t *testing.T) {
	t.Parallel()
	body := []byte(`{"key":"k","report":{"output_tail":"` + strings.Repeat("x", maxAPIBody) + `"}}`)
	if _, err := parseAPI(Request{Body: body, Key: "deployments/k"}); debrief.KindOf(err) != debrief.TooLarge {
		t.Error(err)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain": "plain", "a\x00b": "ab", "a\x1b[2Jb": "a[2Jb", "a\nb": "a b", "caf\u00e9": "caf\u00e9",
		"\xff": "\ufffd", "x\u202ey": "xy", "": "", "ä😀": "ä😀",
	} {
		if got := clean(in, false); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := clean("a\r\nb\tc\x07", true); got != "a\nb\tc" {
		t.Errorf("%q", got)
	}
	if got := clip("ääää", 6); got != "ä…" || len(got) > 6 {
		t.Errorf("%q", got)
	}
	for in, ok := range map[string]bool{
		"https://a.example/x?y=1": true, "http://localhost:80": true, "javascript:alert(1)": false, "https://": false,
		"": false, "//a": false, "https://a b": false, "HTTPS://a": false, "https://a\"onclick": false, "https://a\n": false, "https://\xff": false,
	} {
		if isWebAddress(in) != ok {
			t.Errorf("%q: want %v", in, ok)
		}
	}
}
