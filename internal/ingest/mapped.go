package ingest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// Mapping turns any JSON into events, by a few paths. It is what the
// configuration says of a source of the team's own.
type Mapping struct {
	Kind, Each, When, Key, Time  string
	Is                           []string
	Values, States, Environments map[string]string
	// How the sender proves that it is one: bearer (default), token, hmac-sha256.
	Method, Header, Prefix, Encoding string
}

// mapped is a mapping that was checked.
type mapped struct {
	name         string
	kind         mappedKind
	each         path
	when         expression
	is           []string
	key, time    expression
	values       map[string]expression
	states       map[string]string
	environments map[string]string
}

// Mapped makes a source of a mapping. Its errors name the parts of the mapping
// that are wrong, all of them.
func Mapped(name string, m Mapping) (Source, []*debrief.Error) {
	var wrong []*debrief.Error
	bad := func(field, format string, args ...any) {
		wrong = append(wrong, debrief.Errorf(debrief.Invalid, field, format, args...))
	}
	if _, err := Lookup(name); err == nil {
		bad("", "%s is a source debrief reads by itself; a mapping needs another name", name)
	}
	if name == "" || !IsKey(name) || strings.ContainsAny(name, "/:") || len(name) > 40 {
		bad("", "a source's name is 1 to 40 of the characters A-Z a-z 0-9 . _ -")
	}
	s := &mapped{name: name, is: m.Is, values: map[string]expression{}, states: m.States, environments: m.Environments}
	kind, ok := mappedKinds()[m.Kind]
	if !ok {
		bad("kind", "%q is none of %s", line(m.Kind, 40), strings.Join(sorted(mappedKinds()), ", "))
		return Source{}, wrong
	}
	s.kind = kind
	if m.Each != "" {
		p, err := parsePath(m.Each)
		switch {
		case err != nil:
			wrong = append(wrong, at("each", err))
		case p[len(p)-1] != step{index: -1, list: true} || p.lists() != 1:
			bad("each", "it must end in [] and hold no other list")
		}
		s.each = p
	}
	read := func(field, text string, into *expression, lists int) {
		e, err := parseExpression(text)
		if err != nil {
			wrong = append(wrong, at(field, err))
			return
		}
		for _, c := range e {
			rest, _ := c.path.within(s.each)
			if rest.lists() > lists {
				bad(field, "%q gives several values where one is expected", line(c.text, 100))
			}
		}
		*into = e
	}
	if m.Key == "" {
		bad("key", "a path to what tells one %s from another is needed", m.Kind)
	} else {
		read("key", m.Key, &s.key, 0)
	}
	if m.Time != "" {
		read("time", m.Time, &s.time, 0)
	}
	if (m.When == "") != (len(m.Is) == 0) {
		bad("when", "when and is need each other")
	} else if m.When != "" {
		read("when", m.When, &s.when, 0)
	}
	for _, field := range sorted(m.Values) {
		if !slices.Contains(kind.fields, field) {
			bad("values."+field, "a %s has no such value; it has %s", m.Kind, strings.Join(kind.fields, ", "))
			continue
		}
		lists := 0
		if field == "labels" {
			lists = 1
		}
		var e expression
		read("values."+field, m.Values[field], &e, lists)
		s.values[field] = e
	}
	for _, field := range kind.needed {
		if m.Values[field] == "" {
			bad("values", "a %s needs %s", m.Kind, field)
		}
	}
	for _, word := range sorted(m.States) {
		if !slices.Contains(kind.states, m.States[word]) {
			bad("states."+word, "%q is no state of a %s; they are %s", line(m.States[word], 40), m.Kind, strings.Join(kind.states, ", "))
		}
	}
	if len(m.States) > 0 && m.Values["state"] == "" {
		bad("states", "values.state says which value these words are of")
	}
	verify, problem := m.verify(name)
	if problem != nil {
		wrong = append(wrong, problem)
	}
	return Source{
		Name: name, Title: name, Proven: "a mapping of your own", Doc: "See generic.md.",
		Verify: verify, Key: digestKey, Parse: s.parse,
	}, wrong
}

func at(field string, err error) *debrief.Error {
	e := debrief.Errorf(debrief.Invalid, field, "%w", err)
	if own, ok := err.(*debrief.Error); ok {
		e = debrief.Errorf(debrief.Invalid, field, "%s", own.Message)
		e.Hint = own.Hint
	}
	return e
}

// verify is how the sender shows that it knows the secret.
func (m Mapping) verify(name string) (func(map[string]string, []byte, []string) error, *debrief.Error) {
	field := first(m.Header, "Authorization")
	switch m.Method {
	case "", "bearer":
		return shown(field, "Bearer ", name, name), nil
	case "token":
		return shown(field, m.Prefix, name, name), nil
	case "hmac-sha256":
	default:
		return nil, debrief.Errorf(debrief.Invalid, "signature.method", "%q is none of bearer, token, hmac-sha256", line(m.Method, 40))
	}
	if m.Header == "" {
		return nil, debrief.Errorf(debrief.Invalid, "signature.header", "the header that carries the signature is needed")
	}
	decode := hex.DecodeString
	switch m.Encoding {
	case "", "hex":
	case "base64":
		decode = base64.StdEncoding.DecodeString
	default:
		return nil, debrief.Errorf(debrief.Invalid, "signature.encoding", "%q is none of hex, base64", line(m.Encoding, 40))
	}
	return func(h map[string]string, body []byte, secrets []string) error {
		given, ok := strings.CutPrefix(header(h, field), m.Prefix)
		mac, err := decode(given)
		if !ok || err != nil || len(mac) != sha256.Size {
			return debrief.Errorf(debrief.Unauthorized, field, "missing or not a signature")
		}
		match, any := false, false
		for _, secret := range secrets {
			if secret == "" {
				continue // an empty secret would let anybody sign
			}
			any = true
			sum := hmac.New(sha256.New, []byte(secret))
			sum.Write(body)
			if hmac.Equal(sum.Sum(nil), mac) {
				match = true
			}
		}
		switch {
		case !any:
			return debrief.Errorf(debrief.Unauthorized, field, "no secret is configured for %s", name).WithHint("set sources.%s.secret", name)
		case !match:
			return debrief.Errorf(debrief.Unauthorized, field, "the signature does not match").WithHint("the sender's secret and sources.%s.secret differ", name)
		}
		return nil
	}, nil
}
