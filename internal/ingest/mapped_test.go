package ingest

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

func TestPaths(t *testing.T) {
	t.Parallel()
	doc, err := ReadJSON([]byte(`{"a":{"b":1,"x y.z":"q"},"list":[{"id":"p"},{"id":"r","l":[1,2]}],"":"e","t":true,"n":null}`))
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"a.b": "1", `a["x y.z"]`: "q", "list[0].id": "p", "list[1].l[1]": "2", "list[].id": "p r", "list[].l[]": "1 2", "t": "true",
		"n": "", "nothing.here": "", "list[9].id": "", "a.b.c": "", "list.id": "", "a[0]": "",
	} {
		p, err := parsePath(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		var got []string
		for _, v := range p.find(doc) {
			s, _ := scalar(v)
			got = append(got, s)
		}
		if s := strings.TrimSpace(strings.Join(got, " ")); s != want {
			t.Errorf("%s: %q, want %q", in, s, want)
		}
	}
	for _, bad := range []string{"", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a[1000]", "a b", `a["x`, "a[0]b", "a[0].", "a'b", strings.Repeat("a.", 30) + "a"} {
		if p, err := parsePath(bad); err == nil {
			t.Errorf("%q was taken: %+v", bad, p)
		}
	}
}

func mine(t testing.TB, m Mapping) Source {
	t.Helper()
	s, wrong := Mapped("mine", m)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return s
}

func TestMappedKinds(t *testing.T) {
	t.Parallel()
	deploy := Mapping{Kind: "deployment", Key: "id", Time: "at", Values: map[string]string{
		"service": "s", "environment": "e", "state": "st", "started": "from", "rollback": "rb", "run": "run",
	}, States: map[string]string{"OK": "succeeded"}}
	change := Mapping{Kind: "change", Key: "id", Time: "at", Values: map[string]string{"kind": "kind", "title": "t", "commit": "c", "service": "s", "state": "st"}}
	ticket := Mapping{Kind: "ticket", Key: "id", Values: map[string]string{"labels": "tags[]", "state": "st", "closed": "done"}, States: map[string]string{"solved": "closed"}}
	for _, c := range []struct {
		name string
		m    Mapping
		body string
		want string // part of the golden
	}{
		{"deployment", deploy, `{"id":"a b","at":"2026-03-03T14:09:40Z","s":"shop","e":"production","st":"ok","from":1772546400,"rb":true,"run":"github/run/7"}`, `"rollback": true`},
		{"a start after the end", deploy, `{"id":1,"at":1772546400,"s":"shop","e":"p","st":"ok","from":1772546401}`, "invalid: finished: before started"},
		{"no service", deploy, `{"id":1,"e":"p"}`, "invalid: service: missing"},
		{"no letter in it", deploy, `{"id":1,"s":"--","e":"p"}`, "invalid: service: has no letter or digit"},
		{"no key", deploy, `{"s":"shop","e":"p"}`, "invalid: id: missing"},
		{"an object", deploy, `{"id":{},"s":"shop","e":"p"}`, "invalid: id: must be a single value, not an object"},
		{"no time", deploy, `{"id":1,"at":"soon","s":"shop","e":"p"}`, "invalid: at: not a time"},
		{"microseconds", deploy, `{"id":1,"at":1772546400000000,"s":"shop","e":"p"}`, "invalid: at: not a time"},
		{"the future", deploy, `{"id":1,"at":"2027-03-03T14:09:40Z","s":"shop","e":"p"}`, "invalid: at: future-dated"},
		{"an unknown state", deploy, `{"id":1,"s":"shop","e":"p","st":"odd"}`, `ignored: state "odd" is in no table`},
		{"debrief's own state", deploy, `{"id":1,"s":"shop","e":"p","st":"Waiting"}`, `"waiting_since"`},
		{"given twice", deploy, `{"id":1,"id":2}`, "invalid: id: given twice"},
		{"not JSON", deploy, `{"id"`, "invalid: not JSON"},
		{"a flag", change, `{"id":"f","at":1772546400,"kind":"flag","t":"checkout-v2 on","s":"shop"}`, `"live_at": "2026-03-03T14:00:00Z"`},
		{"a merged change", change, `{"id":"f","at":1772546400,"c":"5d2a8f0","st":"merged"}`, `"merged_at": "2026-03-03T14:00:00Z"`},
		{"a change of nothing", change, `{"id":"f"}`, "invalid: commit: missing"},
		{"a kind nobody has", change, `{"id":"f","kind":"magic"}`, "invalid: kind"},
		{"a ticket", ticket, `{"id":9,"tags":["a","b",{"x":1}],"st":"Solved","done":1772546400000}`, `"closed_at": "2026-03-03T14:00:00Z"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := Request{Key: "k", Body: []byte(c.body), Received: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)}
			events, err := mine(t, c.m).Parse(r)
			check(t, r, events, err)
			if got := string(golden(t, events, err)); !strings.Contains(got, c.want) {
				t.Errorf("%q is not in %s", c.want, got)
			}
		})
	}
}

func TestMappedSignatures(t *testing.T) {
	t.Parallel()
	body := []byte(`{"a":1}`)
	mac := strings.TrimPrefix(sign("new", body), "sha256=")
	raw, err := hex.DecodeString(mac)
	if err != nil {
		t.Fatal(err)
	}
	base := Mapping{Kind: "incident", Key: "id"}
	with := func(method, header, prefix, encoding string) Mapping {
		m := base
		m.Method, m.Header, m.Prefix, m.Encoding = method, header, prefix, encoding
		return m
	}
	for _, c := range []struct {
		name   string
		m      Mapping
		header map[string]string
		ok     bool
	}{
		{"bearer", base, map[string]string{"Authorization": "Bearer old"}, true},
		{"bearer, wrong", base, map[string]string{"Authorization": "Bearer older"}, false},
		{"token", with("token", "X-Token", "", ""), map[string]string{"X-Token": "new"}, true},
		{"token, missing", with("token", "X-Token", "", ""), nil, false},
		{"hmac", with("hmac-sha256", "X-Sig", "sha256=", ""), map[string]string{"X-Sig": "sha256=" + mac}, true},
		{"hmac, base64", with("hmac-sha256", "X-Sig", "", "base64"), map[string]string{"X-Sig": base64.StdEncoding.EncodeToString(raw)}, true},
		{"hmac without its prefix", with("hmac-sha256", "X-Sig", "v1=", ""), map[string]string{"X-Sig": mac}, false},
		{"hmac by another secret", with("hmac-sha256", "X-Sig", "", ""), map[string]string{"X-Sig": strings.TrimPrefix(sign("guess", body), "sha256=")}, false},
		{"hmac, cut off", with("hmac-sha256", "X-Sig", "", ""), map[string]string{"X-Sig": mac[:8]}, false},
	} {
		err := mine(t, c.m).Verify(c.header, body, []string{"new", "", "old"})
		if (err == nil) != c.ok || err != nil && debrief.KindOf(err) != debrief.Unauthorized {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, m := range []Mapping{with("md5", "", "", ""), with("hmac-sha256", "", "", ""), with("hmac-sha256", "X", "", "rot13")} {
		if _, wrong := Mapped("mine", m); len(wrong) != 1 {
			t.Errorf("%+v: %v", m, wrong)
		}
	}
	for _, name := range []string{"", "git hub", "github", "a/b"} {
		if _, wrong := Mapped(name, base); len(wrong) == 0 {
			t.Errorf("the name %q was taken", name)
		}
	}
}

func FuzzMapped(f *testing.F) {
	f.Add("data.id", "items[]", `{"data":{"id":1},"items":[{"s":"shop"}]}`)
	f.Add(`a["b"] | =x`, "", `{"a":{"b":"c"}}`)
	f.Fuzz(func(t *testing.T, key, each, body string) {
		s, wrong := Mapped("mine", Mapping{Kind: "incident", Key: key, Each: each, Time: key, Values: map[string]string{"service": "items[].s | s", "title": key}})
		if len(wrong) > 0 {
			return
		}
		r := Request{Key: "k", Body: []byte(body), Received: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)}
		events, err := s.Parse(r)
		check(t, r, events, err)
	})
}
