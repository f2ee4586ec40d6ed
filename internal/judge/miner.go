package judge

import (
	"bytes"
	"slices"
	"strings"
)

const (
	mostPatterns = 4096    // patterns a miner keeps; lines beyond share one
	mostRefs     = 1 << 22 // patterns a miner has ever numbered
	mostExample  = 2048    // bytes of an example
)

// Pattern is one kind of log line. Its ID is given when it is first seen and
// stays, also when the template becomes wider.
type Pattern struct {
	ID       string
	Template string
	Level    string // error, warn, info, debug or empty
	Example  string // its first line, not masked
	Count    int
	Same     []string `json:",omitempty"` // ids it was told under before it turned out to be this one
}

// Line is what Add found out about one line.
type Line struct {
	ID       string
	Level    string
	New      bool   // the first of its pattern
	Trace    string // id of the stack trace that stood behind the line before this one: an event of its own
	TraceNew bool
	More     bool // belongs to the line before it (a stack trace): not an event of its own
}

// Ref is a pattern's number within one miner: 0, 1, 2, … in the order they
// were first seen. Patterns that turn out to be one keep their numbers; Final
// says which one is left.
type Ref int32

// Miner sorts raw lines into patterns, online, with bounded memory and no
// settings. It is not safe for concurrent use.
type Miner struct {
	clusters  []*cluster // by ref
	byHash    map[uint64]Ref
	masks     map[int][]mask
	formats   []format
	alive     int
	settledAt int
	dirty     bool
	lines     int64
	last      Ref
	lastLevel level
	trace     bool // within a stack trace
	bare      bool // the last line was all header
	toks      []token
	fieldsTo  int // where the fields end that were read
	// Kinds of lines, ever, and those with words before their time.
	kinds, wordy int
	fields       []field
	buf          []byte
	text         []byte // an unescaped message
	inner        []byte // the same inside another
	plain        []byte // a line without its colours
	timed        int64  // lines that carried a time
	// Lines that were taken for parts of others because they carry no time:
	// ever, and since the last event.
	joined, joinedNow int64
	anyKnown          bool                // there are patterns from before this miner began
	overflow          Ref                 // what patterns that were dropped are counted as
	gone              map[uint64]struct{} // hashes of dropped patterns: they are not new when they come again
	fresh             bool                // the last line began a pattern never seen
	freshTrace        bool
	stack             tracer
	ended             Ref // the stack trace that ended with the last line
}

// masked stands in kept templates where something was hidden that must not be
// kept; in a line that is some value.
const masked = "***"

// NewMiner starts from the patterns already known, whose ids it keeps.
func NewMiner(known []Pattern) *Miner {
	m := &Miner{byHash: map[uint64]Ref{}, masks: map[int][]mask{}, gone: map[uint64]struct{}{}, last: noRef, overflow: noRef}
	m.toks = make([]token, 0, mostTokens+8)
	m.fields = make([]field, 0, mostFields+8)
	for _, p := range known {
		if m.alive >= mostPatterns {
			break
		}
		s := []byte(strings.ReplaceAll(p.Template, masked, wild))
		m.tokenize(s)
		if len(m.toks) == 0 {
			continue
		}
		c := m.insert(wordsOf(s, m.toks))
		c.known, c.same = true, p.Same[:min(len(p.Same), mostSame)]
		if bytes.HasPrefix(s, []byte(traceMark)) {
			fixed(c.words)
		}
		c.id, c.given, c.example, c.format = p.ID, levelNamed(p.Level), p.Example, -1
		c.counts[c.given] = p.Count
		// Which of its values were words once is not known any more; with three
		// words around them it does not matter.
		if c.context(-1) >= 3 && !bytes.HasPrefix(s, []byte(traceMark)) {
			for i := range c.words {
				c.words[i].wide = c.words[i].kind == aValue
			}
		}
		m.addMask(c.words)
		m.anyKnown = true
	}
	return m
}

func (m *Miner) insert(ws []word) *cluster {
	c := &cluster{words: ws, hash: sumWords(ws), ref: Ref(len(m.clusters))}
	m.clusters = append(m.clusters, c)
	if _, ok := m.byHash[c.hash]; !ok {
		m.byHash[c.hash] = c.ref
	}
	m.alive++
	m.dirty = true
	return c
}

// Add sorts one line. An empty line, and one that continues the line before
// it, answers with that line's pattern and More.
func (m *Miner) Add(line string) Line {
	m.buf = append(m.buf[:0], line...)
	m.fresh, m.freshTrace, m.ended = false, false, noRef
	ref, more := m.AddBytes(m.buf)
	if ref == noRef {
		return Line{More: more}
	}
	c := m.root(ref)
	l := m.lastLevel
	if l == 0 {
		l = c.level()
	}
	trace := ""
	if m.ended != noRef {
		trace = m.root(m.ended).id
	}
	return Line{Trace: trace, TraceNew: m.freshTrace, ID: c.id, Level: levelNames[l], New: m.fresh && !more && c.ref == ref, More: more}
}

// AddBytes is Add for callers that hold bytes and ask for names later: it
// answers with a number and keeps nothing of line. more: the line continues
// the one before it, whose number it gets.
func (m *Miner) AddBytes(line []byte) (ref Ref, more bool) {
	if bytes.IndexByte(line, escape) >= 0 {
		m.plain = colourless(m.plain[:0], line)
		line = m.plain
	}
	line = bytes.TrimPrefix(line, []byte("\uFEFF"))
	for len(line) > 0 && classes[line[len(line)-1]]&isSpace != 0 {
		line = line[:len(line)-1]
	}
	if m.last != noRef && (len(line) == 0 || m.continues(line)) {
		if len(line) > 0 {
			m.stack.line(line)
		}
		return m.last, true
	}
	m.ended, m.joinedNow = m.endTrace(), 0
	m.lines++
	text, from, h := m.read(line)
	if h.timed {
		m.timed++
	}
	if m.bare && h.level == noLevel {
		h.level = m.lastLevel
	}
	m.bare = h.format >= 0 && h.bare
	m.trace = opensTrace(text)
	m.stack.begin(line, from)
	m.tokenize(text)
	if len(m.toks) == 0 {
		m.value(0, 0, false)
	}
	c := m.find(line, text, &h)
	c.counts[h.level]++
	c.seen = m.lines
	m.last, m.lastLevel = c.ref, h.level
	return c.ref, false
}

// read finds what a line says: the message field of a structured line, and
// what stands behind the header, from there on.
func (m *Miner) read(line []byte) (text []byte, from int, h header) {
	if text, l, ok := m.message(line, &m.text); ok {
		// A container runtime's JSON holds the line as the program wrote it.
		text, _, h = m.readPlain(trimLeft(text), true)
		h.timed = false
		if l != noLevel {
			h.level = l
		}
		return text, 0, h
	}
	return m.readPlain(line, false)
}

func (m *Miner) readPlain(line []byte, inside bool) (text []byte, from int, h header) {
	h = m.readHeader(line, false)
	if h.format >= 0 {
		from = m.begin(line, &h)
	}
	from = skipSpace(line, from)
	text = line[from:]
	if i := objectStart(text); i > 0 || i == 0 && (inside || from > 0) {
		if text, l, ok := m.message(text[i:], &m.inner); ok {
			h.format, h.level = -1, max(l, h.level)
			return trimLeft(text), from, h
		}
	}
	if from > 0 {
		if text, l, ok := m.message(text, &m.inner); ok {
			h.format, h.level = -1, max(l, h.level)
			return trimLeft(text), from, h
		}
	}
	return text, from, h
}

func trimLeft(s []byte) []byte {
	for len(s) > 0 && classes[s[0]]&isSpace != 0 {
		s = s[1:]
	}
	return s
}

// begin is where the message of a line begins: behind the parts that its
// format's lines have, but never at the line's end.
func (m *Miner) begin(line []byte, h *header) int {
	if m.formats[h.format].wordy && m.kinds >= 8 && 2*m.wordy < m.kinds {
		return 0 // a number and some words, and by chance a time
	}
	for k := m.formats[h.format].cut(h); k > 0; k-- {
		if h.parts[k-1] < len(line) {
			return h.parts[k-1]
		}
		h.bare = true
	}
	return h.start
}

// recut applies a format's new decision to the clusters that came in it.
func (m *Miner) recut(f int) {
	for _, c := range m.liveClusters() {
		if int(c.format) != f || c.example == "" || len(c.example) >= mostExample {
			continue
		}
		s := []byte(c.example)
		s, _, h := m.read(s)
		if h.format != f {
			continue
		}
		m.tokenize(s)
		if len(m.toks) == 0 {
			m.value(0, 0, false)
		}
		ws := wordsOf(s, m.toks)
		// What was found to vary stays so.
		for i := range ws {
			if j := i + len(c.words) - len(ws); j >= 0 && c.words[j].wide && ws[i].kind == aWord {
				ws[i].widen()
			}
		}
		c.words = ws
		m.rehash(c)
		m.dirty = true
	}
}

func (m *Miner) liveClusters() []*cluster {
	out := make([]*cluster, 0, m.alive)
	for i, c := range m.clusters {
		if c.ref == Ref(i) {
			out = append(out, c)
		}
	}
	return out
}

// root is the cluster a number belongs to by now.
func (m *Miner) root(ref Ref) *cluster {
	c := m.clusters[ref]
	for c != m.clusters[c.ref] {
		c = m.clusters[c.ref]
	}
	m.clusters[ref] = c
	return c
}

// End says that no line comes any more that belongs to the last one: it counts
// the stack trace in hand, if there is one, and gives its id.
func (m *Miner) End() (trace string) {
	if ref := m.endTrace(); ref != noRef {
		trace = m.root(ref).id
		m.stack.done = true
	}
	return trace
}

// Final is the number of the pattern that ref belongs to by now.
func (m *Miner) Final(ref Ref) Ref {
	if ref < 0 || int(ref) >= len(m.clusters) {
		return ref
	}
	m.settle()
	return m.root(ref).ref
}

// ID is the lasting name of the pattern that ref belongs to by now.
func (m *Miner) ID(ref Ref) string {
	ref = m.Final(ref)
	if ref < 0 || int(ref) >= len(m.clusters) {
		return ""
	}
	return m.clusters[ref].id
}

// Patterns are all patterns, in the order they were first seen.
func (m *Miner) Patterns() []Pattern {
	m.settle()
	out := make([]Pattern, 0, m.alive)
	for _, c := range m.liveClusters() {
		out = append(out, Pattern{ID: c.id, Template: c.template(), Level: levelNames[c.level()], Example: c.example, Count: c.count(), Same: slices.Clone(c.same)})
	}
	return out
}

// Same says which other ids mean the pattern id: patterns that turned out to
// be the same one.
func (m *Miner) Same(id string) []string {
	m.settle()
	for _, c := range m.liveClusters() {
		if c.id == id {
			return slices.Clone(c.same)
		}
	}
	return nil
}
