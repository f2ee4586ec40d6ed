package loop

import (
	"context"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/store"
)

// SourceReader is what is read of sources.
type SourceReader interface {
	SourceCounts(ctx context.Context) ([]store.SourceCount, error)
	Dead(ctx context.Context) (map[string]int, error)
	Refusals(ctx context.Context) ([]store.Refusal, error)
	Polls(ctx context.Context) ([]store.Poll, error)
	Deliveries(ctx context.Context, source, state string, limit int) ([]store.Delivery, error)
}

// SourceState is one source: how it is set up, what came, what became of it,
// and how far it is proven.
type SourceState struct {
	Name       string    `json:"name"`
	Title      string    `json:"title"`
	Proven     string    `json:"proven"`
	Doc        string    `json:"doc"`            // the page that says how to connect it
	Hook       string    `json:"hook,omitempty"` // where it sends to; empty: it has no webhooks
	Variable   string    `json:"variable,omitempty"`
	Configured bool      `json:"configured"` // it has a secret, or needs none
	Last       time.Time `json:"last_at,omitzero"`
	Open       int       `json:"open"`     // accepted, and not yet recorded
	Accepted   int       `json:"accepted"` // recorded
	Ignored    int       `json:"ignored"`  // not for us
	Rejected   int       `json:"rejected"` // could not be understood
	Dead       int       `json:"dead"`     // could not be recorded, however often it was tried
	Refused    int       `json:"refused"`  // not believed, or too many
	Refusals   []Refused `json:"refusals,omitempty"`
	// Polls are the repositories that are asked for what they have to tell, with
	// what went wrong in the last round, if anything did.
	Polls []store.Poll `json:"polls,omitempty"`

	Deliveries []store.Delivery `json:"deliveries,omitempty"` // the newest of each state; only where one source is asked for
}

// Refused counts requests refused for one reason.
type Refused struct {
	Reason string    `json:"reason"`
	N      int       `json:"n"`
	Last   time.Time `json:"last_at"`
}

// docs is where the pages of docs/sources are read.
const docs = "https://github.com/debriefhq/debrief/blob/main/docs/"

// Sources tells of every source there is, alphabetically.
func Sources(ctx context.Context, r SourceReader, cfg config.Config) ([]SourceState, error) {
	counts, err := r.SourceCounts(ctx)
	if err != nil {
		return nil, err
	}
	dead, err := r.Dead(ctx)
	if err != nil {
		return nil, err
	}
	refusals, err := r.Refusals(ctx)
	if err != nil {
		return nil, err
	}
	polls, err := r.Polls(ctx)
	if err != nil {
		return nil, err
	}
	var out []SourceState
	inbound, err := Inbound(cfg)
	if err != nil {
		return nil, err
	}
	for _, src := range inbound {
		s := stateOf(src, cfg)
		for _, c := range counts {
			if c.Source == src.Name {
				s.Open, s.Accepted, s.Ignored, s.Rejected, s.Last = max(c.Open-dead[src.Name], 0), c.Done, c.Ignored, c.Rejected, c.Last
			}
		}
		s.Dead = dead[src.Name]
		for _, f := range refusals {
			if f.Source == src.Name {
				s.Refused += f.N
				s.Refusals = append(s.Refusals, Refused{f.Reason, f.N, f.Last})
			}
		}
		for _, p := range polls {
			if p.Source == src.Name {
				s.Polls = append(s.Polls, p)
			}
		}
		out = append(out, s)
	}
	return out, nil
}

func stateOf(src ingest.Source, cfg config.Config) SourceState {
	s := SourceState{Name: src.Name, Title: src.Title, Proven: src.Proven, Doc: docs + "api.md", Configured: true}
	if src.Verify != nil {
		c := cfg.Sources[src.Name]
		s.Doc, s.Hook = docs+"sources/"+src.Name+".md", "/hooks/"+src.Name
		if c.Map.Where != nil {
			s.Doc = docs + "sources/generic.md"
		}
		s.Variable = "DEBRIEF_SOURCES_" + strings.ToUpper(src.Name) + "_SECRET"
		s.Configured = c.Secret != "" || c.SecretOld != ""
	}
	return s
}

// Heard says whether anything ever came, or is asked for.
func (s SourceState) Heard() bool { return !s.Last.IsZero() || s.Refused > 0 || len(s.Polls) > 0 }

// Stuck counts the repositories whose last round of asking ended early.
func (s SourceState) Stuck() (n int) {
	for _, p := range s.Polls {
		if p.Problem != "" {
			n++
		}
	}
	return n
}

// deliveryStates in the order that matters to somebody who looks for a fault.
var deliveryStates = []string{store.EnvelopeDead, store.EnvelopeRejected, store.EnvelopeIgnored, store.EnvelopeOpen, store.EnvelopeDone}

// Source tells of one source, with its newest deliveries of each state.
func Source(ctx context.Context, r SourceReader, cfg config.Config, name string, each int) (SourceState, error) {
	all, err := Sources(ctx, r, cfg)
	if err != nil {
		return SourceState{}, err
	}
	for _, s := range all {
		if s.Name != name {
			continue
		}
		buried := map[string]bool{}
		for _, state := range deliveryStates {
			list, err := r.Deliveries(ctx, name, state, each)
			if err != nil {
				return s, err
			}
			for _, d := range list {
				if buried[d.ID] {
					continue // open, and dead: told already
				}
				buried[d.ID] = state == store.EnvelopeDead
				s.Deliveries = append(s.Deliveries, d)
			}
		}
		return s, nil
	}
	known := make([]string, len(all))
	for i, s := range all {
		known[i] = s.Name
	}
	return SourceState{}, debrief.Errorf(debrief.NotFound, "source", "unknown source %q", name).WithHint("known sources: %s", strings.Join(known, ", "))
}
