package judge

import (
	"math/bits"
	"slices"
)

const (
	mostSame = 64      // ids a pattern remembers to have been told under
	mostGone = 1 << 16 // dropped patterns that are remembered
)

// evict drops an eighth of the patterns, rare ones first and of those the
// longest unseen. Their counts go to one pattern for all others; that they
// were seen is remembered.
func (m *Miner) evict() {
	live := m.liveClusters()
	weight := func(c *cluster) int {
		if c.known {
			return 6
		}
		return min(6, bits.Len(uint(c.count())))
	}
	slices.SortStableFunc(live, func(a, b *cluster) int {
		if d := weight(a) - weight(b); d != 0 {
			return d
		}
		return int(a.seen - b.seen)
	})
	other := m.other()
	if len(m.gone) > mostGone {
		clear(m.gone)
	}
	for _, c := range live[:len(live)/8] {
		if c == other || c.ref == m.last {
			continue
		}
		m.gone[c.hash] = struct{}{}
		for l, n := range c.counts {
			other.counts[l] += n
		}
		m.clusters[c.ref], c.ref = other, other.ref
		m.alive--
	}
	for hash, ref := range m.byHash {
		if m.root(ref) == other && hash != other.hash {
			delete(m.byHash, hash)
		}
	}
}

// other is the pattern of lines whose own pattern was dropped.
func (m *Miner) other() *cluster {
	if m.overflow == noRef {
		c := m.insert([]word{{hash: wildHash, kind: aValue}})
		c.id, c.format, c.known = idOf(c.hash), -1, true
		m.overflow = c.ref
	}
	return m.root(m.overflow)
}

// Compact forgets the numbers of patterns that were merged or dropped, so that
// a miner that runs for months stays small. Numbers told before mean nothing
// afterwards; ids do.
func (m *Miner) Compact() {
	m.settle()
	var last, other *cluster
	if m.last != noRef {
		last = m.root(m.last)
	}
	if m.overflow != noRef {
		other = m.root(m.overflow)
	}
	m.clusters = m.liveClusters()
	clear(m.byHash)
	clear(m.masks)
	for i, c := range m.clusters {
		c.ref = Ref(i)
		m.addMask(c.words)
		if _, ok := m.byHash[c.hash]; !ok {
			m.byHash[c.hash] = c.ref
		}
	}
	if last != nil {
		m.last = last.ref
	}
	if other != nil {
		m.overflow = other.ref
	}
}
