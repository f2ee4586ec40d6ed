package debrief

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Every word is found by itself, is short, and holds nothing that separates.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"Shop v1.42.0 /checkout", "Überweisung--x..y", "\xff\x00", "...", "a_b-c.d", strings.Repeat("ä", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range Words(text) {
			if w == "" || len(w) > 64 || strings.ContainsFunc(w, between) && utf8.ValidString(text) {
				t.Errorf("%q has the word %q", text, w)
			}
			if utf8.ValidString(w) && len(w) < 60 && !slices.Contains(Words(w), w) {
				t.Errorf("%q is not found by itself", w)
			}
		}
	})
}

// A word that few texts have weighs more; one more of it adds less each time;
// in a longer text it weighs less; nothing weighs less than nothing.
func TestBM25(t *testing.T) {
	t.Parallel()
	if rare, common := BM25(1, 10, 10, 1, 100), BM25(1, 10, 10, 90, 100); rare <= common || common <= 0 {
		t.Errorf("rare %v, common %v", rare, common)
	}
	one, two, three := BM25(1, 10, 10, 5, 100), BM25(2, 10, 10, 5, 100), BM25(3, 10, 10, 5, 100)
	if !(two-one > three-two && three > two) {
		t.Errorf("%v, %v, %v", one, two, three)
	}
	if long := BM25(1, 40, 10, 5, 100); long >= one {
		t.Errorf("long %v, short %v", long, one)
	}
	// By hand: idf = ln(1 + 95.5/5.5), 1 × 2.2 / (1 + 1.2).
	if want := math.Log(1 + 95.5/5.5); math.Abs(one-want) > 1e-12 {
		t.Errorf("%v, not %v", one, want)
	}
}
