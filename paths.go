package debrief

import (
	"path"
	"slices"
)

// SomePaths is at most n of the paths, in the order given: as many different
// folders and kinds of file as there is room for, since one migration among a
// hundred pictures says more than the hundred-and-first picture.
func SomePaths(paths []string, n int) []string {
	if len(paths) <= n {
		return paths
	}
	if n <= 0 {
		return nil
	}
	type group struct{ at []int }
	var groups []*group
	byKey := map[string]*group{}
	for i, p := range paths {
		key := Module(p) + "\x00" + path.Ext(p)
		g := byKey[key]
		if g == nil {
			g = &group{}
			byKey[key] = g
			groups = append(groups, g)
		}
		g.at = append(g.at, i)
	}
	picked := make([]int, 0, n)
	for round := 0; len(picked) < n; round++ {
		for _, g := range groups {
			if round < len(g.at) && len(picked) < n {
				picked = append(picked, g.at[round])
			}
		}
	}
	slices.Sort(picked)
	out := make([]string, len(picked))
	for i, at := range picked {
		out[i] = paths[at]
	}
	return out
}
