package ingest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	// Blank: only their testdata is read, real payloads that others collected.
	_ "github.com/go-playground/webhooks/v6/github"
	_ "github.com/go-playground/webhooks/v6/gitlab"
	_ "gitlab.com/gitlab-org/api/client-go"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

// A corpus is a folder of payloads in the module of a test dependency. They
// are read where they are and never copied; only our events are kept.
type corpus struct {
	source, module, folder string
	least                  int
}

func corpora() []corpus {
	return []corpus{
		{"github", "github.com/go-playground/webhooks/v6", "testdata/github", 47},
		{"gitlab", "github.com/go-playground/webhooks/v6", "testdata/gitlab", 39},
		{"gitlab", "gitlab.com/gitlab-org/api/client-go", "testdata/webhooks", 32},
	}
}

func (c corpus) name() string { return c.source + "-" + filepath.Base(filepath.Dir(c.module+"/x")) }

func (c corpus) read(t testing.TB) []payload {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", c.module).Output()
	if err != nil {
		t.Fatalf("the module with third-party payloads is not there: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), filepath.FromSlash(c.folder), "*.json"))
	if err != nil || len(files) < c.least {
		t.Fatalf("found %d payloads, want at least %d: %v", len(files), c.least, err)
	}
	var list []payload
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		kind := name
		if c.source == "github" {
			kind = strings.ReplaceAll(name, "-", "_")
		}
		r := request(c.source, kind, body)
		r.Received = time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
		list = append(list, payload{kind, r})
	}
	return list
}

// What becomes of every third-party payload is kept as a file: the events, or
// the reason why there are none.
func TestThirdPartyPayloads(t *testing.T) {
	t.Parallel()
	for _, c := range corpora() {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			s, err := Lookup(c.source)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			for _, p := range c.read(t) {
				events, err := s.Parse(p.Request)
				check(t, p.Request, events, err)
				if k := debrief.KindOf(err); err != nil && k != debrief.Ignored {
					t.Errorf("%s: a real payload is refused: %v", p.name, err)
				}
				fmt.Fprintf(&got, "== %s\n%s", p.name, golden(t, events, err))
			}
			file := filepath.Join("testdata", "corpus", c.name()+".golden")
			if *update {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got.String()); d != "" {
				t.Errorf("differs from %s (go test -update writes it):\n%s", file, d)
			}
		})
	}
}

// Every kind that is read has a payload, and the payload an event.
func TestEveryKindThatIsReadHasAnEvent(t *testing.T) {
	t.Parallel()
	for source, kinds := range map[string][]string{"github": sorted(githubKinds()), "gitlab": sorted(gitlabKinds())} {
		told := map[string]bool{"ping": true, "job": true, "incident": true} // the last two: other names of build and issue
		s, err := Lookup(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range payloads(t, source) {
			if events, _ := s.Parse(p.Request); len(events) > 0 {
				kind, _, _ := strings.Cut(p.name, ".")
				told[kind] = true
				told["build"] = told["build"] || kind == "job"
			}
		}
		for _, k := range kinds {
			if !told[k] {
				t.Errorf("%s: no payload of kind %q becomes an event", source, k)
			}
		}
	}
}

// The order of JSON's members, and who receives when, change nothing: a fact
// has the identity of what it says.
func TestAFactIsOneEventHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	for _, c := range corpora() {
		s, err := Lookup(c.source)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.read(t) {
			first, err := s.Parse(p.Request)
			if err != nil || slices.ContainsFunc(first, func(e debrief.Event) bool { return e.At.Equal(e.Received) }) {
				continue // without a time of its own it is told apart by its receipt
			}
			again := p.Request
			again.Key, again.Received = "another/delivery", again.Received.Add(time.Hour)
			second, err := s.Parse(again)
			if err != nil || len(first) != len(second) {
				t.Fatalf("%s: %v", p.name, err)
			}
			for i := range first {
				if first[i].ID != second[i].ID {
					t.Errorf("%s: event %d has another identity when it comes again", p.name, i)
				}
			}
		}
	}
}
