package config

import "strings"

// Mapping says where in a JSON payload of any form the parts of an event are.
// The paths are ingest's language; it also checks them.
type Mapping struct {
	Kind         string            `yaml:"kind"` // deployment, incident, ticket, change
	Each         string            `yaml:"each"` // one event for each item of this list
	When         string            `yaml:"when"` // only where this value…
	Is           []string          `yaml:"is"`   // …is one of these
	Key          string            `yaml:"key"`  // what tells one deployment (incident…) from another
	Time         string            `yaml:"time"` // when it was so
	Values       map[string]string `yaml:"values"`
	States       map[string]string `yaml:"states"` // the sender's words → debrief's
	Environments map[string]string `yaml:"environments"`
	Signature    Signature         `yaml:"signature"`
	// Where are the places in the file that said these, for messages.
	Where map[string]string `yaml:"-"`
}

// Signature says how a sender proves that it is one.
type Signature struct {
	Method   string `yaml:"method"`   // bearer, token, hmac-sha256
	Header   string `yaml:"header"`   // default Authorization
	Prefix   string `yaml:"prefix"`   // before the value, for example "sha256="
	Encoding string `yaml:"encoding"` // of an HMAC: hex, base64
}

// said reports that the file has a mapping at all.
func (m Mapping) said() bool {
	return m.Kind != "" || m.Each != "" || m.When != "" || len(m.Is) > 0 || m.Key != "" || m.Time != "" ||
		len(m.Values)+len(m.States)+len(m.Environments) > 0 || m.Signature != Signature{}
}

// remember keeps where the mappings stand in the file: they are checked by
// those who read the paths, and a message must name the line.
func (c *Config) remember(at map[string]string) {
	for name, s := range c.Sources {
		if !s.Map.said() {
			continue
		}
		block := join("sources", name) + ".map"
		s.Map.Where = map[string]string{}
		for path, place := range at {
			if rest, ok := strings.CutPrefix(path, block); ok && (rest == "" || rest[0] == '.') {
				s.Map.Where[strings.TrimPrefix(rest, ".")] = place
			}
		}
		c.Sources[name] = s
	}
}

// Place is the file's line that said a part of the mapping, or the block
// around it.
func (m Mapping) Place(path string) string {
	for ; path != ""; path = path[:max(strings.LastIndexByte(path, '.'), 0)] {
		if at, ok := m.Where[path]; ok {
			return at
		}
	}
	return m.Where[""]
}
