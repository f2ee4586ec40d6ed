package store

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A cursor comes from outside: whatever it is, it is understood or refused.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "1735700000000000.abc", ".x", "1.", "-5.a.b", "99999999999999999999.x", "1 .x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, id, err := cursor(text)
		if (err == nil) != (id != "") {
			t.Errorf("%q: id %q, error %v", text, id, err)
		}
		if err == nil && !strings.HasSuffix(text, "."+id) {
			t.Errorf("%q: id %q", text, id)
		}
	})
}

// Every word is found by itself, is short, and holds nothing that separates.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"Shop v1.42.0 /checkout", "Überweisung--x..y", "\xff\x00", "...", "a_b-c.d", strings.Repeat("ä", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range words(text) {
			if w == "" || len(w) > 64 || strings.ContainsFunc(w, between) && utf8.ValidString(text) {
				t.Errorf("%q has the word %q", text, w)
			}
			if utf8.ValidString(w) && len(w) < 60 && !slices.Contains(words(w), w) {
				t.Errorf("%q is not found by itself", w)
			}
		}
	})
}
