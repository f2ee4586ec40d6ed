package loop

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/ingest"
)

// blocks are the page's examples in one language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	page, err := os.ReadFile("../../docs/sources/generic.md")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, part := range strings.Split(string(page), "```"+language+"\n")[1:] {
		text, _, _ := strings.Cut(part, "```")
		list = append(list, text)
	}
	return list
}

func mapping(t *testing.T, yaml string) ([]ingest.Source, error) {
	t.Helper()
	cfg, err := config.Load("/etc/debrief.yaml", func(string) string { return "" }, func(name string) ([]byte, error) {
		if name == "/etc/debrief.yaml" {
			return []byte(yaml), nil
		}
		return []byte("a-secret"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return Inbound(cfg)
}

// The page's examples do what the page says.
func TestTheGenericPagesExamples(t *testing.T) {
	t.Parallel()
	yaml, json := blocks(t, "yaml"), blocks(t, "json")
	if len(yaml) != 2 || len(json) != 2 {
		t.Fatalf("%d mappings, %d payloads", len(yaml), len(json))
	}
	parse := func(i int, name, body string) []debrief.Event {
		t.Helper()
		sources, err := mapping(t, yaml[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sources {
			if s.Name == name {
				events, err := s.Parse(ingest.Request{Body: []byte(body), Key: "k", Received: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)})
				if err != nil {
					t.Fatal(err)
				}
				return events
			}
		}
		t.Fatalf("there is no source %s", name)
		return nil
	}
	r := parse(0, "rollouts", json[0])[0].Report
	if r.Service != "shop" || r.Environment != "production" || r.Target != "eu" || r.Version != "v1.42" || r.Commit != "5d2a8f0" ||
		r.State != debrief.Succeeded || r.Times.Finished.Format(time.RFC3339) != "2026-03-03T14:09:40Z" || r.Keys[0] != "rollouts/deployment/4711" {
		t.Errorf("%+v", r)
	}
	begin := strings.NewReplacer(`"rollout.finished"`, `"rollout.started"`, `"result": "ok", `, "").Replace(json[0])
	if b := parse(0, "rollouts", begin)[0].Report; b.State != debrief.Running || b.Keys[0] != r.Keys[0] || b.Times.Started.IsZero() {
		t.Errorf("%+v", b)
	}
	two := parse(1, "pager", json[1])
	if len(two) != 2 {
		t.Fatalf("%d incidents", len(two))
	}
	a, b := two[0].Incident, two[1].Incident
	if a.Service != "shop" || a.Severity != "high" || a.Detected.Format(time.TimeOnly) != "14:12:00" || a.Keys[0] != "pager/incident/a-1" ||
		b.Service != "web" || b.Restored.Format(time.TimeOnly) != "14:30:00" || two[0].ID == two[1].ID {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// Every problem of a mapping is told at once, with its line.
func TestAMappingsProblemsNameTheirLines(t *testing.T) {
	t.Parallel()
	_, err := mapping(t, `
sources:
  mine:
    secret: s
    map:
      kind: deployment
      key: data..id
      when: event
      values:
        service: data.app
        version: a[b
        colour: x
      states:
        ok: fine
  github:
    secret: s
    map: {kind: thing, key: a}
`)
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{
		"debrief.yaml:7: sources.mine.map.key: \"data..id\" is no path", "debrief.yaml:8: sources.mine.map.when: when and is need each other",
		"debrief.yaml:11: sources.mine.map.values.version", "debrief.yaml:12: sources.mine.map.values.colour: a deployment has no such value",
		"debrief.yaml:14: sources.mine.map.states.ok: \"fine\" is no state", "sources.mine.map.values: a deployment needs environment",
		"states: values.state says", "debrief.yaml:17: sources.github.map.kind: \"thing\" is none of change, deployment, incident, ticket",
		"github is a source debrief reads by itself",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
}
