package judge

import "bytes"

const (
	mostFields  = 24 // fields of a header that are looked at
	mostFormats = 64
	mostCuts    = 4
)

// What a field of a header can look like.
const (
	fWord    uint8 = iota
	fNumber        // digits and marks, no letters
	fID            // letters and digits
	fTime          // 10:20:30, 2026-03-03, seconds since 1970
	fMonth         // a month's or a day's name, a zone
	fLevel         // INFO
	fDash          // only marks
	fBracket       // [...]
)

// field is a part of a header: bytes from to until. closes: it ends a header
// or a part of one: main:, [main], -, |.
type field struct {
	from, until int32
	kind        uint8
	closes      bool
}

// format is one way lines of this stream begin: the kinds of the fields up to
// the last time or level. Behind those come at most mostCuts parts that each
// end with a mark (host and program: thread] logger -). Which of them are
// header is learnt: those that nearly all kinds of lines have.
type format struct {
	sign  uint64
	votes [mostCuts + 1]int // [k]: kinds of line with at least k parts
	wordy bool              // words stand before the time: only where most kinds of lines have them
	cuts  int               // parts that are header, as decided last
}

// header is what is found before a line's message.
type header struct {
	format int // index of the format, -1: none
	level  level
	timed  bool
	near   bool          // the first part has at most two fields
	bare   bool          // nothing behind the parts that are header
	start  int           // where the message begins when no part is cut
	parts  [mostCuts]int // where it begins when k+1 parts are cut
	n      int           // how many parts there are
}

// found says whether there is any.
func (h header) found() bool { return h.format >= 0 || h.timed || h.level != noLevel }

// readHeader finds the fields that go before the message. It knows how times
// and levels look, and nothing about systems. all: also the parts that are
// known to belong to the message.
func (m *Miner) readHeader(s []byte, all bool) (h header) {
	h.format = -1
	m.fields, m.fieldsTo = m.fields[:0], 0
	said := noLevel
	if len(s) > 3 && s[0] == '<' {
		m.fieldsTo, said = priority(s)
		h.level = said
	}
	anchor, words := m.firstAnchor(s, &h)
	if anchor == 0 {
		h.level = said
		return h
	}
	anchor = m.moreAnchors(s, &h, anchor)
	if said != noLevel {
		h.level = said
	}
	first := m.fields[0]
	if h.level == noLevel && h.timed && first.until-first.from == 5 && classes[s[0]]&isUpper != 0 {
		h.level = levelWordOf(s[:1]) // klog
	}
	h.start = int(m.fields[anchor-1].until)
	if anchor == 1 && first.kind == fTime && isNumber(s[first.from:first.until]) {
		h.start = 0 // seconds since 1970, or just a number
	}
	sign := uint64(0)
	for i := range anchor {
		sign = (sign ^ uint64(m.fields[i].kind+1)) * mulA
	}
	h.format = m.formatOf(sign, words > 1)
	most := mostCuts
	if h.format >= 0 && m.formats[h.format].cuts >= 0 && !all {
		most = m.formats[h.format].cuts
	}
	m.readParts(s, &h, anchor, most)
	return h
}

// peek reads fields up to the i-th and says whether there is one.
func (m *Miner) peek(s []byte, i int) bool {
	for len(m.fields) <= i {
		if len(m.fields) >= mostFields {
			return false
		}
		f, ok := nextField(s, m.fieldsTo)
		if !ok {
			return false
		}
		m.fields, m.fieldsTo = append(m.fields, f), int(f.until)
	}
	return true
}

// firstAnchor finds the first time or level and gives the number of fields up
// to it, 0: none. Before it may stand what looks like a machine wrote it, and
// one word; more words only behind a number.
func (m *Miner) firstAnchor(s []byte, h *header) (anchor, words int) {
	for i := 0; i < 7 && m.peek(s, i); i++ {
		switch f := m.fields[i]; f.kind {
		case fTime:
			h.timed = true
			return i + 1, words
		case fLevel:
			if words > 0 {
				continue
			}
			if i == 0 && !f.closes && !upperWord(s[f.from:f.until]) && !(m.peek(s, 1) && (m.fields[1].kind == fTime || m.fields[1].kind == fBracket)) {
				return 0, 0 // a sentence that begins with the word
			}
			if i == 0 && !f.closes && !m.peek(s, 1) {
				return 0, 0
			}
			h.level = levelWordOf(s[f.from:f.until])
			return i + 1, words
		case fWord:
			if words++; i == 0 && f.closes || words > 1 && (m.fields[0].kind == fWord || i > 5) {
				return 0, 0
			}
		}
	}
	return 0, 0
}

// moreAnchors goes on over times, numbers and the like, and over a few other
// fields if another time or the level stands behind them.
func (m *Miner) moreAnchors(s []byte, h *header, anchor int) int {
	for m.peek(s, anchor) {
		f := m.fields[anchor]
		switch {
		case f.kind == fTime, f.kind == fMonth, f.kind == fDash && f.until-f.from <= 3, f.kind == fNumber && !f.closes:
			h.timed = h.timed || f.kind == fTime
			anchor++
			continue
		case f.kind == fLevel && h.level == noLevel && m.peek(s, anchor+1):
			h.level = levelWordOf(s[f.from:f.until])
			anchor++
			continue
		case f.kind == fWord && f.closes:
			return anchor
		}
		far := m.farAnchor(s, h, anchor)
		if far == 0 {
			return anchor
		}
		if k := m.fields[far]; k.kind == fLevel {
			h.level = levelWordOf(s[k.from:k.until])
		} else {
			h.timed = true
		}
		anchor = far + 1
	}
	return anchor
}

// farAnchor finds a time or the level a few fields on, 0: none.
func (m *Miner) farAnchor(s []byte, h *header, i int) int {
	for j := i + 1; j < i+5 && m.peek(s, j); j++ {
		if before := m.fields[j-1]; before.closes && s[before.until-1] == ':' {
			return 0
		}
		switch k := m.fields[j]; {
		case k.kind == fTime && j <= i+3:
			return j
		case k.kind == fLevel && h.level == noLevel && k.until-k.from > 1 && (k.closes || upperWord(s[k.from:k.until])) && m.peek(s, j+1):
			return j
		}
	}
	return 0
}

// readParts finds up to most parts behind the anchor: each ends at the first
// field that closes, if one is near.
func (m *Miner) readParts(s []byte, h *header, last, most int) {
	for far := 4; h.n < most; far = 3 {
		found := -1
		for j := last; j < last+far && found < 0 && m.peek(s, j); j++ {
			f := m.fields[j]
			if c := s[f.from]; c == '"' || c == '{' || f.kind != fBracket && bytes.IndexByte(s[f.from:f.until], '=') >= 0 {
				break
			}
			if f.closes {
				found = j
			}
		}
		if found < 0 {
			return
		}
		h.parts[h.n] = int(m.fields[found].until)
		if h.n == 0 {
			h.near = found <= last+1
		}
		h.n++
		last = found + 1
	}
}

func (m *Miner) formatOf(sign uint64, wordy bool) int {
	for i := range m.formats {
		if m.formats[i].sign == sign {
			return i
		}
	}
	if len(m.formats) >= mostFormats {
		return -1
	}
	m.formats = append(m.formats, format{sign: sign, cuts: -1, wordy: wordy})
	return len(m.formats) - 1
}

// cut says how many of a line's parts are header. Until enough kinds of lines
// were seen it believes the first mark if it is near: host program: message.
func (f *format) cut(h *header) int {
	if f.cuts >= 0 {
		return min(h.n, f.cuts)
	}
	if h.near {
		return min(h.n, 1)
	}
	return 0
}

// learn counts one more kind of line and says whether the decision changed.
func (f *format) learn(parts int) bool {
	for k := 0; k <= parts; k++ {
		f.votes[k]++
	}
	return f.decide()
}

func (f *format) decide() (changed bool) {
	if f.votes[0] < 4 {
		changed = f.cuts != -1
		f.cuts = -1
		return changed
	}
	cuts := 0
	for k := 1; k <= mostCuts; k++ {
		if float64(f.votes[k]) < 0.9*float64(f.votes[k-1]) || f.votes[k] < 3 {
			break
		}
		cuts = k
	}
	changed = cuts != f.cuts
	f.cuts = cuts
	return changed
}
