package record

import (
	"maps"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// connected splits members of one scope into parts that are one deployment
// each: reports that share a key, directly or through others.
//
// A run's key links too, except between deployments that each have a name of
// their own (api/…): one run may deploy a service twice, and the first one's
// failure must not vanish in the second. There, reports that only tell of the
// run belong to each of the run's deployments, and all others stand alone.
func connected(reports []debrief.Event, members []int) [][]int {
	cores := newSets()
	runs := newSets()
	for _, i := range members {
		all := reportKeys(reports[i])
		names := namesOf(all)
		cores.join(names...)
		runs.join(append(slices.Clone(names), all...)...)
	}
	byCore := map[string][]int{}
	for _, i := range members {
		c := cores.of(namesOf(reportKeys(reports[i]))[0])
		byCore[c] = append(byCore[c], i)
	}
	byRun := map[string][]string{}
	for _, c := range slices.Sorted(maps.Keys(byCore)) {
		r := runs.of(c)
		byRun[r] = append(byRun[r], c)
	}
	var parts [][]int
	for _, r := range slices.Sorted(maps.Keys(byRun)) {
		parts = append(parts, split(reports, byCore, byRun[r])...)
	}
	return parts
}

// split makes parts of cores that runs link: one, or where several have names
// of their own, one for each core that can be a deployment. What floats goes
// along: word of a run to all of the run's, the rest to the first.
func split(reports []debrief.Event, byCore map[string][]int, cores []string) [][]int {
	var all []int
	named := 0
	for _, c := range cores {
		all = append(all, byCore[c]...)
		if standing(reports, byCore[c]) && hasName(reports, byCore[c]) {
			named++
		}
	}
	if named < 2 {
		slices.Sort(all)
		return [][]int{all}
	}
	around := newSets() // runs that word of runs links
	for _, i := range all {
		if weak(reports[i]) {
			around.join(reports[i].Report.Keys...)
		}
	}
	var parts [][]int
	var runs []map[string]bool
	var floating []int
	for _, c := range cores {
		if !standing(reports, byCore[c]) {
			floating = append(floating, byCore[c]...)
			continue
		}
		var part []int
		mine := map[string]bool{}
		for _, i := range byCore[c] {
			if weak(reports[i]) {
				floating = append(floating, i)
				continue
			}
			part = append(part, i)
			for _, r := range runsOf(reports[i], around) {
				mine[r] = true
			}
		}
		parts, runs = append(parts, part), append(runs, mine)
	}
	for _, i := range floating {
		found := false
		for p := range parts {
			near := slices.ContainsFunc(runsOf(reports[i], around), func(r string) bool { return runs[p][r] })
			if near && (weak(reports[i]) || !found) {
				parts[p], found = append(parts[p], i), true
			}
		}
		if !found {
			parts[0] = append(parts[0], i)
		}
	}
	for _, part := range parts {
		slices.Sort(part)
	}
	return parts
}

// standing reports whether a core says of itself which deployment it is.
func standing(reports []debrief.Event, core []int) bool {
	return slices.ContainsFunc(core, func(i int) bool {
		s := said(reports[i])
		return s.service != "" && s.environment != ""
	})
}

func runsOf(e debrief.Event, around sets) []string {
	var runs []string
	for _, k := range reportKeys(e) {
		if isRun(k) {
			runs = append(runs, around.of(k))
		}
	}
	return runs
}

// namesOf are the keys that name something smaller than a run; a report that
// has none is known by its runs.
func namesOf(keys []string) []string {
	names := slices.DeleteFunc(slices.Clone(keys), isRun)
	if len(names) == 0 {
		return keys
	}
	return names
}

func hasName(reports []debrief.Event, part []int) bool {
	return slices.ContainsFunc(part, func(i int) bool {
		return slices.ContainsFunc(reports[i].Report.Keys, func(k string) bool { return strings.HasPrefix(k, "api/") })
	})
}

// sets are disjoint sets of keys; the least one stands for its set.
type sets map[string]string

func newSets() sets { return sets{} }

func (s sets) of(k string) string {
	if _, ok := s[k]; !ok {
		s[k] = k
	}
	for s[k] != k {
		s[k] = s[s[k]]
		k = s[k]
	}
	return k
}

func (s sets) join(keys ...string) {
	for _, k := range keys {
		a, b := s.of(keys[0]), s.of(k)
		s[max(a, b)] = min(a, b)
	}
}
