package ingest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// slowly is the tree as encoding/json reads it; what it refuses must be left
// alone by the quick way, and what both read must be the same.
func slowly(body []byte) (any, bool) {
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	v, err := branch(dec, "", 0)
	if err != nil {
		return nil, false
	}
	_, err = dec.Token()
	return v, err != nil && json.Valid(body)
}

var trees = []string{
	`{}`, `[]`, ` { "a" : [ 1 , 2.5 , -0 , 0.1e-7 , 1E+9 ] , "b" : { "c" : null } , "d" : true , "e" : false } `, `"x"`, `17`, `null`,
	`{"a":"tab\t, quote\", \u00fc, \ud83d\ude00, lone \ud800, slash\/"}`, "{\"ü\":\"ß\xff\"}", `{"a":1,"a":2}`, `{"a":{"b":1,"b":2}}`,
	`{"a":1}x`, `{"a":1,}`, `[1,]`, `{"a"}`, `{a:1}`, `01`, `1.`, `.5`, `-`, `1e`, `+1`, `truE`, `nul`, "\"a\nb\"", `"a\qb"`, `"\`, `"`, ``, ` `, "\ufeff{}",
	strings.Repeat("[", 32) + strings.Repeat("]", 32), strings.Repeat("[", 33) + strings.Repeat("]", 33), strings.Repeat("[", 5000),
}

func TestQuickly(t *testing.T) {
	t.Parallel()
	for _, text := range trees {
		got, ok := quickly([]byte(text))
		want, can := slowly([]byte(text))
		if ok != can || ok && !reflect.DeepEqual(got, want) {
			t.Errorf("%.60q: %#v %v, encoding/json has %#v %v", text, got, ok, want, can)
		}
	}
}

func FuzzQuickly(f *testing.F) {
	for _, text := range trees {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := quickly(body)
		want, can := slowly(body)
		if ok != can || ok && !reflect.DeepEqual(got, want) {
			t.Errorf("%#v %v, encoding/json has %#v %v", got, ok, want, can)
		}
	})
}
