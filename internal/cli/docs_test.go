package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// With -update the reference in docs/cli.md is written anew from the commands
// themselves; what stands above the mark is a person's.
var update = flag.Bool("update", false, "write docs/cli.md anew")

const referenceMark = "<!-- Below: written from the commands by go test ./internal/cli -run TestDocs -update -->\n"

// TestDocs holds docs/cli.md to what the commands really are: a section for
// each, and every flag within it.
func TestDocs(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "docs", "cli.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	root := rootCmd(OS())
	root.InitDefaultHelpCmd()
	if *update {
		above, _, ok := strings.Cut(string(text), referenceMark)
		if !ok {
			t.Fatalf("%s has lost its mark", file)
		}
		var b strings.Builder
		b.WriteString(above + referenceMark)
		each(root, func(c *cobra.Command) { writeSection(&b, c) })
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		text = []byte(b.String())
	}
	documented := sections(string(text))
	commands := 0
	each(root, func(c *cobra.Command) {
		commands++
		section, ok := documented[c.CommandPath()]
		if !ok {
			t.Errorf("%s is not in docs/cli.md", c.CommandPath())
			return
		}
		delete(documented, c.CommandPath())
		flagsOf(c).VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(section, "`--"+f.Name) {
				t.Errorf("%s --%s is not in docs/cli.md", c.CommandPath(), f.Name)
			}
		})
	})
	for path := range documented {
		t.Errorf("docs/cli.md has %q, which is no command", path)
	}
	if commands < 15 {
		t.Errorf("only %d commands were looked at", commands)
	}
	if t.Failed() {
		t.Log("write it anew with: go test ./internal/cli -run TestDocs -update")
	}
}

// TestVariablesAreDocumented: what the commands read of the environment stands
// in docs/cli.md.
func TestVariablesAreDocumented(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile(filepath.Join("..", "..", "docs", "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	read := regexp.MustCompile(`Getenv\("(DEBRIEF_[A-Z_]+)"\)`)
	seen := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range read.FindAllSubmatch(text, -1) {
			seen++
			if !strings.Contains(string(docs), "`"+string(m[1])+"`") {
				t.Errorf("%s reads %s, which is not in docs/cli.md", file, m[1])
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d variables were looked at", seen)
	}
}

// each visits every command a person may type.
func each(c *cobra.Command, visit func(*cobra.Command)) {
	for _, sub := range c.Commands() {
		if sub.Hidden || sub.Name() == "help" || sub.Name() == "completion" {
			continue
		}
		visit(sub)
		each(sub, visit)
	}
}

func flagsOf(c *cobra.Command) *pflag.FlagSet {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	fs.AddFlagSet(c.NonInheritedFlags())
	fs.AddFlagSet(c.InheritedFlags())
	return fs
}

// sections are the parts of the reference by their "## debrief …" heading.
func sections(text string) map[string]string {
	_, text, _ = strings.Cut(text, referenceMark)
	out := map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n## ")[1:] {
		name, body, _ := strings.Cut(part, "\n")
		out[strings.TrimSpace(name)] = body
	}
	return out
}

func writeSection(b *strings.Builder, c *cobra.Command) {
	fmt.Fprintf(b, "\n## %s\n\n    %s\n\n", c.CommandPath(), strings.TrimSuffix(c.UseLine(), " [flags]"))
	about := c.Long
	if about == "" {
		about = c.Short + "."
	}
	fmt.Fprintf(b, "%s\n", strings.TrimSpace(about))
	if c.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", dedent(c.Example))
	}
	first := true
	flagsOf(c).VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		if first {
			b.WriteString("\n| flag | |\n|---|---|\n")
			first = false
		}
		name := "--" + f.Name
		if kind, _ := pflag.UnquoteUsage(f); kind != "" {
			name += " " + kind
		}
		usage := strings.ReplaceAll(f.Usage, "|", `\|`)
		if d := f.DefValue; d != "" && d != "false" && d != "0" && d != "[]" && !strings.Contains(usage, "default") {
			usage += " (default " + d + ")"
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", name, usage)
	})
}

func dedent(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return strings.Join(lines, "\n")
}
