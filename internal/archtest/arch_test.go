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
	"measure": 1, "forge": 1, "send": 1, "past": 1,
	"kinds": 1, "delivery": 1, "learn": 1, "coach": 1,
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

// apart are folders that may not import a room their level alone would allow:
// who makes up histories must not know how patterns are found in them.
var apart = map[string][]string{
	"internal/story/org": {"learn", "delivery"},
}

// pure rooms think: bytes and values in, values out. No I/O and no clock.
var pure = map[string]bool{"": true, "judge": true, "plot": true, "ingest": true, "record": true, "notice": true, "access": true, "tell": true, "past": true, "kinds": true, "delivery": true, "learn": true, "coach": true}

// forbiddenInPure are packages a pure room may not import, each with all that
// is below it; allowedInPure are those of them that only compute.
var (
	forbiddenInPure = []string{
		"net", "os", "syscall", "database", "io/ioutil", "log", "plugin", "unsafe", "embed",
		"crypto/rand", "math/rand", "runtime", "testing", "expvar", "golang.org/x/sys", "golang.org/x/net",
	}
	allowedInPure = map[string]bool{"net/netip": true, "net/url": true}
)

// clock are the functions of package time that read it or wait for it.
var clock = map[string]bool{
	"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true, "AfterFunc": true,
	"Tick": true, "NewTimer": true, "NewTicker": true,
}

// impure says why a pure room may not import a package; empty: it may.
func impure(name string) string {
	for _, f := range forbiddenInPure {
		if (name == f || strings.HasPrefix(name, f+"/")) && !allowedInPure[name] {
			return f
		}
	}
	return ""
}

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
			if f := impure(name); pure[room] && f != "" {
				t.Errorf("%s: the pure room %q imports %s (nothing of %s is pure)", path, room, name, f)
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
			if strangers(path, to) {
				t.Errorf("%s may not import %q: it has to know nothing of it", path, to)
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

// strangers reports whether the file at path must know nothing of a room.
func strangers(path, room string) bool {
	for folder, rooms := range apart {
		if strings.HasPrefix(filepath.ToSlash(path), folder+"/") && contains(rooms, room) {
			return true
		}
	}
	return false
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
		for _, name := range clocksIn(file) {
			t.Errorf("%s: the pure room %q reads the clock (time.%s)", path, room, name)
		}
	})
}

// clocksIn lists what of package time a file uses that is no pure computation,
// whatever name it imports the package by.
func clocksIn(file *ast.File) []string {
	called := ""
	for _, imp := range file.Imports {
		if imp.Path.Value == `"time"` {
			called = "time"
			if imp.Name != nil {
				called = imp.Name.Name
			}
		}
	}
	var found []string
	if called == "." {
		found = append(found, "everything, unnamed")
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && called != "" && x.Name == called && clock[s.Sel.Name] {
				found = append(found, s.Sel.Name)
			}
		}
		return true
	})
	return found
}

// A test of the tests: what is forbidden is found.
func TestTheSurveyorSees(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"net": true, "net/http": true, "net/http/httptest": true, "net/netip": false, "net/url": false, "os": true, "os/signal": true, "oslo": false,
		"syscall": true, "crypto/rand": true, "crypto/sha256": false, "math/rand/v2": true, "math": false, "database/sql/driver": true, "log/slog": true,
		"strings": false, "runtime/debug": true, "golang.org/x/sys/unix": true,
	} {
		if got := impure(name) != ""; got != want {
			t.Errorf("%s: forbidden %v, want %v", name, got, want)
		}
	}
	if !strangers("internal/story/org/org.go", "learn") || strangers("internal/story/org/org.go", "record") || strangers("internal/story/load/load.go", "learn") {
		t.Error("who may not know of whom is not seen")
	}
	for src, want := range map[string]string{
		`package x; import "time"; var a = time.Second`:                          "",
		`package x; import "time"; func f() { <-time.After(1); time.Tick(1) }`:   "After Tick",
		`package x; import t "time"; func f() { t.NewTimer(1); t.NewTicker(1) }`: "NewTimer NewTicker",
		`package x; import . "time"; var a = Now()`:                              "everything, unnamed",
		`package x; var time struct{ Now int }; var a = time.Now`:                "",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(clocksIn(file), " "); got != want {
			t.Errorf("%s: %q, want %q", src, got, want)
		}
	}
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
