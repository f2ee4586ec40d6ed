package judge

import "math/bits"

// find is the pattern of the message in hand, which is new if there is none.
func (m *Miner) find(line, text []byte, h *header) *cluster {
	hash := sumTokens(m.toks)
	if ref, ok := m.byHash[hash]; ok {
		return m.root(ref)
	}
	if c := m.masked(hash); c != nil {
		return c
	}
	if c := m.recognize(line, text, h); c != nil {
		return c
	}
	if !m.room() {
		return m.other()
	}
	if h.level == 0 {
		h.level = sounds(text)
	}
	c := m.insert(wordsOf(text, m.toks))
	if m.kinds++; h.format >= 0 && m.formats[h.format].wordy {
		m.wordy++
	}
	c.given = h.level
	_, before := m.gone[hash]
	m.fresh = !before
	c.id, c.format = idOf(c.hash), int16(h.format)
	c.example = string(line[:min(len(line), mostExample)])
	if h.format >= 0 && m.formats[h.format].learn(m.readHeader(line, true).n) {
		m.recut(h.format)
	}
	if m.alive > m.settledAt+m.settledAt/4+64 {
		m.settle()
	}
	return m.root(c.ref)
}

// recognize finds the pattern of a line whose format is not learnt yet, among
// those known from before: whatever part of its beginning is header.
func (m *Miner) recognize(line, text []byte, h *header) *cluster {
	if h.format < 0 || !m.anyKnown || m.formats[h.format].cuts >= 0 {
		return nil
	}
	all := m.readHeader(line, true)
	for k := range all.n + 1 {
		from := all.start
		if k > 0 {
			from = all.parts[k-1]
		}
		if m.tokenize(trimLeft(line[min(from, len(line)):])); len(m.toks) == 0 {
			continue
		}
		hash := sumTokens(m.toks)
		c := m.masked(hash)
		if ref, ok := m.byHash[hash]; ok {
			c = m.root(ref)
		}
		if c == nil || !c.known {
			continue
		}
		if c.format < 0 {
			c.format = int16(h.format)
			if m.formats[h.format].learn(all.n) {
				m.recut(h.format)
			}
		}
		return c
	}
	m.tokenize(text)
	if len(m.toks) == 0 {
		m.value(0, 0, false)
	}
	return nil
}

// room makes room for one more pattern; false: there is none any more.
func (m *Miner) room() bool {
	if m.alive >= mostPatterns {
		if m.settle(); m.alive >= mostPatterns {
			m.evict()
		}
	}
	return len(m.clusters) < mostRefs
}

// masked finds a template whose values stand where this message has words.
func (m *Miner) masked(hash uint64) *cluster {
	for _, k := range m.masks[len(m.toks)] {
		h := hash
		for b, bitset := range k {
			for ; bitset != 0; bitset &= bitset - 1 {
				i := b*64 + bits.TrailingZeros64(bitset)
				if t := &m.toks[i]; t.kind == aWord {
					h += placed(wildHash, i) - placed(t.hash, i)
				}
			}
		}
		if h == hash {
			continue
		}
		if ref, ok := m.byHash[h]; ok {
			return m.root(ref)
		}
	}
	return nil
}

// wider is masked for a cluster there is already.
func (m *Miner) wider(c *cluster) *cluster {
	for _, k := range m.masks[len(c.words)] {
		h := c.hash
		for b, bitset := range k {
			for ; bitset != 0; bitset &= bitset - 1 {
				i := b*64 + bits.TrailingZeros64(bitset)
				if w := &c.words[i]; w.kind == aWord {
					h += placed(wildHash, i) - placed(w.hash, i)
				}
			}
		}
		if h == c.hash {
			continue
		}
		if ref, ok := m.byHash[h]; ok {
			if o := m.root(ref); o != c && len(o.words) == len(c.words) {
				return o
			}
		}
	}
	return nil
}
