package loop

import (
	"errors"
	"maps"
	"slices"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/ingest"
)

// Inbound lists every source that is read: those debrief knows by itself, and
// those the configuration makes by a mapping. Its error says what is wrong
// with every mapping, each with its line.
func Inbound(cfg config.Config) ([]ingest.Source, error) {
	list := ingest.Sources()
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(cfg.Sources)) {
		m := cfg.Sources[name].Map
		if m.Where == nil {
			continue
		}
		src, wrong := ingest.Mapped(name, ingest.Mapping{
			Kind: m.Kind, Each: m.Each, When: m.When, Is: m.Is, Key: m.Key, Time: m.Time,
			Values: m.Values, States: m.States, Environments: m.Environments,
			Method: m.Signature.Method, Header: m.Signature.Header, Prefix: m.Signature.Prefix, Encoding: m.Signature.Encoding,
		})
		for _, w := range wrong {
			path := "sources." + name + ".map"
			if w.Field != "" {
				path += "." + w.Field
			}
			e := debrief.Errorf(w.Kind, m.Place(w.Field)+": "+path, "%s", w.Message)
			e.Hint = w.Hint
			problems = append(problems, e)
		}
		list = append(list, src)
	}
	return list, errors.Join(problems...)
}

// inbound finds the source of an envelope.
func (l *Loop) inbound(name string) (ingest.Source, error) {
	for _, s := range l.Inbound {
		if s.Name == name {
			return s, nil
		}
	}
	return ingest.Lookup(name)
}
