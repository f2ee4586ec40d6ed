package debrief

import (
	"math"
	"strings"
	"unicode"
)

// Words are what a text is found by: its runs of letters and digits in lower
// case, and those joined by dots, dashes and underscores as a whole, so that
// "v1.42.0" is found by itself and by "42". None is longer than 64 bytes.
func Words(text string) []string {
	var out []string
	add := func(w string) {
		if w = strings.Trim(w, joints); w != "" {
			out = append(out, clip(w, 64))
		}
	}
	for _, whole := range Joined(text) {
		add(whole)
		if parts := strings.FieldsFunc(whole, joins); len(parts) > 1 {
			for _, p := range parts {
				add(p)
			}
		}
	}
	return out
}

// Joined are a text's words as they are written, in lower case: "v1.42.0"
// stays one.
func Joined(text string) []string { return strings.FieldsFunc(strings.ToLower(text), between) }

const joints = ".-_"

func joins(r rune) bool { return strings.ContainsRune(joints, r) }

func between(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !joins(r) }

// clip cuts a text to n bytes without cutting a letter.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// The two constants of BM25 (Robertson & Zaragoza, The Probabilistic Relevance
// Framework: BM25 and Beyond, 2009), at the values usual since TREC-3.
const (
	bm25K = 1.2
	bm25B = 0.75
)

// BM25 is what one word adds to a text's score: it stands n times in a text of
// the given length, where texts have the mean length, and in with of all texts.
// The inverse document frequency is the variant that is never negative.
func BM25(n, length, mean float64, with, all int) float64 {
	return Rareness(with, all) * n * (bm25K + 1) / (n + bm25K*(1-bm25B+bm25B*length/mean))
}

// Rareness is the inverse document frequency of what with of all have.
func Rareness(with, all int) float64 {
	return math.Log(1 + (float64(all-with)+0.5)/(float64(with)+0.5))
}
