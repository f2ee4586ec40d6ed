package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

// Limits of one batch of log counts.
const (
	maxPatterns = 1000
	maxTemplate = 4 << 10
)

// LogCounts is the body of POST /api/v1/logs: how often which kinds of line
// came, as debrief follow counts them beside the file. Lines themselves stay there.
type LogCounts struct {
	Service  string           `json:"service"`
	Batch    string           `json:"batch" doc:"Your name for this batch; sending it again counts nothing twice"`
	Patterns []CountedPattern `json:"patterns" maxItems:"1000"`
}

// CountedPattern is one kind of line.
type CountedPattern struct {
	ID       string         `json:"id"`
	Template string         `json:"template"`
	Level    string         `json:"level,omitempty"`
	Example  string         `json:"example,omitempty"`
	Bins     map[string]int `json:"bins" doc:"Count by the unix second at which a bin of ten seconds begins"`
	First    time.Time      `json:"first_at"`
	Last     time.Time      `json:"last_at"`
}

// Counted answers a batch of log counts.
type Counted struct {
	New bool `json:"new" doc:"false: exactly this was sent before"`
}

type countedOut struct {
	Status int
	Body   Counted
}

func (a *API) logRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/logs", id: "report-logs", tag: "logs", status: http.StatusAccepted, body: LogCounts{},
		summary: "Report counts of log lines, by kind",
	}, func(ctx context.Context, in *request) (*countedOut, error) {
		body, err := in.jsonBody(maxBody)
		if err != nil {
			return nil, err
		}
		out, err := a.countLogs(ctx, body)
		if err != nil {
			a.metrics.event(loop.LogSource, outcomeOf(err))
		}
		return out, err
	})
}

func (a *API) countLogs(ctx context.Context, body []byte) (*countedOut, error) {
	sum, err := digestJSON(body) // of what was sent, before masking
	if err != nil {
		return nil, err
	}
	masked, ok := maskJSON(body)
	if !ok {
		return nil, debrief.Errorf(debrief.Invalid, "", "not JSON")
	}
	var c LogCounts
	if err := strict(masked, &c); err != nil {
		return nil, err
	}
	now := debrief.Instant(a.now())
	batch, err := c.check(now)
	if err != nil {
		return nil, err
	}
	kept, err := json.Marshal(batch)
	if err != nil {
		return nil, err
	}
	got, err := a.store.Accept(ctx, debrief.Envelope{Source: loop.LogSource, Key: debrief.Slug(c.Service) + "/" + c.Batch, Received: now, Body: kept, Digest: sum})
	if err != nil {
		return nil, err
	}
	if !got[0].New {
		a.metrics.event(loop.LogSource, "known")
		return &countedOut{http.StatusOK, Counted{New: false}}, nil
	}
	a.metrics.event(loop.LogSource, "accepted")
	return &countedOut{http.StatusAccepted, Counted{New: true}}, nil
}

// check names the first thing that is wrong, and brings the rest into the form
// the loop reads.
func (c LogCounts) check(now time.Time) (loop.LogBatch, error) {
	wrong := func(field, format string, args ...any) (loop.LogBatch, error) {
		return loop.LogBatch{}, debrief.Errorf(debrief.Invalid, field, format, args...)
	}
	switch {
	case debrief.Slug(c.Service) == "" || len(c.Service) > 100 || strings.ContainsRune(c.Service, utf8.RuneError):
		return wrong("service", "missing, or not 1 to 100 characters with a letter or digit")
	case !ingest.IsKey(c.Batch) || len(c.Batch) > 100:
		return wrong("batch", "a batch is 1 to 100 of the characters A-Z a-z 0-9 . _ : / -")
	case len(c.Patterns) > maxPatterns:
		return wrong("patterns", "%d items, and at most %d are allowed", len(c.Patterns), maxPatterns)
	}
	b := loop.LogBatch{Service: c.Service}
	for i, p := range c.Patterns {
		at := "patterns." + strconv.Itoa(i)
		switch {
		case !ingest.IsKey(p.ID):
			return wrong(at+".id", "missing or not an identifier")
		case p.Template == "" || len(p.Template) > maxTemplate:
			return wrong(at+".template", "missing, or longer than %d bytes", maxTemplate)
		case len(p.Example) > maxTemplate:
			return wrong(at+".example", "longer than %d bytes", maxTemplate)
		case len(p.Level) > 20:
			return wrong(at+".level", "longer than 20 bytes")
		case p.First.IsZero() || p.Last.IsZero():
			return wrong(at+".first_at", "first_at and last_at are needed")
		case p.Last.Before(p.First):
			return wrong(at+".last_at", "is before first_at")
		case p.Last.After(now.Add(ahead)):
			return wrong(at+".last_at", "future-dated: %s", p.Last.UTC().Format(time.RFC3339))
		}
		lc := store.LogCount{
			ID: p.ID, Template: debrief.Mask(p.Template), Level: p.Level, Example: p.Example, Bins: map[int64]int{},
			First: debrief.Instant(p.First), Last: debrief.Instant(p.Last),
		}
		for text, n := range p.Bins {
			second, err := strconv.ParseInt(text, 10, 64)
			switch {
			case err != nil || second <= 0 || second > now.Add(ahead).Unix():
				return wrong(at+".bins", "%q is not a unix second in the past", clipName(text))
			case n < 0 || n > 1<<30:
				return wrong(at+".bins", "%d is not a count", n)
			}
			lc.Bins[second] += n
		}
		b.Patterns = append(b.Patterns, lc)
	}
	return b, nil
}

// ahead is how far a sender's clock may run before ours.
const ahead = 5 * time.Minute
