package kinds

import (
	"cmp"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// File is one file of a diff.
type File struct {
	Path           string
	Added, Deleted int
	Sized          bool     // its sizes are known
	Lines          []string // those added or removed
	Read           bool     // its lines are known
}

// Diff is what a change changes.
type Diff struct {
	Files          []File
	Total          int // files altogether: where more than Files, not all are known
	Added, Deleted int // lines altogether
	Took           string
	Bot            bool
}

// Of is what is known of a recorded change.
func Of(c debrief.Change) Diff {
	d := Diff{Total: c.Files, Added: c.Added, Deleted: c.Deleted, Took: c.Kind, Bot: c.Bot}
	d.Files = make([]File, len(c.Paths))
	for i, p := range c.Paths {
		d.Files[i].Path = p
	}
	return d
}

// maxModules bounds the modules kept of one change or release, maxShown the
// files named for a kind.
const (
	maxModules = 50
	maxShown   = 5
)

// tally collects what held for which files.
type tally struct {
	rules map[string]bool
	files []string
	count int
	says  string
}

// Sort says what a diff is. Past says what was known of its modules before;
// nil: nothing.
func (t *Table) Sort(d Diff, past *Past) debrief.Kinds {
	found := map[string]*tally{}
	w := weighed{}
	var modules []string
	files := slices.Clone(d.Files)
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	files = slices.CompactFunc(files, func(a, b File) bool { return a.Path == b.Path })
	var parts []string
	var held []int
	for i := range files {
		f := &files[i]
		parts = split(f.Path, parts[:0])
		if len(parts) == 0 {
			continue
		}
		held = t.held(f, parts, held[:0])
		screen := t.claim(f, held, found)
		w.add(t, f, held, screen)
		if screen != debrief.KindGenerated {
			if m := debrief.Module(f.Path); len(modules) == 0 || modules[len(modules)-1] != m {
				modules = append(modules, m)
			}
		}
	}
	t.only(found, len(files), d.Total > len(files))
	t.metadata(d, found)
	w.weigh(t, d, found)
	if past != nil {
		for _, m := range w.modules() {
			past.look(m, t.limits, found)
		}
	}
	slices.Sort(modules)
	modules = slices.Compact(modules)
	k := t.kindsOf(found, modules)
	k.Partly = d.Total > len(files)
	k.Primary = t.primary(found, w.code > 0)
	return k
}

// split cuts a path into folders and name, without a leading "./" or "/".
func split(path string, into []string) []string {
	path = strings.TrimLeft(strings.TrimPrefix(path, "./"), "/")
	for path != "" {
		part, rest, more := strings.Cut(path, "/")
		if part != "" {
			into = append(into, part)
		}
		if !more {
			break
		}
		path = rest
	}
	return into
}

// held are the rules that hold for a file, in the table's order.
func (t *Table) held(f *File, parts []string, held []int) []int {
	t.paths.find(parts, func(i int) {
		r := &t.rules[i]
		if slices.Contains(held, i) {
			return
		}
		for _, not := range r.not {
			if matches(not, parts) {
				return
			}
		}
		if len(r.lines) > 0 && !r.read(f) {
			return
		}
		held = append(held, i)
	})
	slices.Sort(held)
	return held
}

// read reports whether one of the lines says what the rule waits for.
func (r *compiled) read(f *File) bool {
	if !f.Read {
		return r.Blind
	}
	for _, line := range f.Lines {
		for _, re := range r.lines {
			if re.MatchString(line) {
				return true
			}
		}
	}
	return false
}

// claim books a file where it counts, and says what screened it: generated
// files, tests and documentation count as that and as nothing else, except that
// a team's own rules look at every file.
func (t *Table) claim(f *File, held []int, found map[string]*tally) (screen string) {
	screen = t.screen(held)
	special := false
	for _, i := range held {
		special = special || !t.rules[i].kind.Last && !t.rules[i].kind.Screen
	}
	for _, i := range held {
		r := &t.rules[i]
		switch {
		case r.own:
		case screen != "" && r.Kind != screen:
			continue
		case r.kind.Last && special:
			continue
		}
		book(found, r.Kind, r.Name, f.Path)
	}
	return screen
}

// screen is the kind that keeps others from a file; empty: none.
func (t *Table) screen(held []int) (screen string) {
	for _, i := range held {
		if k := t.rules[i].kind; k.Screen && (screen == "" || t.rank[k.Name] < t.rank[screen]) {
			screen = k.Name
		}
	}
	return screen
}

func book(found map[string]*tally, kind, rule, path string) {
	a := found[kind]
	if a == nil {
		a = &tally{rules: map[string]bool{}}
		found[kind] = a
	}
	a.rules[rule] = true
	if n := len(a.files); n > 0 && a.files[n-1] == path {
		return // files come in order, so one that two rules claim comes twice in a row
	}
	a.count++
	a.files = append(a.files, path)
}

// only takes back the kinds that need all files where they do not have them.
// Tests may come with documentation.
func (t *Table) only(found map[string]*tally, files int, more bool) {
	docs, tests := found[debrief.KindDocsOnly], found[debrief.KindTestsOnly]
	both := 0
	for _, a := range []*tally{docs, tests} {
		if a != nil {
			both += a.count
		}
	}
	if both < files || more || tests != nil {
		delete(found, debrief.KindDocsOnly)
	}
	if both < files || more {
		delete(found, debrief.KindTestsOnly)
	}
}

// metadata is what is known without looking at files.
func (t *Table) metadata(d Diff, found map[string]*tally) {
	tell := func(kind, rule, says string) {
		if found[kind] == nil {
			found[kind] = &tally{rules: map[string]bool{}}
		}
		found[kind].rules[rule] = true
		found[kind].says = says
	}
	if d.Bot {
		tell(debrief.KindDependency, "bot", "made by a program that raises versions")
	}
	switch d.Took {
	case "flag":
		tell(debrief.KindFlag, "flipped", "a flag was flipped")
	case "configuration":
		tell(debrief.KindConfiguration, "edited", "configuration was edited")
	}
}

// kindsOf puts in order what was found.
func (t *Table) kindsOf(found map[string]*tally, modules []string) debrief.Kinds {
	k := debrief.Kinds{Modules: modules[:min(len(modules), maxModules):min(len(modules), maxModules)]}
	for name := range found {
		k.Names = append(k.Names, name)
	}
	slices.Sort(k.Names)
	for _, name := range k.Names {
		a := found[name]
		r := debrief.KindReason{Kind: name, Count: a.count, Says: a.says}
		for rule := range a.rules {
			r.Rules = append(r.Rules, rule)
		}
		slices.Sort(r.Rules)
		r.Files = a.files[:min(len(a.files), maxShown)]
		k.Why = append(k.Why, r)
	}
	return k
}

// primary is the first of the kinds that can be one.
func (t *Table) primary(found map[string]*tally, code bool) string {
	for i := range t.kinds {
		k := &t.kinds[i]
		if k.Where {
			continue
		}
		if found[k.Name] != nil || k.Name == debrief.KindCode && code {
			return k.Name
		}
	}
	return ""
}
