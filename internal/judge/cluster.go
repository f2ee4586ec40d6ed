package judge

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
)

// word is a token of a template.
type word struct {
	text string
	hash uint64
	kind uint8
	gap  bool
	wide bool // a value because words vary here, not by its look
	look uint8
}

// How a word looks, which says how likely it is to be a parameter.
const (
	isPlain  uint8 = iota // prose: started, Block
	isName                // names of things: rdd_a, user.name, NEW, camelCase
	isState               // one of a few: RUNNING, true
	isClosed              // words that make a sentence what it is: not, failed, opened
)

// cluster is one kind of line: a template and what was counted for it.
type cluster struct {
	id      string
	words   []word
	hash    uint64
	counts  [levels]int
	given   level // of a known pattern
	format  int16
	ref     Ref
	seen    int64    // number of the last line
	known   bool     // told before this miner began
	same    []string // ids of patterns it took in
	example string
}

const noRef Ref = -1

// level is the one most of its lines have; of equals the worst.
func (c *cluster) level() level {
	best, most := c.given, 0
	for l, n := range c.counts {
		if n > 0 && n >= most && l > 0 {
			best, most = level(l), n
		}
	}
	return best
}

func (c *cluster) count() (n int) {
	for _, k := range c.counts {
		n += k
	}
	return n
}

// context is how many words a template has but the one at a place.
func (c *cluster) context(but int) (n int) {
	for i, w := range c.words {
		if i != but && w.kind == aWord {
			n++
		}
	}
	return n
}

func (c *cluster) template() string {
	var b strings.Builder
	for i, w := range c.words {
		if w.gap && i > 0 {
			b.WriteByte(' ')
		}
		if w.kind == aValue {
			b.WriteString(wild)
		} else {
			b.WriteString(w.text)
		}
	}
	return b.String()
}

func idOf(hash uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], hash)
	return hex.EncodeToString(b[:])
}

func sumWords(ws []word) (h uint64) {
	for i, w := range ws {
		h += placed(w.hash, i)
	}
	return h + placed(uint64(len(ws)), mostTokens)
}

func sumTokens(ts []token) (h uint64) {
	for i := range ts {
		h += placed(ts[i].hash, i)
	}
	return h + placed(uint64(len(ts)), mostTokens)
}

// wordsOf keeps the tokens of a message.
func wordsOf(s []byte, ts []token) []word {
	ws := make([]word, len(ts))
	for i, t := range ts {
		ws[i] = word{hash: t.hash, kind: t.kind, gap: t.gap}
		switch t.kind {
		case aWord:
			ws[i].text = string(s[t.from:t.until])
			ws[i].look = lookOf(s[t.from:t.until])
			if t.flags&named != 0 && ws[i].look != isState {
				ws[i].look = isName
				if constantValue(s[t.from:t.until]) {
					ws[i].look = isState
				}
			}
		case aMark:
			ws[i].text = string(s[t.from:t.until])
		}
	}
	return ws
}

func lookOf(w []byte) uint8 {
	upper, lower, inner, punct := 0, 0, 0, 0
	for i, c := range w {
		switch cl := classes[c]; {
		case cl&isUpper != 0:
			upper++
			if i > 0 && classes[w[i-1]]&isLower != 0 {
				inner++
			}
		case cl&isLower != 0:
			lower++
		case cl&(isPunct|isSlash) != 0 && c != '\'' && i > 0 && i < len(w)-1:
			punct++
		}
	}
	if closedWord(w) {
		return isClosed
	}
	if upper > 1 && lower == 0 {
		return isState
	}
	if punct > 0 || inner > 0 {
		return isName
	}
	return isPlain
}

// closedWord: verbs and the small words of a sentence are no parameters.
func closedWord(w []byte) bool {
	if n := len(w); n > 4 && n < 16 && (bytes.HasSuffix(w, []byte("ed")) || bytes.HasSuffix(w, []byte("ing"))) && bytes.IndexByte(w, '.') < 0 && bytes.IndexByte(w, '_') < 0 {
		return true
	}
	if len(w) > 8 {
		return false
	}
	switch string(bytes.ToLower(w)) {
	case "a", "an", "the", "is", "are", "was", "were", "be", "been", "not", "no", "non", "and", "or", "but", "if", "than", "then", "will", "can", "cannot",
		"of", "to", "from", "for", "in", "on", "at", "by", "with", "as", "into", "via", "due", "after", "before", "has", "have", "had", "does", "did", "do",
		"ok", "success", "failure", "error", "fail", "new", "old", "it", "its", "this", "that", "up", "down", "out", "start", "stop", "begin", "end",
		"send", "sent", "get", "set", "lost", "found", "open", "close":
		return true
	}
	return false
}

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
	needPlain, needNames, needStates := 4, 3, 9
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
	joinStates := states >= needStates || states > 0 && joinNames && names > states
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
		if n < many && !value || 2*n > len(family) {
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
	if len(c.same) < mostSame {
		c.same = append(c.same, o.id)
		c.same = append(c.same, o.same...)
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
	if any && !slices.Contains(m.masks[len(ws)], k) {
		m.masks[len(ws)] = append(m.masks[len(ws)], k)
	}
}
