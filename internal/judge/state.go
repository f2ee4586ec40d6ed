package judge

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// minerState is a miner as it is kept between runs: JSON, a few hundred bytes
// a pattern.
type minerState struct {
	Version  int           `json:"version"`
	Lines    int64         `json:"lines"`
	Timed    int64         `json:"timed"`
	Kinds    int           `json:"kinds"`
	Wordy    int           `json:"wordy,omitempty"`
	Formats  []formatState `json:"formats,omitempty"`
	Gone     []uint64      `json:"gone,omitempty"`
	Patterns []kept        `json:"patterns"`
}

type formatState struct {
	Sign  uint64            `json:"sign"`
	Votes [mostCuts + 1]int `json:"votes"`
	Wordy bool              `json:"wordy,omitempty"`
}

type kept struct {
	ID      string      `json:"id"`
	Same    []string    `json:"same,omitempty"`
	Words   []string    `json:"words"` // each behind one letter that says what it is
	Counts  [levels]int `json:"counts"`
	Given   level       `json:"given,omitempty"`
	Seen    int64       `json:"seen"`
	Known   bool        `json:"known,omitempty"`
	Format  int16       `json:"format"`
	Example string      `json:"example,omitempty"`
	Raw     []byte      `json:"raw,omitempty"` // the example where it is no text: JSON would change it
}

const stateVersion = 1

// State is all a miner knows, for OpenMiner.
func (m *Miner) State() ([]byte, error) {
	m.endTrace()
	m.settle()
	st := minerState{Version: stateVersion, Lines: m.lines, Timed: m.timed, Kinds: m.kinds, Wordy: m.wordy}
	for _, f := range m.formats {
		st.Formats = append(st.Formats, formatState{f.sign, f.votes, f.wordy})
	}
	for h := range m.gone {
		st.Gone = append(st.Gone, h)
	}
	slices.Sort(st.Gone)
	for _, c := range m.liveClusters() {
		k := kept{ID: c.id, Same: c.same, Counts: c.counts, Given: c.given, Seen: c.seen, Known: c.known, Format: c.format, Example: c.example}
		if !utf8.ValidString(c.example) {
			k.Example, k.Raw = "", []byte(c.example)
		}
		for _, w := range c.words {
			k.Words = append(k.Words, w.encode())
		}
		st.Patterns = append(st.Patterns, k)
	}
	b, err := json.Marshal(st)
	if err != nil {
		return nil, fmt.Errorf("judge: a miner's state cannot be written: %w", err)
	}
	return b, nil
}

// OpenMiner continues from a State.
func OpenMiner(state []byte) (*Miner, error) {
	var st minerState
	if err := json.Unmarshal(state, &st); err != nil {
		return nil, fmt.Errorf("judge: a miner's state cannot be read: %w", err)
	}
	if st.Version != stateVersion {
		return nil, fmt.Errorf("judge: a miner's state has version %d, this program reads version %d", st.Version, stateVersion)
	}
	m := NewMiner(nil)
	m.lines, m.timed, m.kinds, m.wordy = max(0, st.Lines), max(0, st.Timed), max(0, st.Kinds), max(0, st.Wordy)
	for _, f := range st.Formats[:min(len(st.Formats), mostFormats)] {
		m.formats = append(m.formats, format{sign: f.Sign, votes: f.Votes, wordy: f.Wordy})
		m.formats[len(m.formats)-1].decide()
	}
	for _, h := range st.Gone[:min(len(st.Gone), mostGone)] {
		m.gone[h] = struct{}{}
	}
	for _, k := range st.Patterns[:min(len(st.Patterns), mostPatterns)] {
		ws := make([]word, 0, min(len(k.Words), mostTokens))
		for _, s := range k.Words[:min(len(k.Words), mostTokens)] {
			if w, ok := decodeWord(s); ok {
				ws = append(ws, w)
			}
		}
		if len(ws) == 0 || len(ws) != len(k.Words) || k.Given >= levels {
			continue
		}
		c := m.insert(ws)
		c.id, c.same, c.counts, c.given, c.seen, c.known, c.example = k.ID, k.Same[:min(len(k.Same), mostSame)], k.Counts, k.Given, k.Seen, k.Known, head(k.Example, mostExample)
		if len(k.Raw) > 0 {
			c.example = string(k.Raw[:min(len(k.Raw), mostExample)])
		}
		if c.format = k.Format; int(c.format) >= len(m.formats) || c.format < -1 {
			c.format = -1
		}
		if len(ws) == 1 && ws[0].kind == aValue && c.known && c.example == "" {
			m.overflow = c.ref
		}
		m.addMask(c.words)
		m.anyKnown = true
	}
	return m, nil
}

func (w *word) encode() string {
	b := rune('0' + w.kind | w.look<<2)
	if w.gap {
		b += 16
	}
	if w.wide {
		b += 32
	}
	if !utf8.ValidString(w.text) { // JSON would change it
		return "~" + string(b) + hex.EncodeToString([]byte(w.text))
	}
	return string(b) + w.text
}

func decodeWord(s string) (w word, ok bool) {
	if len(s) > 1 && s[0] == '~' {
		text, err := hex.DecodeString(s[2:])
		if err != nil {
			return w, false
		}
		s = s[1:2] + string(text)
	}
	if s == "" || s[0] < '0' || s[0] >= '0'+64 {
		return w, false
	}
	b := s[0] - '0'
	w = word{text: s[1:], kind: b & 3, look: b >> 2 & 3, gap: b&16 != 0, wide: b&32 != 0}
	switch w.kind {
	case aWord:
		w.hash = hashBytes([]byte(w.text))
	case aValue:
		w.text, w.hash = "", wildHash
	case aMark:
		if w.text == "" {
			return w, false
		}
		w.hash = uint64(w.text[0]) * mulA
	default:
		return w, false
	}
	return w, true
}

// Merge takes in all that another miner knows: of another log of the same
// service. Both end in the same groups, whichever takes in the other; the id
// of the pattern with more lines is left, of equals the smaller. Numbers told
// before mean nothing afterwards.
func (m *Miner) Merge(o *Miner) {
	m.endTrace()
	o.endTrace()
	m.settle()
	o.settle()
	// Formats first: what was read with another idea of the header is read again.
	votes, wordy := map[uint64][mostCuts + 1]int{}, map[uint64]bool{}
	for _, fs := range [][]format{m.formats, o.formats} {
		for _, f := range fs {
			v := votes[f.sign]
			for k := range v {
				v[k] += f.votes[k]
			}
			votes[f.sign], wordy[f.sign] = v, f.wordy
		}
	}
	var formats []format
	for sign, v := range votes {
		formats = append(formats, format{sign: sign, votes: v, wordy: wordy[sign]})
	}
	slices.SortFunc(formats, func(a, b format) int {
		return cmp.Or(cmp.Compare(b.votes[0], a.votes[0]), cmp.Compare(a.sign, b.sign))
	})
	formats = formats[:min(len(formats), mostFormats)]
	place := map[uint64]int16{}
	for i := range formats {
		formats[i].decide()
		place[formats[i].sign] = int16(i)
	}
	var all []*cluster
	for _, x := range []*Miner{m, o} {
		for _, c := range x.liveClusters() {
			c := *c
			c.words, c.same = slices.Clone(c.words), slices.Clone(c.same)
			if c.format >= 0 {
				at, ok := place[x.formats[c.format].sign]
				if c.format = at; !ok {
					c.format = -1
				}
			}
			all = append(all, &c)
		}
	}
	slices.SortStableFunc(all, func(a, b *cluster) int {
		return cmp.Or(cmp.Compare(b.count(), a.count()), cmp.Compare(a.id, b.id), cmp.Compare(a.hash, b.hash), bytes.Compare([]byte(a.example), []byte(b.example)))
	})
	lines, timed, gone := m.lines+o.lines, m.timed+o.timed, m.gone
	kinds, named := m.kinds+o.kinds, m.wordy+o.wordy
	for h := range o.gone {
		if len(gone) < mostGone {
			gone[h] = struct{}{}
		}
	}
	toks, fields, buf, text := m.toks, m.fields, m.buf, m.text
	*m = *NewMiner(nil)
	m.toks, m.fields, m.buf, m.text = toks, fields, buf, text
	m.lines, m.timed, m.gone, m.formats = lines, timed, gone, formats
	m.kinds, m.wordy = kinds, named
	for _, c := range all {
		c.ref = Ref(len(m.clusters))
		m.clusters = append(m.clusters, c)
		m.alive++
		if _, ok := m.byHash[c.hash]; !ok {
			m.byHash[c.hash] = c.ref
		}
		m.addMask(c.words)
		if len(c.words) == 1 && c.words[0].kind == aValue && c.known && c.example == "" {
			m.overflow = c.ref
		}
	}
	for f := range m.formats {
		m.recut(f)
	}
	m.dirty = true
	m.settle()
	for m.alive > mostPatterns {
		m.evict()
	}
}
