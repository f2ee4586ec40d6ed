package judge

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
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
	return strings.ToValidUTF8(b.String(), "\uFFFD")
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
