package api

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
)

func TestMaskJSON(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{}`:                               `{}`,
		`{"a": [1, true, null, "plain"] }`: `{"a": [1, true, null, "plain"] }`,
		`{"mail":"jo@example.org"}`:        `{"mail":"***@***"}`,
		`{"mail":"jo\u0040example.org"}`:   `{"mail":"***@***"}`,
		`{"password":"ab\"cd","token":123456,"secret":true}`:             `{"password":"***","token":123456,"secret":true}`,
		`{"db_password":"","pwd":"x"}`:                                   `{"db_password":"","pwd":"x"}`,
		`{"url":"postgres://u:pw@db/x"}`:                                 `{"url":"postgres://u:***@db/x"}`,
		`{"url":"https://github.com/a/b/pull/3"}`:                        `{"url":"https://github.com/a/b/pull/3"}`,
		`["Authorization: Bearer abcdefghijk"]`:                          `["Authorization: ***"]`,
		`{"version":"pkg@1.0.beta","x":"pkg@1.0.beta"}`:                  `{"version":"pkg@1.0.beta","x":"***@***"}`,
		`{"services":["a@b.cc"],"others":["a@b.cc",{"ref":"a@b.cc"}]}`:   `{"services":["a@b.cc"],"others":["***@***",{"ref":"a@b.cc"}]}`,
		`"AKIA1234567890ABCDEF"`:                                         `"***"`,
		`{"line":"one\ntoken=abc\\n"}`:                                   `{"line":"one\ntoken=***"}`,
		`{"a":"AIzaSyA1234567890abcdefghijklmnopqrstuv1"}`:               `{"a":"***"}`,
		`{"a":"https://hooks.slack.com/services/T000/B000/XXXX"}`:        `{"a":"https://hooks.slack.com/services/***"}`,
		`{"STRIPE_KEY":"abcdefgh","DB_PASS":"tiny1","primary_key":"id"}`: `{"STRIPE_KEY":"***","DB_PASS":"***","primary_key":"id"}`,
	} {
		got, ok := maskJSON([]byte(in))
		if !ok || !json.Valid(got) {
			t.Errorf("%s: not JSON any more: %s", in, got)
		}
		if string(got) != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
	for _, bad := range []string{"", "{", `{"a"}`, `"a`, "{}{}"} {
		if got, ok := maskJSON([]byte(bad)); ok || string(got) != bad {
			t.Errorf("%q: %q, %v", bad, got, ok)
		}
	}
}

// TestPeopleAreNotKept: a forge says who did everything; none of it is kept.
func TestPeopleAreNotKept(t *testing.T) {
	t.Parallel()
	in := `{"ref":"refs/heads/main","pusher":{"name":"janedoe","email":"jane@example.org"},"sender":{"login":"janedoe","avatar_url":"https://a/janedoe","id":7,"type":"User"},` +
		`"commits":[{"id":"c1","message":"Fix it\n\nSigned-off-by: Jane Doe <jane@example.org>\nCo-authored-by: Jane B. Doe","author":{"name":"Jane Doe","username":"janedoe"},"committer":{"name":"Jane Doe"}}],` +
		`"pull_request":{"title":"Fix","user":{"login":"janedoe"},"assignees":[{"login":"janedoe"},{"login":"janedoe"}],"merged_by":null,"number":3},` +
		`"repository":{"full_name":"acme/shop","owner":{"name":"Jane Doe"},"default_branch":"main"},"author":"Jane Doe","message":"to be stand-by: ready"}`
	got, ok := maskHook([]byte(in))
	if !ok || !json.Valid(got) || strings.Contains(strings.ToLower(string(got)), "jane") || strings.Contains(string(got), "Doe") {
		t.Errorf("%v %s", ok, got)
	}
	for _, kept := range []string{`"full_name":"acme/shop"`, `"ref":"refs/heads/main"`, `"title":"Fix"`, `"number":3`, `"message":"Fix it\n\nSigned-off-by: ***\nCo-authored-by: ***"`, `"default_branch":"main"`, "to be stand-by: ready"} {
		if !strings.Contains(string(got), kept) {
			t.Errorf("%s is gone from %s", kept, got)
		}
	}
	if again, ok := maskHook(got); !ok || string(again) != string(got) {
		t.Errorf("masking again changes %s", again)
	}
}

// TestMaskingKeepsEvents: what a payload tells of is the same before and after
// masking, apart from the texts in which something was hidden.
func TestMaskingKeepsEvents(t *testing.T) {
	t.Parallel()
	parsed := 0
	for _, src := range ingest.Sources() {
		files, _ := filepath.Glob(filepath.Join("..", "ingest", "testdata", src.Name, "*.json"))
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			event, _, _ := strings.Cut(filepath.Base(file), ".")
			r := ingest.Request{
				Header: map[string]string{"X-Github-Event": event, "X-Github-Delivery": "d-1", "Sentry-Hook-Resource": event, "Request-Id": "d-1"},
				Body:   body, Received: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC),
			}
			if r.Key, err = src.Key(r); err != nil {
				continue
			}
			before, err1 := src.Parse(r)
			masked, ok := maskHook(body, src.People...)
			if src.Name == "api" {
				masked, ok = maskJSON(body)
			}
			if !ok {
				continue
			}
			r.Body = masked
			after, err2 := src.Parse(r)
			if (err1 == nil) != (err2 == nil) {
				t.Errorf("%s: %v before, %v after masking", file, err1, err2)
				continue
			}
			if err1 == nil {
				parsed++
			}
			if a, b := masking(t, before), masking(t, after); !reflect.DeepEqual(a, b) {
				t.Errorf("%s:\n%v\n%v", file, a, b)
			}
		}
	}
	if parsed < 10 {
		t.Errorf("only %d payloads told of anything", parsed)
	}
}

// masking is events as JSON with every text masked, so that only structure and
// harmless texts are compared.
func masking(t *testing.T, events []debrief.Event) any {
	t.Helper()
	b, err := json.Marshal(events)
	if err != nil {
		t.Fatal(err)
	}
	b, _ = maskJSON(b)
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func FuzzMaskJSON(f *testing.F) {
	for _, s := range []string{`{"a":[{"password":"hunter22"},"x\\\"y@z.org"]}`, `"\u0022"`, `[[[]],{}]`, `{"a":{"b":"token=abc"},"c":"d"}`, " 1 ", `{"":""}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		kept := bytes.Clone(body)
		got, ok := maskJSON(body)
		if !bytes.Equal(body, kept) {
			t.Fatal("the caller's bytes were changed")
		}
		if ok != json.Valid(body) || ok && !json.Valid(got) {
			t.Fatalf("%q became %q", body, got)
		}
		if !ok {
			return
		}
		var a, b any
		if json.Unmarshal(body, &a) != nil || json.Unmarshal(got, &b) != nil {
			return
		}
		if !sameShape(a, b) {
			t.Fatalf("%q became %q", body, got)
		}
	})
}

// sameShape allows texts to differ and nothing else.
func sameShape(a, b any) bool {
	switch x := a.(type) {
	case string:
		_, ok := b.(string)
		return ok
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !sameShape(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k := range x {
			if _, ok := y[k]; !ok || !sameShape(x[k], y[k]) {
				return false
			}
		}
		return true
	}
	return a == b
}

func BenchmarkMaskJSON(b *testing.B) {
	var body bytes.Buffer
	body.WriteString(`{"commits":[`)
	for i := range 300 {
		if i > 0 {
			body.WriteByte(',')
		}
		body.WriteString(`{"id":"0123456789012345678901234567890123456789","message":"Fix the thing\n\nand explain why","url":"https://api.github.com/repos/acme/shop/commits/0123456","author":{"name":"Jo","email":"jo@example.org"}}`)
	}
	body.WriteString(`]}`)
	b.SetBytes(int64(body.Len()))
	for b.Loop() {
		if _, ok := maskJSON(body.Bytes()); !ok {
			b.Fatal("not JSON")
		}
	}
}

// How many people were involved can be counted, who they were cannot be told.
func TestPeopleBecomeNumbers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"agent":{"id":"PLH1HKV","summary":"Jane","type":"user_reference"},"assignees":[{"id":"PTUXL6G","type":"user_reference"},{"id":"PLH1HKV"}],"id":"PGR0VU2"}`: `{"agent":{"id":"***1","summary":"***","type":"user_reference"},"assignees":[{"id":"***2","type":"user_reference"},{"id":"***1"}],"id":"PGR0VU2"}`,
		`{"items":[{"field":"assignee","fromString":"Jane","toString":"Jo"},{"field":"status","toString":"Done"}]}`:                                                  `{"items":[{"field":"assignee","fromString":"***","toString":"***"},{"field":"status","toString":"Done"}]}`,
		`{"title":"[Jane Doe](mailto:jane@example.org) turned on the flag [x](https://a)","n":[]}`:                                                                   `{"title":"*** turned on the flag [x](https://a)","n":[]}`,
	} {
		if got, ok := maskHook([]byte(in), "agent"); !ok || string(got) != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}
