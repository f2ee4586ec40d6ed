package judge

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

const (
	mostPatterns = 4096  // patterns a miner keeps; lines beyond share one
	mostCached   = 16384 // masked lines remembered with their pattern
	mostExample  = 2048  // bytes of an example
	manyAlike    = 4     // patterns that differ in one word only before that word varies
)

// Pattern is one kind of log line. Its ID is given when it is first seen and
// stays, also when the template becomes wider.
type Pattern struct {
	ID       string
	Template string
	Level    string // error, warn, info, debug or empty
	Example  string // its first line, not masked
	Count    int
}

// Line is what Add found out about one line.
type Line struct {
	ID    string
	Level string
	New   bool // the first of its pattern
	More  bool // belongs to the line before it (a stack trace): not an event of its own
}

// Miner sorts raw lines into patterns, online, with bounded memory and no
// settings: a tree of fixed depth as Drain's (He et al., 2017) over masked
// words. The same lines in the same order always give the same answer. It is
// not safe for concurrent use.
type Miner struct {
	groups   map[key][]*cluster
	order    []*cluster
	cache    map[string]*cluster
	overflow *cluster
	last     *cluster
	trace    bool // within a stack trace
	words    []string
	buf      []byte
}

type key struct {
	n     int
	first string
}

type cluster struct {
	Pattern
	ref   Ref
	words []string
	same  []string // ids of patterns this one took in
	into  *cluster // the pattern that took this one in
}

// NewMiner starts from the patterns already known, whose ids it keeps.
func NewMiner(known []Pattern) *Miner {
	m := &Miner{groups: map[key][]*cluster{}, cache: map[string]*cluster{}}
	for _, p := range known {
		if len(m.order) >= mostPatterns {
			break
		}
		words := strings.Fields(head(p.Template, mostRead))
		if len(words) == 0 || len(words) > mostTokens {
			continue
		}
		c := &cluster{Pattern: p, words: words}
		m.insert(c)
	}
	return m
}

// Add sorts one line. An empty line, and one that continues the line before
// it, answers with that line's pattern and More.
func (m *Miner) Add(line string) Line {
	line = strings.TrimRight(head(line, 1<<20), " \t\r\n")
	read := head(line, mostRead)
	if m.last != nil && m.continues(read) {
		return Line{ID: m.last.ID, Level: m.last.Level, More: true}
	}
	m.trace = opensTrace(read)
	text, level := message(strings.TrimLeft(read, " \t\uFEFF"))
	m.words = headless(tokens(m.words, text))
	if len(m.words) == 0 {
		m.words = append(m.words, wild)
	}
	c, fresh := m.find(m.words, level, line)
	c.Count++
	m.last = c
	return Line{ID: c.ID, Level: c.Level, New: fresh}
}

// Patterns are all patterns, in the order they were first seen.
func (m *Miner) Patterns() []Pattern {
	out := make([]Pattern, 0, len(m.order))
	for _, c := range m.order {
		if c.into == nil {
			p := c.Pattern
			p.Template = strings.Join(c.words, " ")
			out = append(out, p)
		}
	}
	return out
}

// Same says which other ids mean the pattern id: patterns that turned out to
// differ from it in one varying word only.
func (m *Miner) Same(id string) []string {
	for _, c := range m.order {
		if c.ID == id {
			return slices.Clone(c.same)
		}
	}
	return nil
}

func (m *Miner) find(words []string, level, line string) (c *cluster, fresh bool) {
	m.buf = m.buf[:0]
	m.buf = append(append(m.buf, level...), 0)
	for _, w := range words {
		m.buf = append(append(m.buf, w...), ' ')
	}
	if c, ok := m.cache[string(m.buf)]; ok {
		return c.root(), false
	}
	k := keyOf(words)
	var best *cluster
	bestSame := -1
	for _, c := range m.groups[k] {
		if c.into != nil || (c.Level != level && level != "" && c.Level != "") {
			continue
		}
		if same, ok := alike(c.words, words); ok && same > bestSame {
			best, bestSame = c, same
		}
	}
	switch {
	case best != nil:
		for i, w := range words {
			if best.words[i] != w {
				best.words[i] = wild
			}
		}
	case len(m.order) >= mostPatterns:
		if m.overflow == nil {
			m.overflow = &cluster{Pattern: Pattern{ID: hash(wild), Template: wild, Example: head(line, mostExample)}, words: []string{wild}, ref: Ref(len(m.order))}
			m.order = append(m.order, m.overflow)
		}
		best = m.overflow
	default:
		best = &cluster{words: slices.Clone(words)}
		for i, w := range best.words {
			best.words[i] = strings.Clone(w)
		}
		best.Pattern = Pattern{ID: hash(level + " " + strings.Join(words, " ")), Level: level, Example: strings.Clone(head(line, mostExample))}
		m.insert(best)
		fresh = true
		if c := m.vary(best, k); c != best {
			best, fresh = c, false
		}
	}
	if len(m.cache) >= mostCached {
		clear(m.cache)
	}
	m.cache[string(m.buf)] = best
	return best, fresh
}

func (m *Miner) insert(c *cluster) {
	c.ref = Ref(len(m.order))
	m.order = append(m.order, c)
	k := keyOf(c.words)
	m.groups[k] = append(m.groups[k], c)
}

func (c *cluster) root() *cluster {
	for c.into != nil {
		c = c.into
	}
	return c
}

func keyOf(words []string) key {
	for _, w := range words {
		if !strings.Contains(w, wild) {
			return key{len(words), w}
		}
	}
	return key{len(words), wild}
}

// alike says whether words are a template's, and in how many places they are
// equal. A place may differ only where one of the two looks like a value
// rather than a word, and at least half of all places must be equal.
func alike(template, words []string) (same int, ok bool) {
	for i, t := range template {
		switch {
		case t == words[i]:
			same++
		case t == wild:
		case !valueLike(t) && !valueLike(words[i]):
			return 0, false
		}
	}
	return same, 2*same >= len(words)
}

// valueLike: names, ids and settings have marks, capitals or digits inside;
// words of prose have not.
func valueLike(w string) bool {
	if strings.Contains(w, wild) {
		return true
	}
	w = strings.Trim(w, ".,;:!?()[]\"'")
	upper := 0
	for i := 0; i < len(w); i++ {
		switch c := w[i]; {
		case c >= 'A' && c <= 'Z':
			if i > 0 {
				upper++
			}
		case c >= 'a' && c <= 'z' || c == '\'' || c >= 0x80:
		default:
			return true
		}
	}
	return upper > 0 && upper < len(w)-1
}

// vary looks whether a new pattern is one of several that differ in the same
// single word: then that word varies, and the oldest takes the others in.
func (m *Miner) vary(c *cluster, k key) *cluster {
	if len(c.words) < 3 {
		return c
	}
	at := make(map[int][]*cluster)
	for _, o := range m.groups[k] {
		if o == c || o.into != nil || o.Level != c.Level {
			continue
		}
		place, n := -1, 0
		for i, w := range o.words {
			if w != c.words[i] {
				place = i
				n++
			}
		}
		if n == 1 {
			at[place] = append(at[place], o)
		}
	}
	for place := range c.words {
		family := at[place]
		if len(family) < manyAlike-1 {
			continue
		}
		root := family[0]
		for _, o := range append(family[1:], c) {
			o.into = root
			root.Count += o.Count
			root.same = append(append(root.same, o.ID), o.same...)
			o.same = nil
		}
		root.words[place] = wild
		m.groups[k] = slices.DeleteFunc(m.groups[k], func(o *cluster) bool { return o.into != nil })
		return root
	}
	return c
}

func hash(template string) string {
	sum := sha256.Sum256([]byte(template))
	return hex.EncodeToString(sum[:8])
}

var calendar = map[string]bool{
	"Jan": true, "Feb": true, "Mar": true, "Apr": true, "May": true, "Jun": true, "Jul": true, "Aug": true, "Sep": true, "Oct": true, "Nov": true, "Dec": true,
	"Mon": true, "Tue": true, "Wed": true, "Thu": true, "Fri": true, "Sat": true, "Sun": true,
}

// headless takes the names of months and days off a header, and the values
// around them.
func headless(words []string) []string {
	for i := 0; i < len(words) && i < 6; i++ {
		if calendar[strings.Trim(words[i], "[](),")] {
			words[i] = wild
		}
	}
	out := words[:0]
	for _, w := range words {
		if w != wild || len(out) == 0 || out[len(out)-1] != wild {
			out = append(out, w)
		}
	}
	return out
}
