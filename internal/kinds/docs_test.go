package kinds_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/kinds"
)

var update = flag.Bool("update", false, "write docs/kinds.md")

// docs/kinds.md says what the table says.
func TestDocs(t *testing.T) {
	t.Parallel()
	const file = "../../docs/kinds.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for name, part := range map[string]string{"kinds": kindsDoc(false), "places": kindsDoc(true), "rules": rulesDoc()} {
		open, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
		before, rest, ok := strings.Cut(want, open)
		_, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("docs/kinds.md has no %s", open)
		}
		want = before + open + part + end + after
	}
	if want == string(text) {
		return
	}
	if !*update {
		t.Fatal("docs/kinds.md does not say what the table says: go test ./internal/kinds -run TestDocs -update")
	}
	if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
}

func kindsDoc(where bool) string {
	var b strings.Builder
	b.WriteString("| kind | what it says |\n|---|---|\n")
	for _, k := range kinds.Kinds() {
		if k.Where == where {
			fmt.Fprintf(&b, "| %s | %s |\n", k.Name, k.Doc)
		}
	}
	return b.String()
}

func rulesDoc() string {
	var b strings.Builder
	last := ""
	for _, r := range kinds.Rules() {
		if r.Kind != last {
			fmt.Fprintf(&b, "\n### %s\n\n", r.Kind)
			last = r.Kind
		}
		fmt.Fprintf(&b, "**%s**: %s [Source](%s)\n\n", r.Name, r.Doc, r.Source)
		b.WriteString("```\n")
		wrapped(&b, "", r.Paths)
		wrapped(&b, "not ", r.Not)
		for _, l := range r.Lines {
			fmt.Fprintf(&b, "line %s\n", l)
		}
		b.WriteString("```\n\n")
	}
	return b.String()
}

// wrapped writes words in lines of about a hundred letters.
func wrapped(b *strings.Builder, before string, words []string) {
	line := ""
	for _, w := range words {
		if line != "" && len(line)+len(w) > 100 {
			b.WriteString(before + line + "\n")
			line = ""
		}
		line = strings.TrimSpace(line + "  " + w)
	}
	if line != "" {
		b.WriteString(before + line + "\n")
	}
}

// Every rule says what it recognises and whose word that is.
func TestRulesCarryTheirDocumentation(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range kinds.Rules() {
		if r.Name == "" || seen[r.Name] || r.Doc == "" || !strings.HasSuffix(r.Doc, ".") || !strings.HasPrefix(r.Source, "https://") {
			t.Errorf("%q: a name of its own, a sentence and a source are needed", r.Name)
		}
		seen[r.Name] = true
	}
}
