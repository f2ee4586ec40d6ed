package ingest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// page is what docs/sources/NAME.md says: a source's own words, under its title.
func page(s Source) string {
	return "# " + s.Title + "\n\nProven so far: " + s.Proven + ".\n\n" + s.Doc
}

// How to connect a source stands once, beside its code; the page is written
// from it (go test ./internal/ingest -run Page -update).
func TestTheSourcesPagesSayWhatTheirCodeSays(t *testing.T) {
	t.Parallel()
	for _, s := range Sources() {
		if s.Verify == nil {
			continue // docs/api.md is its page
		}
		file := filepath.Join("..", "..", "docs", "sources", s.Name+".md")
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(page(s)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != page(s) {
			t.Errorf("%s differs from the Doc of %s: go test ./internal/ingest -run Pages -update writes it", file, s.Name)
		}
	}
}

// What is read is what the page tells people to choose.
func TestGitHubsPageNamesEveryEventThatIsRead(t *testing.T) {
	t.Parallel()
	chosen := map[string]string{
		"deployment": "**Deployments**", "deployment_status": "**Deployment statuses**", "workflow_run": "**Workflow runs**",
		"push": "**Pushes**", "release": "**Releases**", "pull_request": "**Pull requests**", "ping": "ping",
		"workflow_job": "**Workflow jobs**", "check_run": "**Check runs**", "pull_request_review": "**Pull request reviews**", "issues": "**Issues**",
	}
	doc := github().Doc
	for kind := range githubKinds() {
		if want, ok := chosen[kind]; !ok || !strings.Contains(doc, want) {
			t.Errorf("the page does not tell to choose %s", kind)
		}
	}
	if n := len(githubKinds()); n != len(chosen) {
		t.Errorf("%d kinds are read, the page names %d", n, len(chosen))
	}
	for _, header := range []string{"X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256"} {
		if !strings.Contains(doc, header) {
			t.Errorf("the example lacks %s", header)
		}
	}
}
