package kinds_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/kinds"
)

var day0 = time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)

// lived is a history in which each module is touched so often by so many.
type lived struct {
	module          string
	changes, people int
	fixes           int
	daysAgo         int // of the first; one a day from there
}

func history(t testing.TB, tab *kinds.Table, modules ...lived) *kinds.Past {
	t.Helper()
	p := kinds.NewPast(tab.Limits())
	for day := 2000; day > 0; day-- {
		for _, m := range modules {
			i := m.daysAgo - day
			if i < 0 || i >= m.changes {
				continue
			}
			c := debrief.Change{ID: fmt.Sprint(m.module, i), Title: "Add", AuthorHash: fmt.Sprint("hash", i%max(m.people, 1)), Paths: []string{m.module + "a.go"}}
			if i < m.fixes {
				c.Title = "fix: that"
			}
			at := day0.AddDate(0, 0, -day)
			p.Advance(at)
			p.Add(tab.Remember(c, at))
		}
	}
	p.Advance(day0)
	return p
}

func TestPlace(t *testing.T) {
	t.Parallel()
	tab := table(t)
	quiet := func(n int) (all []lived) {
		for i := range n {
			all = append(all, lived{module: fmt.Sprintf("pkg/m%d/", i), changes: 2, people: 2, daysAgo: 100})
		}
		return all
	}
	for name, c := range map[string]struct {
		lives []lived
		touch string
		want  string
		says  string
	}{
		"nothing known":              {nil, "pkg/new/a.go", "", ""},
		"touched lately":             {quiet(3), "pkg/m1/a.go", "", ""},
		"not touched for two years":  {append(quiet(3), lived{module: "pkg/old/", changes: 1, people: 1, daysAgo: 730}), "pkg/old/a.go", "old module", "pkg/old/: last changed 2024-01-02"},
		"new beside old ones":        {append(quiet(3), lived{module: "pkg/old/", changes: 1, people: 1, daysAgo: 730}), "pkg/new/a.go", "", ""},
		"many people":                {append(quiet(8), lived{module: "pkg/busy/", changes: 9, people: 9, daysAgo: 60}), "pkg/busy/a.go", "touched by many", "pkg/busy/: 9 people within 12 months"},
		"many people everywhere":     {[]lived{{module: "a/a/", changes: 9, people: 9, daysAgo: 60}, {module: "a/b/", changes: 9, people: 9, daysAgo: 60}}, "a/a/x.go", "", ""},
		"many changes, mended":       {append(quiet(8), lived{module: "pkg/hot/", changes: 40, people: 2, fixes: 12, daysAgo: 60}), "pkg/hot/a.go", "hot spot, module without tests", "pkg/hot/: 40 changes within 12 months, 12 of them repairs or reverts"},
		"many changes, never mended": {append(quiet(8), lived{module: "pkg/hot/", changes: 40, people: 2, daysAgo: 60}), "pkg/hot/a.go", "module without tests", "none of its 40 changes brought a test"},
		"mended two years ago":       {append(quiet(8), lived{module: "pkg/hot/", changes: 40, people: 9, fixes: 12, daysAgo: 730}), "pkg/hot/a.go", "module without tests, old module", "last changed"},
		"only its documentation":     {append(quiet(8), lived{module: "pkg/hot/", changes: 40, people: 2, fixes: 12, daysAgo: 60}), "pkg/hot/README.md", "documentation only", ""},
	} {
		k := tab.Sort(of(c.touch), history(t, tab, c.lives...))
		if got := strings.Join(k.Names, ", "); got != c.want {
			t.Errorf("%s: %q, want %q (%+v)", name, got, c.want, k.Why)
			continue
		}
		if text := fmt.Sprint(k.Why); !strings.Contains(text, c.says) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// What tests stand beside: in the module, in a folder of its name elsewhere, by
// a file's name; and what coverage says stands above all of it.
func TestWithoutTests(t *testing.T) {
	t.Parallel()
	tab := table(t)
	for name, c := range map[string]struct {
		test string
		want bool
	}{
		"none":                      {"", true},
		"beside it":                 {"app/cart/total_test.go", false},
		"in a tree of tests":        {"tests/cart/test_total.py", false},
		"deeper in a tree of tests": {"tests/unit/cart/test_total.py", false},
		"by the file's name":        {"spec/lib/total_spec.rb", false},
		"of another module":         {"tests/pay/test_win.py", true},
	} {
		p := history(t, tab, lived{module: "app/cart/", changes: 12, people: 1, daysAgo: 30})
		if c.test != "" {
			p.Add(tab.Remember(debrief.Change{ID: "t", Paths: []string{c.test}}, day0))
		}
		if got := tab.Sort(of("app/cart/total.py"), p).Has(debrief.KindUntested); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		p.Cover(covered{"app/cart/": {0, 3}})
		if k := tab.Sort(of("app/cart/total.py"), p); !k.Has(debrief.KindUntested) || !strings.Contains(fmt.Sprint(k.Why), "tests run none of its 3 measured files") {
			t.Errorf("%s: coverage says none, and %+v", name, k.Why)
		}
		p.Cover(covered{"app/cart/": {1, 3}})
		if tab.Sort(of("app/cart/total.py"), p).Has(debrief.KindUntested) {
			t.Errorf("%s: coverage says one", name)
		}
	}
	tree := kinds.NewPast(tab.Limits())
	tree.Beside(tab.Tests([]string{"a/cart/total.go", "a/pay/win.go", "a/pay/win_test.go"}))
	if k := tab.Sort(of("a/cart/total.go", "a/pay/y.go"), tree); !k.Has(debrief.KindUntested) || strings.Contains(fmt.Sprint(k.Why), "a/pay") {
		t.Errorf("%+v", k.Why)
	}
}

type covered map[string][2]int

func (c covered) Of(module string, _ time.Time) (int, int) { return c[module][0], c[module][1] }

func TestMends(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]bool{
		"fix: total": true, "Fix total": true, "fixed it": true, "Fixes #12": true, "hotfix(cart): total": true, `Revert "Add cart"`: true, "[fix] total": true, "Rollback the cart": true, "fix": true,
		"Fixture for carts": false, "fix(deps): update x": false, "fix(docs): typo": false, "Add a fix button": false, "": false, "prefix names": false, "Reverting is hard": false,
	} {
		if got := kinds.Mends(debrief.Change{Title: title}); got != want {
			t.Errorf("%q: %v", title, got)
		}
	}
	if !kinds.Mends(debrief.Change{Title: "Back out", Reverts: "abc1234"}) {
		t.Error("what says what it reverts mends")
	}
}
