// Package archtest is the surveyor: it holds the table of who may import whom,
// and fails the build where a room breaks it. ARCHITECTURE.md shows the same
// table for people; change both in one commit and say why.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/debriefhq/debrief"

// level of each room; a room may import rooms of lower levels only.
var level = map[string]int{
	"": 0, "judge": 0, "plot": 0,
	"ingest": 1, "record": 1, "notice": 1, "access": 1, "tell": 1,
	"measure": 1, "forge": 1, "send": 1,
	"store": 2, "config": 2,
	"loop": 3,
	"api":  4, "web": 4, "story": 4,
	"cli": 5, "archtest": 5,
	"cmd": 6,
}

// only says what a room may import where its level alone would allow more.
var only = map[string][]string{
	"judge":  {},
	"plot":   {},
	"":       {},
	"store":  {""},
	"config": {""},
}

// pure rooms think: bytes and values in, values out. No I/O and no clock.
var pure = map[string]bool{"": true, "judge": true, "plot": true, "ingest": true, "record": true, "notice": true, "access": true, "tell": true}

var forbiddenInPure = map[string]bool{"net": true, "net/http": true, "os": true, "os/exec": true, "database/sql": true, "io/ioutil": true, "log/slog": true}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	files := 0
	walk(t, func(path, room string, file *ast.File) {
		files++
		from, ok := level[room]
		if !ok {
			t.Errorf("%s: the room %q is not in the table; add it here and to ARCHITECTURE.md", path, room)
			return
		}
		for _, imp := range file.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			if pure[room] && forbiddenInPure[name] {
				t.Errorf("%s: the pure room %q imports %s", path, room, name)
			}
			if name != module && !strings.HasPrefix(name, module+"/") {
				continue
			}
			to := roomOf(strings.TrimPrefix(strings.TrimPrefix(name, module), "/"))
			if to == room {
				continue
			}
			if level[to] >= from {
				t.Errorf("%s: %q (level %d) imports %q (level %d)", path, room, from, to, level[to])
			}
			if allowed, limited := only[room]; limited && !contains(allowed, to) {
				t.Errorf("%s: %q may not import %q", path, room, to)
			}
		}
	})
	if files < 50 {
		t.Fatalf("only %d files were looked at: the walk is broken", files)
	}
}

func TestNoHiddenStateAndNoClockInPureRooms(t *testing.T) {
	t.Parallel()
	walk(t, func(path, room string, file *ast.File) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init() hides what runs", path)
			}
		}
		if !pure[room] {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Until" || s.Sel.Name == "Sleep") {
					t.Errorf("%s: the pure room %q reads the clock (time.%s)", path, room, s.Sel.Name)
				}
			}
			return true
		})
	})
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// roomOf names the room a path inside the module belongs to; the root package is "".
func roomOf(path string) string {
	parts := strings.Split(filepath.ToSlash(path), "/")
	if parts[0] == "internal" && len(parts) > 1 {
		return parts[1]
	}
	if parts[0] == "cmd" {
		return "cmd"
	}
	return ""
}

// walk parses every non-test Go file of the module.
func walk(t *testing.T, visit func(path, room string, file *ast.File)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n == "testdata" || n == "node_modules" || (strings.HasPrefix(n, ".") && len(n) > 2) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		visit(rel, roomOf(filepath.Dir(rel)), file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
