package ingest

import (
	"encoding/json"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
)

// rule checks one value of a request and names the field where it is wrong.
// null is "not said" everywhere.
type rule func(path string, v any) error

// object allows exactly the named fields.
func object(known map[string]rule) rule {
	return func(path string, v any) error {
		m, ok := v.(map[string]any)
		if !ok {
			return wrongType(path, "an object", v)
		}
		sound := true
		for name, v := range m {
			if check, ok := known[name]; !ok || v != nil && check(join(path, name), v) != nil {
				sound = false
				break
			}
		}
		if sound {
			return nil
		}
		for _, name := range sorted(m) { // the first problem found is always the same one
			check, ok := known[name]
			if !ok {
				return debrief.Errorf(debrief.Invalid, join(path, clip(clean(name, false), maxName)), "unknown field").
					WithHint("known fields: %s", strings.Join(sorted(known), ", "))
			}
			if m[name] == nil {
				continue
			}
			if err := check(join(path, name), m[name]); err != nil {
				return err
			}
		}
		return nil
	}
}

// list allows at most n items.
func list(n int, item rule) rule {
	return func(path string, v any) error {
		items, ok := v.([]any)
		if !ok {
			return wrongType(path, "a list", v)
		}
		if len(items) > n {
			return debrief.Errorf(debrief.Invalid, path, "%d items, and at most %d are allowed", len(items), n)
		}
		for i, it := range items {
			if err := item(join(path, strconv.Itoa(i)), it); err != nil {
				return err
			}
		}
		return nil
	}
}

// name is one line of at most n bytes without control characters.
func name(n int) rule {
	return func(path string, v any) error {
		s, err := text(path, v, n)
		if err != nil {
			return err
		}
		if strings.ContainsFunc(s, hidden) {
			return debrief.Errorf(debrief.Invalid, path, "contains a character that cannot be seen")
		}
		if strings.ContainsRune(s, utf8.RuneError) {
			// Decoding put it in place of bytes that are no UTF-8: this is not
			// the name that was meant.
			return debrief.Errorf(debrief.Invalid, path, "contains a character that is not valid UTF-8").WithHint("send the body as UTF-8")
		}
		if s != strings.TrimSpace(s) {
			return debrief.Errorf(debrief.Invalid, path, "begins or ends with a space")
		}
		return nil
	}
}

// prose is text of several lines; what cannot be shown is dropped later.
func prose(n int) rule {
	return func(path string, v any) error {
		_, err := text(path, v, n)
		return err
	}
}

func text(path string, v any, n int) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", wrongType(path, "a text", v)
	}
	if len(s) > n {
		return "", debrief.Errorf(debrief.Invalid, path, "%d bytes long, and at most %d are allowed", len(s), n)
	}
	return s, nil
}

func keyName(path string, v any) error {
	s, ok := v.(string)
	if !ok {
		return wrongType(path, "a text", v)
	}
	if !IsKey(s) {
		return debrief.Errorf(debrief.Invalid, path, "a key is 1 to %d of the characters A-Z a-z 0-9 . _ : / -", maxKey)
	}
	return nil
}

func address(path string, v any) error {
	s, err := text(path, v, maxURL)
	if err == nil && s != "" && !isWebAddress(s) {
		return debrief.Errorf(debrief.Invalid, path, "not an http or https address")
	}
	return err
}

func yesNo(path string, v any) error {
	if _, ok := v.(bool); !ok {
		return wrongType(path, "true or false", v)
	}
	return nil
}

// whole is a whole number in a range.
func whole(low, high int) rule {
	return func(path string, v any) error {
		num, ok := v.(json.Number)
		if !ok {
			return wrongType(path, "a whole number", v)
		}
		n, err := strconv.Atoi(num.String())
		if err != nil || n < low || n > high {
			return debrief.Errorf(debrief.Invalid, path, "must be a whole number from %d to %d", low, high)
		}
		return nil
	}
}

// longAgo is before anything debrief could be told of: an earlier time is a
// mistake, most often seconds taken for milliseconds.
var longAgo = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func instant(path string, v any) error {
	s, ok := v.(string)
	if !ok {
		return wrongType(path, "a time such as 2026-03-03T14:02:11Z", v)
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return debrief.Errorf(debrief.Invalid, path, "not a time").WithHint("write it as 2026-03-03T14:02:11Z (RFC 3339)")
	}
	if t.Before(longAgo) {
		return debrief.Errorf(debrief.Invalid, path, "%s is before the year 2000", t.UTC().Format(time.RFC3339))
	}
	return nil
}

func state(path string, v any) error {
	s, ok := v.(string)
	if !ok {
		return wrongType(path, "a text", v)
	}
	states := debrief.DeploymentStates()
	if s == "" || slices.Contains(states, debrief.DeploymentState(s)) {
		return nil
	}
	known := make([]string, len(states))
	for i, k := range states {
		known[i] = string(k)
	}
	return debrief.Errorf(debrief.Invalid, path, "unknown state %q", line(s, 40)).WithHint("known states: %s", strings.Join(known, ", "))
}

// factMap is names with values, both text.
func factMap(path string, v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return wrongType(path, "an object", v)
	}
	if len(m) > maxFacts {
		return debrief.Errorf(debrief.Invalid, path, "%d facts, and at most %d are allowed", len(m), maxFacts)
	}
	for _, k := range sorted(m) {
		at := join(path, clip(clean(k, false), maxName))
		if err := name(maxName)(at, k); err != nil {
			return err
		}
		if k == "" {
			return debrief.Errorf(debrief.Invalid, path, "a fact without a name")
		}
		if err := name(maxFact)(at, m[k]); err != nil {
			return err
		}
	}
	return nil
}

func wrongType(path, want string, got any) error {
	kind := "something else"
	switch got.(type) {
	case nil:
		kind = "null"
	case string:
		kind = "a text"
	case bool:
		kind = "true or false"
	case json.Number:
		kind = "a number"
	case []any:
		kind = "a list"
	case map[string]any:
		kind = "an object"
	}
	return debrief.Errorf(debrief.Invalid, path, "must be %s, not %s", want, kind)
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	sort.Strings(names)
	return names
}
