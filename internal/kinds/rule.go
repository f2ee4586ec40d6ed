package kinds

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// Rule says that files which look so make a change one of a kind.
type Rule struct {
	Name  string
	Kind  string
	Paths []string // patterns, one of which has to hold
	Not   []string // patterns, none of which may hold
	// Lines are regular expressions for the lines that were added or removed.
	// Where those are known, one line has to match.
	Lines []string
	// Blind: the rule also holds where the lines are not known.
	Blind  bool
	Doc    string // what it recognises
	Source string // the page that says that files look so
}

// Limits say when a change is large, and when its place stands out.
type Limits struct {
	Lines   int // added and deleted lines in files written by hand for what runs: large
	Files   int // so many of them: large
	Months  int // not touched for so long: old; also how far back the others look
	Authors int // at least so many in that time: touched by many
	Changes int // at least so many in that time: a hot spot
	Mended  int // of them repairs or reverts, at least
}

// DefaultLimits are the limits where a team sets none.
func DefaultLimits() Limits {
	return Limits{Lines: 1000, Files: 30, Months: 12, Authors: 5, Changes: 10, Mended: 3}
}

// Table is the rules, ready to be used. It may be used by several at once.
type Table struct {
	rules  []compiled
	kinds  []Kind
	rank   map[string]int
	limits Limits
	paths  *index
}

type compiled struct {
	Rule
	not   [][]segment
	lines []*regexp.Regexp
	own   bool // a team's: it looks at every file
	kind  *Kind
}

// Options are what a team adds.
type Options struct {
	Kinds  []string // names of its own
	Rules  []Rule
	Off    []string // names of rules that do not hold for it
	Limits Limits   // zero fields: as usual
}

// Bounds of what a team may add.
const (
	maxOwnKinds = 50
	maxOwnRules = 500
	maxOwnPaths = 100
)

var name = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$`)

// New makes a table of debrief's own rules and a team's. Its error says what is
// wrong with the latter, with the field as the configuration calls it.
func New(o Options) (*Table, []*debrief.Error) {
	t := &Table{rank: map[string]int{}, limits: fill(o.Limits), paths: newIndex()}
	var wrong []*debrief.Error
	say := func(field, hint, format string, args ...any) {
		e := debrief.Errorf(debrief.Invalid, field, format, args...)
		e.Hint = hint
		wrong = append(wrong, e)
	}
	t.kinds = Kinds()
	if len(o.Kinds) > maxOwnKinds || len(o.Rules) > maxOwnRules {
		say("", "", "more than %d kinds or %d rules", maxOwnKinds, maxOwnRules)
		return nil, wrong
	}
	for _, k := range o.Kinds {
		switch {
		case !name.MatchString(k):
			say("own", "letters, digits, spaces, dots and hyphens, at most 60", "%q is no name for a kind", k)
		case slices.ContainsFunc(t.kinds, func(is Kind) bool { return strings.EqualFold(is.Name, k) }):
			say("own", "", "there is a kind %q already", k)
		default:
			before := slices.IndexFunc(t.kinds, func(is Kind) bool { return is.Name == debrief.KindCode })
			t.kinds = slices.Insert(t.kinds, before, Kind{Name: k, Own: true, Doc: "A kind of the team's own."})
		}
	}
	off := map[string]bool{}
	for _, n := range o.Off {
		if !slices.ContainsFunc(Rules(), func(r Rule) bool { return r.Name == n }) {
			say("off", "known rules: "+strings.Join(ruleNames(), ", "), "there is no rule %q", n)
		}
		off[n] = true
	}
	for i := range t.kinds {
		t.rank[t.kinds[i].Name] = i
	}
	seen := map[string]bool{}
	for _, r := range Rules() {
		seen[r.Name] = true
		if !off[r.Name] {
			for _, e := range t.add(r, false) {
				say(r.Name, "", "%s", e.Error()) // ours are held right by a test
			}
		}
	}
	for _, r := range o.Rules {
		field := "rules." + r.Name
		if seen[r.Name] {
			say(field, "give it another name, or turn the other one off", "there is a rule of that name already")
		}
		seen[r.Name] = true
		if _, known := t.rank[r.Kind]; !known || r.Kind == debrief.KindCode {
			say(field+".kind", "known kinds: "+strings.Join(t.Names(), ", ")+"; kinds.own names more", "%q is not a kind", r.Kind)
			continue
		}
		if t.kindOf(r.Kind).Where {
			say(field+".kind", "it follows from sizes and history, see kinds.limits", "%q is not told by files", r.Kind)
			continue
		}
		for _, e := range t.add(r, true) {
			e.Field = field + "." + e.Field
			wrong = append(wrong, e)
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return t, nil
}

// add compiles one rule into the table.
func (t *Table) add(r Rule, own bool) (wrong []*debrief.Error) {
	c := compiled{Rule: r, own: own, kind: t.kindOf(r.Kind)}
	say := func(field string, err error) {
		wrong = append(wrong, debrief.Errorf(debrief.Invalid, field, "%w", err))
	}
	if len(r.Paths) == 0 || len(r.Paths)+len(r.Not)+len(r.Lines) > maxOwnPaths {
		say("paths", debrief.Errorf(debrief.Invalid, "", "1 to %d patterns are needed", maxOwnPaths))
		return wrong
	}
	at := len(t.rules)
	for _, text := range r.Paths {
		ps, err := parsePattern(text)
		if err != nil {
			say("paths", err)
		}
		for _, p := range ps {
			t.paths.add(pattern{at, p})
		}
	}
	for _, text := range r.Not {
		ps, err := parsePattern(text)
		if err != nil {
			say("not", err)
		}
		c.not = append(c.not, ps...)
	}
	for _, text := range r.Lines {
		re, err := regexp.Compile(text)
		if err != nil || len(text) > maxPattern {
			say("lines", debrief.Errorf(debrief.Invalid, "", "%q is no regular expression", text))
			continue
		}
		c.lines = append(c.lines, re)
	}
	t.rules = append(t.rules, c)
	return wrong
}

func (t *Table) kindOf(name string) *Kind {
	for i := range t.kinds {
		if t.kinds[i].Name == name {
			return &t.kinds[i]
		}
	}
	return &Kind{Name: name}
}

// Names lists the kinds a change can be of, in the order of the primary kind.
func (t *Table) Names() []string {
	var names []string
	for _, k := range t.kinds {
		if k.Name != debrief.KindCode {
			names = append(names, k.Name)
		}
	}
	return names
}

func ruleNames() []string {
	var names []string
	for _, r := range Rules() {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

func fill(l Limits) Limits {
	d := DefaultLimits()
	return Limits{
		Lines: cmp.Or(l.Lines, d.Lines), Files: cmp.Or(l.Files, d.Files), Months: cmp.Or(l.Months, d.Months),
		Authors: cmp.Or(l.Authors, d.Authors), Changes: cmp.Or(l.Changes, d.Changes), Mended: cmp.Or(l.Mended, d.Mended),
	}
}

// Limits are the limits that hold.
func (t *Table) Limits() Limits { return t.limits }

// Digest names the rules: another one means that changes may be sorted
// otherwise.
func (t *Table) Digest() string {
	parts := []string{"kinds", version, fmt.Sprint(t.limits)}
	for _, k := range t.kinds {
		parts = append(parts, k.Name)
	}
	for _, r := range t.rules {
		parts = append(parts, fmt.Sprintf("%q %q %q %q %q %t", r.Name, r.Kind, r.Paths, r.Not, r.Rule.Lines, r.Blind))
	}
	return debrief.ID(parts...)
}

// version counts how changes are sorted where the rules do not say it.
const version = "1"
