package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/debriefhq/debrief"
)

// ReadJSON reads JSON into plain values and refuses what encoding/json lets
// pass silently: a field given twice (the second would hide the first from
// every check), anything after the end, and what is nested deeper than any
// payload known. Numbers stay as they were written.
func ReadJSON(body []byte) (any, error) {
	if v, ok := quickly(body); ok {
		return v, nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	v, err := branch(dec, "", 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, debrief.Errorf(debrief.Invalid, "", "not JSON: something follows the end at byte %d", dec.InputOffset())
	}
	return v, nil
}

// maxDepth is deeper than any known payload; a deeper one is an attack.
const maxDepth = 32

func branch(dec *json.Decoder, path string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, debrief.Errorf(debrief.Invalid, path, "nested more than %d levels deep", maxDepth)
	}
	tok, err := dec.Token()
	if err != nil {
		return nil, notJSON(dec, err)
	}
	switch tok {
	case json.Delim('{'):
		return fields(dec, path, depth)
	case json.Delim('['):
		items := []any{}
		for dec.More() {
			item, err := branch(dec, join(path, strconv.Itoa(len(items))), depth+1)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		if _, err := dec.Token(); err != nil {
			return nil, notJSON(dec, err)
		}
		return items, nil
	}
	return tok, nil
}

func fields(dec *json.Decoder, path string, depth int) (any, error) {
	m := map[string]any{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, notJSON(dec, err)
		}
		name, _ := tok.(string)
		at := join(path, clip(clean(name, false), maxName))
		if _, twice := m[name]; twice {
			return nil, debrief.Errorf(debrief.Invalid, at, "given twice")
		}
		if m[name], err = branch(dec, at, depth+1); err != nil {
			return nil, err
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, notJSON(dec, err)
	}
	return m, nil
}

func notJSON(dec *json.Decoder, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return debrief.Errorf(debrief.Invalid, "", "not JSON: it ends too early, at byte %d", dec.InputOffset())
	}
	return debrief.Errorf(debrief.Invalid, "", "not JSON: near byte %d: %w", dec.InputOffset(), err)
}

// join makes a dotted path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
