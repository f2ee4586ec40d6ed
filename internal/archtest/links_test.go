package archtest

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	codeBlock = regexp.MustCompile("(?ms)^```.*?^```$")
	link      = regexp.MustCompile(`\]\(\s*([^)\s]+)[^)]*\)`)
	heading   = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	target    = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	makes     = regexp.MustCompile("(?m)(?:^|`)make ([a-z][a-z-]*)")
)

// What the documents point at is there: files, headings, targets of make.
func TestDocumentsPointAtWhatIsThere(t *testing.T) {
	t.Parallel()
	targets := map[string]bool{}
	for _, m := range target.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets[m[1]] = true
	}
	links := 0
	for _, path := range documents(t) {
		text := read(t, path)
		for _, m := range makes.FindAllStringSubmatch(text, -1) {
			if !targets[m[1]] {
				t.Errorf("%s: make %s: the Makefile has no such target", path, m[1])
			}
		}
		prose := inline.ReplaceAllString(codeBlock.ReplaceAllString(text, ""), "")
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			u, err := url.Parse(m[1])
			if err != nil {
				t.Errorf("%s: %q is no address: %v", path, m[1], err)
				continue
			}
			if u.IsAbs() || u.Host != "" {
				continue
			}
			links++
			to := path
			if u.Path != "" {
				to = filepath.Join(filepath.Dir(path), filepath.FromSlash(u.Path))
			}
			if _, err := os.Stat(at(to)); err != nil {
				t.Errorf("%s: %s is not there", path, m[1])
			} else if u.Fragment != "" && !anchors(read(t, to))[u.Fragment] {
				t.Errorf("%s: %s has no such heading", path, m[1])
			}
		}
	}
	if links < 10 {
		t.Errorf("only %d links were looked at", links)
	}
}

// documents are the module's Markdown files.
func documents(t *testing.T) (all []string) {
	t.Helper()
	err := filepath.WalkDir(at("."), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || name == "node_modules" || name == "dist" || (strings.HasPrefix(name, ".") && len(name) > 2)) {
			return filepath.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(name, ".md") {
			rel, err := filepath.Rel(at("."), path)
			if err != nil {
				return err
			}
			all = append(all, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d documents were found", len(all))
	}
	return all
}

// anchors are a document's headings as links name them.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		out[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])] = true
	}
	return out
}
