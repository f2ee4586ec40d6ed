package judge

import "slices"

// settle merges the clusters that differ in places which vary. What belongs
// together follows from the set of clusters alone, not from their order.
func (m *Miner) settle() {
	if !m.dirty {
		return
	}
	m.dirty = false
	for range 12 {
		if !m.mergeRound(single) && !m.mergeRound(double) && !m.mergeRound(crossed) {
			break
		}
	}
	m.settledAt = m.alive
}

// member is a cluster in a family: those that are equal but for one place, or
// for two, or for all names.
type member struct {
	rest   uint64
	at, to int16 // places; at -1: all names, to -1: one place
	index  int32
}

// What the families of a round may differ in.
const (
	single  = iota // one word, or names only
	double         // two words
	crossed        // any words but the small ones
)

// mergeRound joins the families there are now and says whether there were any.
func (m *Miner) mergeRound(differ int) bool {
	live := m.liveClusters()
	up := make([]int32, len(live))
	for i := range up {
		up[i] = int32(i)
	}
	var members []member
	byHash, place := map[uint64]int32{}, map[Ref]int32{}
	for i, c := range live {
		place[c.ref] = int32(i)
	}
	for i, c := range live {
		if o := m.wider(c); o != nil {
			join(up, int32(i), place[o.ref])
			continue
		}
		if j, ok := byHash[c.hash]; ok {
			join(up, int32(i), j)
			continue
		}
		byHash[c.hash] = int32(i)
		if differ == crossed {
			members = append(members, member{c.skeleton(), -1, 0, int32(i)})
			continue
		}
		if differ == double {
			members = appendPairs(members, c, int32(i))
			continue
		}
		loose, names, looser := c.hash, 0, c.hash
		for at, w := range c.words {
			if w.kind == aMark {
				continue
			}
			rest := c.hash - placed(w.hash, at)
			members = append(members, member{rest, int16(at), -1, int32(i)})
			if at > 0 && (w.kind == aValue || w.look == isName) {
				loose -= placed(w.hash, at)
				names++
			}
			if at > 0 && (w.kind == aValue || w.look == isName || w.look == isState && c.words[at-1].text == "=") {
				looser -= placed(w.hash, at)
			}
		}
		if names > 1 {
			members = append(members, member{loose, -1, -1, int32(i)}, member{looser, -2, -1, int32(i)})
		}
	}
	slices.SortFunc(members, func(a, b member) int {
		switch {
		case a.rest != b.rest:
			if a.rest < b.rest {
				return -1
			}
			return 1
		case a.at != b.at:
			return int(a.at - b.at)
		case a.to != b.to:
			return int(a.to - b.to)
		}
		return int(a.index - b.index)
	})
	for i := 0; i < len(members); {
		j := i + 1
		for j < len(members) && members[j].rest == members[i].rest && members[j].at == members[i].at && members[j].to == members[i].to {
			j++
		}
		if j-i > 1 {
			at, to := int(members[i].at), int(members[i].to)
			switch {
			case differ == crossed:
				varyCrossed(live, up, members[i:j])
			case to >= 0:
				varyPair(live, up, members[i:j], at, to)
			case at == -2:
				fill(live, up, members[i:j])
			case at >= 0:
				vary(live, up, members[i:j], at)
			default:
				varyNames(live, up, members[i:j])
			}
		}
		i = j
	}
	return m.unite(live, up)
}

func join(up []int32, a, b int32) {
	a, b = top(up, a), top(up, b)
	if a > b {
		a, b = b, a
	}
	up[b] = a
}

func top(up []int32, i int32) int32 {
	for up[i] != i {
		up[i] = up[up[i]]
		i = up[i]
	}
	return i
}

// unite merges what was joined and says whether anything was.
func (m *Miner) unite(live []*cluster, up []int32) bool {
	changed := false
	for i := range live {
		r := top(up, int32(i))
		if r == int32(i) {
			continue
		}
		m.absorb(live[r], live[i])
		changed = true
	}
	return changed
}

func (w *word) widen() { w.kind, w.hash, w.text, w.wide = aValue, wildHash, "", true }

// absorb makes o part of c.
func (m *Miner) absorb(c, o *cluster) {
	for i := range c.words {
		if c.words[i].hash != o.words[i].hash || c.words[i].kind != o.words[i].kind {
			c.words[i].widen()
		} else if o.words[i].wide {
			c.words[i].wide = true
		}
	}
	for l := range c.counts {
		c.counts[l] += o.counts[l]
	}
	c.seen = max(c.seen, o.seen)
	for _, id := range append([]string{o.id}, o.same...) {
		if id != c.id && len(c.same) < mostSame && !slices.Contains(c.same, id) {
			c.same = append(c.same, id)
		}
	}
	c.known = c.known || o.known
	m.clusters[o.ref], o.ref = c, c.ref
	m.alive--
	m.rehash(c)
}

// rehash files a cluster under its present template.
func (m *Miner) rehash(c *cluster) {
	c.hash = sumWords(c.words)
	m.byHash[c.hash] = c.ref
	m.addMask(c.words)
}

// mostMasks bounds what a message of one length is tried against.
const mostMasks = 256

// mask says at which places of messages of one length words vary.
type mask [mostTokens / 64]uint64

func (m *Miner) addMask(ws []word) {
	var k mask
	any := false
	for i, w := range ws {
		if w.wide {
			k[i/64] |= 1 << (i % 64)
			any = true
		}
	}
	if of := m.masks[len(ws)]; any && len(of) < mostMasks && !slices.Contains(of, k) {
		m.masks[len(ws)] = append(m.masks[len(ws)], k)
	}
}
