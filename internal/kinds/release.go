package kinds

import (
	"slices"

	"github.com/debriefhq/debrief"
)

// Release is what a release was, from what its changes were: it is of a kind
// where one of them is; of tests only or documentation only where all of them
// are. Its primary kind is the first of theirs.
func (t *Table) Release(changes []debrief.Kinds) debrief.Kinds {
	var out debrief.Kinds
	found := map[string]*tally{}
	all := map[string]int{} // how many changes are of it
	best := len(t.kinds)
	unknown := false
	for _, c := range changes {
		unknown = unknown || c.Primary == ""
		out.Partly = out.Partly || c.Partly || c.Primary == ""
		out.Modules = append(out.Modules, c.Modules...)
		if at, ok := t.rank[c.Primary]; ok && at < best {
			best = at
		}
		for _, r := range c.Why {
			all[r.Kind]++
			a := found[r.Kind]
			if a == nil {
				a = &tally{rules: map[string]bool{}}
				found[r.Kind] = a
			}
			for _, rule := range r.Rules {
				a.rules[rule] = true
			}
			a.count += r.Count
			a.files = append(a.files, r.Files...)
			if r.Says > a.says {
				a.says = r.Says // any, but always the same
			}
		}
	}
	docs, tests := all[debrief.KindDocsOnly], all[debrief.KindTestsOnly]
	if docs < len(changes) {
		delete(found, debrief.KindDocsOnly)
	}
	if tests == 0 || docs+tests < len(changes) {
		delete(found, debrief.KindTestsOnly)
	}
	for _, a := range found {
		slices.Sort(a.files)
		a.files = slices.Compact(a.files)
	}
	slices.Sort(out.Modules)
	k := t.kindsOf(found, slices.Compact(out.Modules))
	k.Partly = out.Partly
	if best < len(t.kinds) && !(unknown && t.kinds[best].Screen) {
		k.Primary = t.kinds[best].Name // what is not known may be more than documentation
	}
	return k
}
