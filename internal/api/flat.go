package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
)

// member is one field of an object, its value as it was written.
type member struct {
	name  string
	value json.RawMessage
}

// members reads an object's own fields in their order. A field given twice is
// an error: which one counts would be anybody's guess.
func members(body []byte) ([]member, error) {
	if ms, ok := split(body); ok {
		return ms, nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	tok, err := dec.Token()
	if err != nil {
		return nil, notJSON(err, dec.InputOffset())
	}
	if tok != json.Delim('{') {
		return nil, debrief.Errorf(debrief.Invalid, "", "the body must be a JSON object")
	}
	var ms []member
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, notJSON(err, dec.InputOffset())
		}
		name, _ := tok.(string)
		m := member{name: name}
		if err := dec.Decode(&m.value); err != nil {
			return nil, notJSON(err, dec.InputOffset())
		}
		if seen[name] {
			return nil, debrief.Errorf(debrief.Invalid, clipName(name), "given twice")
		}
		seen[name] = true
		ms = append(ms, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, notJSON(err, dec.InputOffset())
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, debrief.Errorf(debrief.Invalid, "", "not JSON: something follows the end at byte %d", dec.InputOffset())
	}
	return ms, nil
}

func notJSON(err error, at int64) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if at == 0 {
			return debrief.Errorf(debrief.Invalid, "", "the body is empty").WithHint("send a JSON object")
		}
		return debrief.Errorf(debrief.Invalid, "", "not JSON: it ends at byte %d", at)
	}
	return debrief.Errorf(debrief.Invalid, "", "not JSON: %s (at byte %d)", strings.TrimPrefix(err.Error(), "json: "), at)
}

func clipName(s string) string {
	if len(s) > 100 {
		s = s[:100]
	}
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, s), "")
}

// report is one deployment's report in the form the front door reads.
type report struct {
	key      string
	envelope debrief.Envelope
	events   []debrief.Event // what it tells of
}

// unflatten makes the envelope of a flat body: {"key", "services", …report}
// becomes {"key", "services", "report": {…}}. givenKey is the path's, for PATCH.
func unflatten(body []byte, givenKey string) (report, error) {
	ms, err := members(body)
	if err != nil {
		return report{}, err
	}
	var b bytes.Buffer
	key, services := givenKey, json.RawMessage("null")
	var rest []member
	for _, m := range ms {
		switch m.name {
		case "key":
			var said string
			if err := json.Unmarshal(m.value, &said); err != nil {
				return report{}, debrief.Errorf(debrief.Invalid, "key", "must be a text")
			}
			if givenKey != "" && said != "" && said != givenKey {
				return report{}, debrief.Errorf(debrief.Invalid, "key", "%q is not the key in the address", clipName(said))
			}
			if givenKey == "" {
				key = said
			}
		case "services":
			services = m.value
		default:
			rest = append(rest, m)
		}
	}
	if err := checkKey(key); err != nil {
		return report{}, err
	}
	b.WriteString(`{"key":` + quote(key) + `,"services":`)
	b.Write(services)
	b.WriteString(`,"report":{`)
	for i, m := range rest {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(m.name) + ":")
		b.Write(m.value)
	}
	b.WriteString("}}")

	// The digest is of what was sent, before masking, whatever the order of
	// its fields: it tells a retry from a reused key.
	digest, err := digestJSON(body)
	if err != nil {
		return report{}, err
	}
	masked := maskValid(b.Bytes(), nil) // its parts are valid, and so is it
	e := debrief.Envelope{Source: "api", Key: "deployments/" + key, Body: masked, Digest: digest}
	if givenKey != "" {
		e.Key += "/" + digest
	}
	return report{key: key, envelope: e}, nil
}

func checkKey(key string) error {
	switch {
	case key == "":
		return debrief.Errorf(debrief.Invalid, "key", "missing").
			WithHint("a name of yours for this deployment, such as the pipeline run's id; it makes repeating safe")
	case !ingest.IsKey(key), key == ".", key == "..":
		return debrief.Errorf(debrief.Invalid, "key", "a key is 1 to 200 of the characters A-Z a-z 0-9 . _ : / -")
	}
	return nil
}

func quote(s string) string {
	if plain(s) {
		return `"` + s + `"`
	}
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

// digestJSON is the same for texts that differ only in spaces or in the order
// of fields.
func digestJSON(body []byte) (string, error) {
	v, err := ingest.ReadJSON(body)
	if err != nil {
		return "", err
	}
	return digest(canonical(make([]byte, 0, len(body)+16), v)), nil
}

// canonical writes what ReadJSON read the way json.Marshal does, fields in
// their order: digests of both stand in databases.
func canonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for i, name := range names {
			b = append(b, "{,"[min(i, 1)])
			b = canonical(append(canonical(b, name), ':'), v[name])
		}
		if len(names) == 0 {
			b = append(b, '{')
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = canonical(b, item)
		}
		return append(b, ']')
	case string:
		if plain(v) {
			return append(append(append(b, '"'), v...), '"')
		}
		return append(b, quote(v)...)
	case json.Number:
		return append(b, v...)
	case bool:
		return strconv.AppendBool(b, v)
	}
	return append(b, "null"...)
}

// plain reports a text that stands in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c >= 0x7f, c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
