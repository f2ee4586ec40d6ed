package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	inline   = regexp.MustCompile("`[^`\n]+`")
	testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// CONTRIBUTING.md says where a change goes: every path in its table exists
// (NAME stands for one that is there already), every word in code stands in one
// of the row's files, every command finds tests.
func TestContributingNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	_, table, ok := strings.Cut(read(t, "CONTRIBUTING.md"), "## Where a change goes")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := 0
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 3 || strings.HasPrefix(line, "|---") || strings.TrimSpace(cells[0]) == "change" {
			continue
		}
		rows++
		var words, texts []string
		for _, word := range inline.FindAllString(cells[1], -1) {
			word = strings.Trim(word, "`")
			if !strings.Contains(word, "/") && !strings.Contains(word, ".") {
				words = append(words, word)
				continue
			}
			found, err := filepath.Glob(at(strings.ReplaceAll(word, "NAME", "*")))
			if err != nil || len(found) == 0 {
				t.Errorf("%s: %s is not there", cells[0], word)
			}
			for _, f := range found {
				if b, err := os.ReadFile(f); err == nil {
					texts = append(texts, string(b))
				}
			}
		}
		for _, word := range words {
			if word != "NAME" && !strings.Contains(strings.Join(texts, "\n"), word) {
				t.Errorf("%s: no file of the row holds %s", cells[0], word)
			}
		}
		for _, command := range inline.FindAllString(cells[2], -1) {
			if args, ok := strings.CutPrefix(strings.Trim(command, "`"), "go test "); ok {
				findsTests(t, strings.Fields(args))
			}
		}
	}
	if !ok || rows < 10 {
		t.Errorf("only %d rows were looked at", rows)
	}
}

// findsTests wants the arguments of go test to run at least one.
func findsTests(t *testing.T, args []string) {
	t.Helper()
	pattern := regexp.MustCompile("")
	if len(args) > 2 && args[1] == "-run" {
		pattern = regexp.MustCompile(args[2])
	}
	files, err := filepath.Glob(filepath.Join(at(args[0]), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range testFunc.FindAllSubmatch(b, -1) {
			if pattern.Match(m[1]) {
				return
			}
		}
	}
	t.Errorf("go test %s runs nothing", strings.Join(args, " "))
}

// at is a path of the module, wherever the test runs.
func at(path string) string { return filepath.Join("..", "..", filepath.FromSlash(path)) }

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(at(path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
