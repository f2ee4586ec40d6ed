package store

import (
	"strings"
	"testing"
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
