package kinds_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/kinds"
)

// Whatever the paths and lines: no panic, every name with its reason, one
// primary kind where files are known, and the same in any order.
func FuzzSort(f *testing.F) {
	for _, c := range framework {
		f.Add(c.path+"\n"+"go.mod", "alter table x", uint64(1))
	}
	f.Add("a/../b\n\x00\n//\n./x\n"+strings.Repeat("d/", 200)+"x.go", "", uint64(2))
	tab, wrong := kinds.New(kinds.Options{Kinds: []string{"own"}, Rules: []kinds.Rule{{Name: "own", Kind: "own", Paths: []string{"a/**/b*", "**"}}}})
	if len(wrong) > 0 {
		f.Fatal(wrong)
	}
	f.Fuzz(func(t *testing.T, paths, line string, seed uint64) {
		d := kinds.Diff{}
		for _, p := range strings.Split(paths, "\n") {
			d.Files = append(d.Files, kinds.File{Path: p, Added: len(p), Sized: true, Read: line != "", Lines: []string{line}})
		}
		d.Files = d.Files[:min(len(d.Files), 200)]
		d.Total = len(d.Files)
		k := tab.Sort(d, kinds.NewPast(tab.Limits()))
		if len(k.Why) != len(k.Names) || !slices.IsSorted(k.Names) || !slices.IsSorted(k.Modules) {
			t.Fatalf("%+v", k)
		}
		for i, r := range k.Why {
			if r.Kind != k.Names[i] || len(r.Rules) == 0 || r.Count == 0 && r.Says == "" || len(r.Files) > r.Count {
				t.Fatalf("%+v", r)
			}
		}
		if k.Primary != "" && k.Primary != debrief.KindCode && !k.Has(k.Primary) {
			t.Fatalf("primary %q is not among %v", k.Primary, k.Names)
		}
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(d.Files), func(i, j int) { d.Files[i], d.Files[j] = d.Files[j], d.Files[i] })
		if again := tab.Sort(d, kinds.NewPast(tab.Limits())); !reflect.DeepEqual(again, k) {
			t.Fatalf("the order of files matters:\n%+v\n%+v", k, again)
		}
	})
}

// Patterns of a team's: no panic and no pattern that takes for ever.
func FuzzPattern(f *testing.F) {
	for _, r := range kinds.Rules() {
		f.Add(r.Paths[0], "db/migrate/x.sql")
	}
	f.Add("**/**/**/a/**/**/b/**/c", strings.Repeat("a/b/", 40)+"d")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		tab, wrong := kinds.New(kinds.Options{Kinds: []string{"own"}, Rules: []kinds.Rule{{Name: "own", Kind: "own", Paths: []string{pattern}}}})
		if (tab == nil) != (len(wrong) > 0) {
			t.Fatal(tab, wrong)
		}
		if tab != nil {
			tab.Sort(of(path), nil)
		}
	})
}

// BenchmarkSort10k sorts 10,000 changes of five files each, with their history.
func BenchmarkSort10k(b *testing.B) {
	tab := table(b)
	changes := make([]debrief.Change, 10_000)
	for i := range changes {
		c := &changes[i]
		c.ID, c.Files, c.Added, c.AuthorHash = string(rune('a'+i%26)), 5, i%700, string(rune('a'+i%40))
		for j := range 5 {
			c.Paths = append(c.Paths, framework[(i*5+j*7)%len(framework)].path)
		}
	}
	for b.Loop() {
		past := kinds.NewPast(tab.Limits())
		found := 0
		for i, c := range changes {
			at := day0.AddDate(0, 0, i/10)
			past.Advance(at)
			found += len(tab.Sort(kinds.Of(c), past).Names)
			past.Add(tab.Remember(c, at))
		}
		if found < len(changes) {
			b.Fatal(found)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(changes)), "µs/change")
}
