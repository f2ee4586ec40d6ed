package past

import (
	"cmp"
	"math"
	"slices"

	"github.com/debriefhq/debrief"
)

// groups divide the changes by where they were made, how large they were, and
// when. Never by whom.
type groups struct {
	modules  map[string]*Share
	kinds    map[string]*Share // as the Painter's Kinds calls them
	sizes    [5]Share
	weekdays [7]Share
	hours    [4]Share
}

func newGroups() groups {
	return groups{modules: map[string]*Share{}, kinds: map[string]*Share{}}
}

// maxModules bounds the folders that are told apart.
const maxModules = 20_000

var (
	sizeNames = [...]string{"1–10", "11–50", "51–200", "201–1000", "1001+"}
	sizeEnds  = [...]int{10, 50, 200, 1000, math.MaxInt}
	dayNames  = [...]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
	hourNames = [...]string{"0–6 h", "6–12 h", "12–18 h", "18–24 h"}
)

func (g *groups) add(c *Commit, kinds []string, undone bool) {
	for _, k := range kinds {
		if g.kinds[k] == nil {
			g.kinds[k] = &Share{}
		}
		g.kinds[k].add(undone)
	}
	var met []string
	for _, p := range c.Paths {
		if m := debrief.Module(p); !slices.Contains(met, m) {
			met = append(met, m)
		}
	}
	for _, m := range met {
		s := g.modules[m]
		if s == nil && len(g.modules) < maxModules {
			s = &Share{}
			g.modules[m] = s
		}
		if s != nil {
			s.add(undone)
		}
	}
	if lines := c.Added + c.Deleted; lines > 0 {
		i, _ := slices.BinarySearch(sizeEnds[:], lines)
		g.sizes[i].add(undone)
	}
	if !c.Committed.IsZero() {
		g.weekdays[(int(c.Committed.Weekday())+6)%7].add(undone)
		g.hours[c.Committed.Hour()/6].add(undone)
	}
}

// shownModules is how many folders are listed.
const shownModules = 5

// list is every group, where enough was undone to say where it lies.
func (g *groups) list(all Share, sizes bool) []Group {
	if all.K < leastUndone {
		return nil // too few to say
	}
	var out []Group
	add := func(by string, rows []Row, tested int) {
		for i := range rows {
			rows[i].Share = rows[i].settled()
		}
		apart(rows, all, tested)
		out = append(out, Group{By: by, Rows: rows})
	}
	rows, tested := most(g.modules)
	add("folder", rows, tested)
	if rows, tested := most(g.kinds); len(rows) > 0 {
		add("kind of change", rows, tested)
	}
	if sizes {
		add("lines changed", rowsOf(sizeNames[:], g.sizes[:]), len(g.sizes))
	}
	add("weekday", rowsOf(dayNames[:], g.weekdays[:]), len(g.weekdays))
	add("hour of the day", rowsOf(hourNames[:], g.hours[:]), len(g.hours))
	return out
}

// most are the parts in which most was undone, and how many were looked at.
func most(parts map[string]*Share) (rows []Row, tested int) {
	for name, s := range parts {
		if s.N >= Enough {
			tested++
		}
		rows = append(rows, Row{Name: name, Share: *s})
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.K, a.K), cmp.Compare(a.N, b.N), cmp.Compare(a.Name, b.Name))
	})
	rows = rows[:min(len(rows), shownModules)]
	return slices.DeleteFunc(rows, func(r Row) bool { return r.K == 0 }), tested
}

func rowsOf(names []string, shares []Share) []Row {
	var rows []Row
	for i, s := range shares {
		if s.N > 0 {
			rows = append(rows, Row{Name: names[i], Share: s})
		}
	}
	return rows
}

// leastUndone is from how many undone changes on a part may stand apart: below, it
// is too few to say.
const leastUndone = 5

// apart marks the parts where more is undone than the rest would explain, by
// Fisher's exact test, one-sided, at 5 % shared among all parts tested
// (Bonferroni): with many parts one of them is always the highest.
func apart(rows []Row, all Share, tested int) {
	for i, r := range rows {
		if r.K < leastUndone || r.N < Enough || all.N-r.N < Enough || r.K > all.K {
			continue
		}
		rows[i].Apart = atLeast(r.K, r.N, all.K, all.N) < 0.05/float64(max(tested, 1))
	}
}

// atLeast is the chance that k or more of n drawn from all are among the
// marked, where all has so many marked.
func atLeast(k, n, marked, all int) float64 {
	sum := 0.0
	for x := k; x <= min(n, marked); x++ {
		if n-x > all-marked {
			continue
		}
		sum += math.Exp(choose(marked, x) + choose(all-marked, n-x) - choose(all, n))
	}
	return min(sum, 1)
}

func choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
