package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

var update = flag.Bool("update", false, "write the golden files")

// payload is one file of testdata/SOURCE: NAME.json is the body, NAME.txt says
// which published page it follows and why it is there, NAME.golden what it becomes.
type payload struct {
	name string
	Request
}

func payloads(t testing.TB, source string) []payload {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", source, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no payloads for %s: %v", source, err)
	}
	var list []payload
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		list = append(list, payload{name, request(source, name, body)})
	}
	return list
}

// request wraps a payload as the inbox would: the kind is the file's first
// word; lines "header: NAME: VALUE" of its .txt are the headers it came with.
func request(source, name string, body []byte) Request {
	kind, _, _ := strings.Cut(name, ".")
	r := Request{Header: map[string]string{}, Body: body, Received: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), Digest: "5f3a"}
	about, _ := os.ReadFile(filepath.Join("testdata", source, name+".txt"))
	for l := range strings.Lines(string(about)) {
		if h, ok := strings.CutPrefix(l, "header: "); ok {
			k, v, _ := strings.Cut(h, ":")
			r.Header[textproto.CanonicalMIMEHeaderKey(k)] = strings.TrimSpace(v)
		}
	}
	switch source {
	case "github":
		r.Header[githubEvent], r.Header[githubDelivery] = kind, "0f1e2d3c"
	case "api":
		r.Received, r.Key = time.Date(2026, 3, 3, 15, 0, 0, 0, time.UTC), "other/1"
		var b struct{ Key string }
		switch _ = json.Unmarshal(body, &b); kind {
		case "post":
			r.Key = "deployments/" + b.Key
		case "patch":
			r.Key = "deployments/" + b.Key + "/5f3a"
		}
		return r
	}
	if s, err := Lookup(source); err == nil {
		if s.Open != nil {
			if opened, err := s.Open(r.Header, body); err == nil {
				r.Body = opened.Body
			}
		}
		r.Key, _ = s.Key(r) // a payload without one is refused by Parse too, or by the hall before
	}
	return r
}

func TestPayloads(t *testing.T) {
	t.Parallel()
	for _, s := range Sources() {
		if s.Name == "import" {
			continue // what debrief writes itself: imported_test.go
		}
		for _, p := range payloads(t, s.Name) {
			t.Run(s.Name+"/"+p.name, func(t *testing.T) {
				t.Parallel()
				stem := filepath.Join("testdata", s.Name, p.name)
				if about, err := os.ReadFile(stem + ".txt"); err != nil || !strings.HasPrefix(string(about), "follows: ") {
					t.Errorf("%s.txt must name the page the payload follows (%v)", p.name, err)
				}
				events, err := s.Parse(p.Request)
				check(t, p.Request, events, err)
				got := golden(t, events, err)
				if *update {
					if err := os.WriteFile(stem+".golden", got, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(stem + ".golden")
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(string(want), string(got)); d != "" {
					t.Errorf("differs from %s.golden (go test -update writes it):\n%s", p.name, d)
				}
			})
		}
	}
}

func golden(t testing.TB, events []debrief.Event, err error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err != nil {
		b.WriteString(string(debrief.KindOf(err)) + ": " + err.Error() + "\n")
		return b.Bytes()
	}
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(events); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// check holds what is true of every answer of every source.
func check(t testing.TB, r Request, events []debrief.Event, err error) {
	t.Helper()
	if err != nil {
		var e *debrief.Error
		if !errors.As(err, &e) {
			t.Fatalf("not an error for a person: %v", err)
		}
		switch e.Kind {
		case debrief.Invalid, debrief.Ignored, debrief.TooLarge:
		default:
			t.Errorf("kind %s: %v", e.Kind, err)
		}
		if len(events) != 0 {
			t.Errorf("events beside an error: half an answer")
		}
		if len(err.Error()) > 2000 || strings.ContainsFunc(err.Error(), hidden) {
			t.Errorf("a message nobody can read: %q", err)
		}
		return
	}
	if len(events) == 0 {
		t.Fatal("neither events nor a reason")
	}
	seen := map[string]bool{}
	for _, e := range events {
		if e.ID == "" || seen[e.ID] || e.Key != r.Key || e.At.IsZero() {
			t.Errorf("event %+v: id, key or time", e)
		}
		seen[e.ID] = true
		said := 0
		if e.Report != nil {
			said++
			if e.Kind != debrief.EventDeployment || len(e.Report.Keys) == 0 || e.Report.Service != e.Service {
				t.Errorf("report: %+v", e)
			}
			for _, m := range reportTimes(e.Report, "") {
				if !m.at.Equal(debrief.Instant(*m.at)) || farAhead(*m.at, r.Received) {
					t.Errorf("%s: %v", m.field, m.at)
				}
			}
		}
		if e.Change != nil {
			said++
			if e.Kind != debrief.EventChange || e.Change.AuthorHash != "" || e.Change.ID == "" {
				t.Errorf("change: %+v", e.Change)
			}
		}
		if e.Version != nil {
			said++
			if e.Kind != debrief.EventVersion || e.Version.Name == "" {
				t.Errorf("version: %+v", e.Version)
			}
		}
		said += checkIncident(t, r, e) + checkTicket(t, e)
		if said != 1 {
			t.Errorf("event tells of %d things", said)
		}
	}
}

func checkIncident(t testing.TB, r Request, e debrief.Event) int {
	t.Helper()
	i := e.Incident
	if i == nil {
		return 0
	}
	if e.Kind != debrief.EventIncident || len(i.Keys) == 0 || i.Service != e.Service || i.People < 0 || len(i.Labels) > maxFacts {
		t.Errorf("incident: %+v", i)
	}
	for _, at := range []time.Time{i.Impact, i.Detected, i.Acknowledged, i.Restored, i.Closed} {
		if !at.Equal(debrief.Instant(at)) || farAhead(at, r.Received) {
			t.Errorf("incident at %v", at)
		}
	}
	return 1
}

func checkTicket(t testing.TB, e debrief.Event) int {
	t.Helper()
	k := e.Ticket
	if k == nil {
		return 0
	}
	if e.Kind != debrief.EventTicket || len(k.Keys) == 0 || k.Service != e.Service || len(k.Text) > 4<<10 {
		t.Errorf("ticket: %+v", k)
	}
	return 1
}

// An event's text must never carry an author.
func TestNoPeople(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"github", "gitlab"} {
		s, err := Lookup(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range payloads(t, source) {
			events, err := s.Parse(p.Request)
			got := string(golden(t, events, err))
			for _, name := range []string{"person", "A. Person", "quartermaster", "@example.com"} {
				if strings.Contains(got, name) {
					t.Errorf("%s keeps %q", p.name, name)
				}
			}
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	names := []string{}
	for _, s := range Sources() {
		names = append(names, s.Name)
		if s.Title == "" || s.Proven == "" || s.Doc == "" || s.Key == nil || s.Parse == nil {
			t.Errorf("%s: incomplete", s.Name)
		}
		if got, err := Lookup(s.Name); err != nil || got.Name != s.Name {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	if !slices.IsSorted(names) || len(names) < 2 {
		t.Errorf("not alphabetical: %v", names)
	}
	_, err := Lookup("gitlib\x1b[2J")
	if debrief.KindOf(err) != debrief.NotFound || !strings.Contains(err.Error(), "known sources: "+strings.Join(names, ", ")) {
		t.Errorf("an unknown source must list the known ones: %v", err)
	}
}

func FuzzAPI(f *testing.F)      { fuzz(f, "api") }
func FuzzArgoCD(f *testing.F)   { fuzz(f, "argocd") }
func FuzzCDEvents(f *testing.F) { fuzz(f, "cdevents") }
func FuzzOTLP(f *testing.F)     { fuzz(f, "otlp") }
func FuzzJenkins(f *testing.F)  { fuzz(f, "jenkins") }
func FuzzGitHub(f *testing.F)   { fuzz(f, "github") }
func FuzzGitLab(f *testing.F)   { fuzz(f, "gitlab") }

func fuzz(f *testing.F, source string) {
	s, err := Lookup(source)
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range payloads(f, source) {
		f.Add(p.name, p.Body)
	}
	for _, c := range corpora() {
		if c.source != source {
			continue
		}
		for _, p := range c.read(f) {
			f.Add(p.name, p.Body)
		}
	}
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		r := request(source, name, body)
		events, err := s.Parse(r)
		check(t, r, events, err)
	})
}

func BenchmarkParse(b *testing.B) {
	for _, s := range Sources() {
		if s.Name == "import" {
			continue
		}
		b.Run(s.Name, func(b *testing.B) {
			list := payloads(b, s.Name)
			b.ReportAllocs()
			i, n := 0, 0
			for b.Loop() {
				p := list[i%len(list)]
				i++
				n += len(p.Body)
				_, _ = s.Parse(p.Request)
			}
			b.SetBytes(int64(n / i))
		})
	}
}
