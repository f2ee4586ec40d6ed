package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

var flats = []string{
	`{}`, ` { "key" : "a" , "n":-1.5e3,"b":true , "list" : [1, "x]", {"y":"}"} ] ,"o":{"a":{"b":[[]]}},"last":null } `,
	`{"k\u0065y":"a"}`, `{"ü":"<&>","q":"a\"b","x":"\ud800","del":"` + "\x7f" + `"}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":1}x`, `{"a":}`, `{"a"}`, `[]`, `"x"`, ``, `{`, `{"a":1,}`,
	`{"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0}`,
	`{"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"0":0}`,
}

// What split finds is what encoding/json reads, and the digest is that of what
// json.Marshal would write: those of earlier versions stand in databases.
func FuzzSplit(f *testing.F) {
	for _, text := range flats {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ms, ok := split(body)
		var whole map[string]json.RawMessage
		err := json.Unmarshal(body, &whole)
		if !ok {
			return
		}
		if err != nil || len(ms) != len(whole) {
			t.Fatalf("%d members, encoding/json has %d, %v", len(ms), len(whole), err)
		}
		for _, m := range ms {
			if !bytes.Equal(m.value, whole[m.name]) {
				t.Errorf("%q: %q, not %q", m.name, m.value, whole[m.name])
			}
			if parts, ok := items(m.value); ok {
				var want []json.RawMessage
				if json.Unmarshal(m.value, &want) != nil || len(parts) != len(want) || len(want) > 0 && !reflect.DeepEqual(parts, want) {
					t.Errorf("%q: %q, not %q", m.value, parts, want)
				}
			}
		}
		got, err := digestJSON(body)
		if err != nil {
			return // a field given twice further down
		}
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(v)
		if err != nil || got != digest(want) {
			t.Errorf("the digest is not of %s", want)
		}
	})
}

func TestSplitLeavesAloneWhatIsWrong(t *testing.T) {
	t.Parallel()
	for i, text := range flats {
		if _, ok := split([]byte(text)); ok != (i < 4 || i == 14) {
			t.Errorf("%s: %v", text, ok)
		}
	}
	if ms, ok := split([]byte(flats[14])); !ok || len(ms) != 18 || ms[17].name != "h" {
		t.Error(ms, ok)
	}
	if _, ok := items([]byte(`{"a":1}`)); ok {
		t.Error("an object is no list")
	}
	if _, err := members([]byte(flats[15])); err == nil || !strings.Contains(err.Error(), "given twice") {
		t.Error(err)
	}
}
