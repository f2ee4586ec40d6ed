package kinds

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Touch is one change as history remembers it.
type Touch struct {
	At      time.Time
	ID      string
	Author  string   // a salted hash; only ever counted
	Mends   bool     // it repairs or reverts something
	Modules []string // where code was touched
	Tested  []string // what its tests stand beside, see Tested
}

// Past is a service's history up to a moment: what was touched within the
// window, by how many, how often to repair something; and since when each
// module is known. Changes are added in the order of their time; a change is
// looked at before it is added, so that it sees what was before it.
type Past struct {
	months int
	now    time.Time
	since  time.Time // of the first change ever
	window []Touch
	from   int // the first of window still inside it
	mods   map[string]*module
	hot    int // modules touched within the window
	sum    int // their touches
	crowd  int // their authors, added up
	mended int // their touches that repaired something
	tested map[string]bool
	cover  Coverage
	tree   bool // tested is all there is
}

type module struct {
	first   time.Time
	last    time.Time
	touches int
	all     int // touches ever
	mended  int
	authors map[string]int
}

// NewPast begins a history.
func NewPast(l Limits) *Past {
	return &Past{months: fill(l).Months, mods: map[string]*module{}, tested: map[string]bool{}}
}

// Coverage says of files whether tests run them.
type Coverage interface {
	// Of says how many of a module's files are covered, of how many that are
	// known, at a moment.
	Of(module string, at time.Time) (covered, known int)
}

// Cover sets what is known of coverage; nil: nothing.
func (p *Past) Cover(c Coverage) { p.cover = c }

// Knew adds a module that was last touched before the history begins.
func (p *Past) Knew(name string, last time.Time) {
	if p.mods[name] == nil {
		p.mods[name] = &module{first: last, last: last, authors: map[string]int{}}
	}
}

// Beside sets what tests stand beside, where a work tree tells of all files.
func (p *Past) Beside(tested []string) {
	p.tree = true
	for _, name := range tested {
		p.tested[name] = true
	}
}

// Advance moves to a moment: what is older than the window falls out.
func (p *Past) Advance(at time.Time) {
	p.now = at
	edge := at.AddDate(0, -p.months, 0)
	for p.from < len(p.window) && p.window[p.from].At.Before(edge) {
		p.drop(&p.window[p.from])
		p.window[p.from] = Touch{}
		p.from++
	}
	if p.from > 1024 && p.from*2 > len(p.window) {
		p.window = slices.Delete(p.window, 0, p.from)
		p.from = 0
	}
}

func (p *Past) drop(t *Touch) {
	for _, name := range t.Modules {
		m := p.mods[name]
		m.touches--
		p.sum--
		if m.touches == 0 {
			p.hot--
		}
		if t.Mends {
			m.mended--
			p.mended--
		}
		if t.Author != "" {
			if m.authors[t.Author]--; m.authors[t.Author] == 0 {
				delete(m.authors, t.Author)
				p.crowd--
			}
		}
	}
}

// Add books a change. It must not lie before what was added.
func (p *Past) Add(t Touch) {
	if p.since.IsZero() {
		p.since = t.At
	}
	for _, name := range t.Tested {
		p.tested[name] = true
	}
	if len(t.Modules) == 0 {
		return
	}
	for _, name := range t.Modules {
		m := p.mods[name]
		if m == nil {
			m = &module{first: t.At, authors: map[string]int{}}
			p.mods[name] = m
		}
		m.last = t.At
		m.all++
		if m.touches++; m.touches == 1 {
			p.hot++
		}
		p.sum++
		if t.Mends {
			m.mended++
			p.mended++
		}
		if t.Author != "" {
			if m.authors[t.Author]++; m.authors[t.Author] == 1 {
				p.crowd++
			}
		}
	}
	p.window = append(p.window, t)
}

// seenOften is how many changes a module has to have seen without a test before
// it is said to have none, where neither a coverage nor a work tree tells.
const seenOften = 10

// look says what a module's history makes of a change that touches it now.
func (p *Past) look(w touched, l Limits, found map[string]*tally) {
	say := func(kind, rule, format string, args ...any) {
		a := found[kind]
		if a == nil {
			a = &tally{rules: map[string]bool{}}
			found[kind] = a
		}
		a.rules[rule] = true
		a.count += len(w.files)
		a.files = append(a.files, w.files...)
		text := w.module + ": " + fmt.Sprintf(format, args...)
		switch {
		case a.says == "":
			a.says = text
		case strings.Count(a.says, "; ") < 2:
			a.says += "; " + text
		case !strings.HasSuffix(a.says, "; …"):
			a.says += "; …"
		}
	}
	m := p.mods[w.module]
	if m != nil && m.touches == 0 {
		say(debrief.KindOld, "not-touched", "last changed %s", m.last.UTC().Format(time.DateOnly))
	}
	if m != nil && len(m.authors) >= l.Authors && len(m.authors)*p.hot >= 3*p.crowd {
		say(debrief.KindMany, "many-authors", "%d people within %d months", len(m.authors), l.Months)
	}
	if m != nil && m.touches >= l.Changes && m.mended >= l.Mended && m.touches*p.hot >= 3*p.sum && m.mended*p.sum >= p.mended*m.touches {
		say(debrief.KindHot, "often-mended", "%d changes within %d months, %d of them repairs or reverts", m.touches, l.Months, m.mended)
	}
	if p.cover != nil {
		if covered, known := p.cover.Of(w.module, p.now); known > 0 {
			if covered == 0 {
				say(debrief.KindUntested, "coverage", "tests run none of its %s", count(known, "measured file"))
			}
			return
		}
	}
	if !p.tree && (m == nil || m.all < seenOften) || p.tested[w.module] || p.tested[lastFolder(w.module)] {
		return
	}
	for _, f := range w.files {
		if name := stem(f); p.tested[name] && !slices.Contains(everywhere, name) {
			return
		}
	}
	if p.tree {
		say(debrief.KindUntested, "no-tests-beside", "no test stands beside its code")
		return
	}
	say(debrief.KindUntested, "no-tests-seen", "none of its %d changes brought a test", m.all)
}

// Remember is a change as history remembers it.
func (t *Table) Remember(c debrief.Change, at time.Time) Touch {
	out := Touch{At: at, ID: c.ID, Author: c.AuthorHash, Mends: Mends(c)}
	if c.Bot {
		out.Author, out.Mends = "", false // no person, and newer versions mend nothing of one's own
	}
	var parts []string
	var held []int
	for _, file := range c.Paths {
		f := File{Path: file}
		if parts = split(file, parts[:0]); len(parts) == 0 {
			continue
		}
		held = t.held(&f, parts, held[:0])
		switch t.screen(held) {
		case "":
			if m := debrief.Module(file); m != debrief.ModuleTop && isCode(file) && !slices.Contains(out.Modules, m) {
				out.Modules = append(out.Modules, m)
			}
		case debrief.KindTestsOnly:
			out.Tested = append(out.Tested, Tested(file)...)
		}
	}
	slices.Sort(out.Modules)
	slices.Sort(out.Tested)
	out.Tested = slices.Compact(out.Tested)
	return out
}

// notMending are the scopes of "fix(…)" that repair nothing that runs.
var notMending = []string{"(deps", "(dep)", "(docs", "(doc)", "(ci", "(test", "(lint", "(build", "(readme", "(typo"}

// Mends reports a change that repairs or reverts something, by what it says of
// itself.
func Mends(c debrief.Change) bool {
	if c.Reverts != "" {
		return true
	}
	title := strings.ToLower(strings.TrimLeft(c.Title, "[( "))
	for _, word := range []string{"fix", "hotfix", "bugfix", "revert", "rollback", "roll back", "repair"} {
		rest, ok := strings.CutPrefix(title, word)
		if !ok {
			continue
		}
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "es"), "ed")
		if slices.ContainsFunc(notMending, func(scope string) bool { return strings.HasPrefix(rest, scope) }) {
			return false
		}
		if rest == "" || strings.ContainsAny(rest[:1], " :(/]!\"-") {
			return true
		}
	}
	return false
}

// testWords are folders and parts of names that say "test" and nothing of what
// is tested.
var testWords = []string{"test", "tests", "testing", "__tests__", "spec", "specs", "unit", "integration", "e2e", "functional", "testdata", "fixtures", "src", "main", "java", "kotlin"}

// Tested is what a test stands beside: its own module, the folder of the same
// name elsewhere, the file of the same name.
func Tested(file string) []string {
	out := []string{debrief.Module(file), stem(file)}
	dirs := strings.Split(path.Dir(file), "/")
	for len(dirs) > 0 && slices.Contains(testWords, strings.ToLower(dirs[len(dirs)-1])) {
		dirs = dirs[:len(dirs)-1]
	}
	if len(dirs) > 0 && dirs[len(dirs)-1] != "." {
		out = append(out, dirs[len(dirs)-1]+"/", debrief.Module(strings.Join(dirs, "/")+"/x"))
	}
	return out
}

// everywhere are names of files that say nothing of what they hold.
var everywhere = []string{"main", "index", "init", "__init__", "util", "utils", "helper", "helpers", "type", "types", "model", "models", "view", "views", "config", "common", "base", "api", "app", "client", "server", "service", "errors", "doc", "mod", "lib", "store", "handler", "handlers"}

// stem is a file's name without its ending and without what says it is a test.
func stem(file string) string {
	name := path.Base(file)
	name, _, _ = strings.Cut(name, ".")
	for _, affix := range []string{"_test", "_spec", "-test", "-spec", "Test", "Tests", "Spec", "IT"} {
		name = strings.TrimSuffix(name, affix)
	}
	return strings.TrimPrefix(name, "test_")
}

func lastFolder(module string) string {
	return path.Base(module) + "/"
}

// Tests is what the tests among the files of a work tree stand beside.
func (t *Table) Tests(files []string) (tested []string) {
	var parts []string
	var held []int
	for _, file := range files {
		f := File{Path: file}
		if parts = split(file, parts[:0]); len(parts) == 0 {
			continue
		}
		held = t.held(&f, parts, held[:0])
		if t.screen(held) == debrief.KindTestsOnly {
			tested = append(tested, Tested(file)...)
		}
	}
	slices.Sort(tested)
	return slices.Compact(tested)
}
