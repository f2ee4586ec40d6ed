package judge

import "slices"

// vary decides whether the words at one place, all else being equal, are
// values of a parameter, and joins the clusters if so.
func vary(live []*cluster, up []int32, family []member, at int) {
	first := live[family[0].index]
	context := first.context(at)
	if context == 0 {
		return
	}
	names, plain, states, value := 0, 0, 0, false
	for _, f := range family {
		switch w := live[f.index].words[at]; {
		case w.kind == aValue:
			value = true
		case w.look == isName:
			names++
		case w.look == isPlain:
			plain++
		case w.look == isState:
			states++
		}
	}
	needPlain, needNames, needStates := 4, 4, 8
	switch {
	case context == 1:
		needPlain, needNames = 10, 5
	case context == 2:
		needPlain = 5
	case context >= 10:
		needPlain = 3
	}
	if at == 0 {
		needPlain += 3
		needNames += 3
	} else if labels(first.words[at-1]) && needPlain > 3 {
		needPlain--
	}
	if value && at > 0 {
		needNames, needStates = 1, 1
		if context >= 3 {
			needPlain = 1
		}
	}
	joinNames := names >= needNames || names > 0 && names+plain >= needPlain
	joinPlain := plain > 0 && (plain >= needPlain || names >= needNames && plain+names >= needPlain)
	joinStates := states > 0 && (states+names+plain >= needStates || joinNames && names > states)
	anchor := int32(-1)
	for _, f := range family {
		w := live[f.index].words[at]
		if w.kind == aValue && (joinNames || joinPlain || joinStates) || w.kind == aWord && (w.look == isName && joinNames || w.look == isPlain && joinPlain || w.look == isState && joinStates) {
			if anchor < 0 {
				anchor = f.index
			} else {
				join(up, anchor, f.index)
			}
		}
	}
}

// appendPairs adds the families of two places: of words that may be
// parameters, not the first, in messages short enough to try.
func appendPairs(members []member, c *cluster, index int32) []member {
	var open [12]int
	n := 0
	for at, w := range c.words {
		if at > 0 && (w.kind == aValue || w.kind == aWord && w.look != isClosed && w.look != isState) {
			if n == len(open) {
				return members
			}
			open[n] = at
			n++
		}
	}
	for x := range n {
		for y := x + 1; y < n; y++ {
			rest := c.hash - placed(c.words[open[x]].hash, open[x]) - placed(c.words[open[y]].hash, open[y])
			members = append(members, member{rest, int16(open[x]), int16(open[y]), index})
		}
	}
	return members
}

// varyPair joins clusters that differ in two places when many words were seen
// in both.
func varyPair(live []*cluster, up []int32, family []member, at, to int) {
	const many = 4
	if len(family) < many {
		return
	}
	first := live[family[0].index]
	context := first.context(at)
	if first.words[to].kind == aWord {
		context--
	}
	if context < 3 {
		return
	}
	enough := func(place int) bool {
		var seen [many]uint64
		n := 0
		for _, f := range family {
			h := live[f.index].words[place].hash
			if h == wildHash {
				return true
			}
			if !slices.Contains(seen[:n], h) {
				seen[n] = h
				if n++; n == many {
					return true
				}
			}
		}
		return false
	}
	if !enough(at) || !enough(to) {
		return
	}
	for _, f := range family[1:] {
		join(up, family[0].index, f.index)
	}
}

// skeleton is a hash of what makes the sentence: marks, values and small words.
func (c *cluster) skeleton() uint64 {
	h := placed(uint64(len(c.words)), mostTokens)
	for i, w := range c.words {
		if w.kind == aWord && w.look != isClosed && w.look != isState && i > 0 {
			continue
		}
		if w.wide {
			continue
		}
		h += placed(w.hash, i)
	}
	return h
}

// varyCrossed joins clusters that differ in any number of words, if every word at a
// place that varies was seen with several words at the others: parameters vary
// independently of each other, words that belong to different statements do
// not. Otherwise it divides the family where it varies least and tries again.
func varyCrossed(live []*cluster, up []int32, family []member) {
	const many = 4
	if len(family) < 2*many {
		return
	}
	first := live[family[0].index]
	context, least, at := 0, 0, -1
	crossed := true
	seen := map[uint64]int{}
	for i := range first.words {
		clear(seen)
		value := false
		for _, f := range family {
			w := &live[f.index].words[i]
			seen[w.hash]++
			value = value || w.kind == aValue
		}
		n := len(seen)
		if n == 1 {
			if first.words[i].kind == aWord {
				context++
			}
			continue
		}
		if n < many && !value || 4*n > 3*len(family) {
			crossed = false
		}
		if at < 0 || n < least {
			least, at = n, i
		}
	}
	if at < 0 {
		return
	}
	if crossed && context >= 3 {
		for _, f := range family[1:] {
			join(up, family[0].index, f.index)
		}
		return
	}
	slices.SortStableFunc(family, func(a, b member) int {
		x, y := live[a.index].words[at].hash, live[b.index].words[at].hash
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	for i := 0; i < len(family); {
		j := i + 1
		for j < len(family) && live[family[j].index].words[at].hash == live[family[i].index].words[at].hash {
			j++
		}
		if j-i < len(family) {
			varyCrossed(live, up, family[i:j])
		}
		i = j
	}
}

// labels: behind these words stands a parameter.
func labels(w word) bool {
	switch w.text {
	case "for", "from", "to", "by", "in", "at", "of", "on", "with", "user", "host", "client", "name", "file", "=", ":", "(", "[", "as", "via":
		return true
	}
	return false
}

// fill joins clusters of which, wherever they differ, one has a value: what is
// a value in one line and a word in the next (ws=null) is a parameter.
func fill(live []*cluster, up []int32, family []member) {
	for x, f := range family[:min(len(family), 64)] {
		a := live[f.index]
		if a.context(-1) < 3 {
			return
		}
	pairs:
		for _, g := range family[x+1 : min(len(family), 64)] {
			for i, w := range live[g.index].words {
				if v := &a.words[i]; v.hash != w.hash && v.kind != aValue && w.kind != aValue {
					continue pairs
				}
			}
			join(up, f.index, g.index)
		}
	}
}

// varyNames joins clusters that are equal but for names.
func varyNames(live []*cluster, up []int32, family []member) {
	first := live[family[0].index]
	context := 0
	for i, w := range first.words {
		if w.kind == aWord && (w.look != isName || i == 0) {
			context++
		}
	}
	if context < 2 || len(family) < 3 {
		return
	}
	for _, f := range family[1:] {
		join(up, family[0].index, f.index)
	}
}
