package api

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

// Store is what the API needs of the store, and no more.
type Store interface {
	Accept(ctx context.Context, envs ...debrief.Envelope) ([]store.Accepted, error)
	Envelope(ctx context.Context, source, key string) (e debrief.Envelope, found bool, err error)
	Ping(ctx context.Context) error

	Story(ctx context.Context, id string) (debrief.Story, error)
	LatestRelease(ctx context.Context, service string) (id string, err error)
	Incidents(ctx context.Context, f store.ObjectFilter) ([]debrief.Incident, string, error)
	Incident(ctx context.Context, id string) (debrief.Incident, error)
	Tickets(ctx context.Context, f store.ObjectFilter) ([]debrief.Ticket, string, error)
	Ticket(ctx context.Context, id string) (debrief.Ticket, error)
	Previous(ctx context.Context, service, environment, target string) (debrief.Deployment, bool, error)
	Answer(ctx context.Context, surpriseID string, a debrief.Answer, at time.Time) (debrief.Surprise, error)
	Noticed(ctx context.Context, service string) (store.Noticed, error)
	Backtest(ctx context.Context, service string) (b debrief.Backtest, found bool, err error)
	Search(ctx context.Context, q string, limit int) ([]store.Hit, error)
	ResolveMessage(ctx context.Context, key string, arrived bool) (debrief.Message, error)
	Messages(ctx context.Context, states []debrief.MessageState, limit int) ([]debrief.Message, error)

	loop.BriefStore

	loop.SourceReader
	loop.BlameReader
	Correct(ctx context.Context, subject, answer, note string, at time.Time) (debrief.Attribution, error)
	Uncorrect(ctx context.Context, subject string) (debrief.Attribution, error)
	loop.AllReader
	loop.ReviewReader
	Keep(ctx context.Context, e debrief.Envelope, state, reason string) error
	Reopen(ctx context.Context, e debrief.Envelope) (reopened bool, err error)
	Refused(ctx context.Context, r store.Refusal) error
	ParseAgain(ctx context.Context, source string) error
	TokenByHash(ctx context.Context, hash string) (store.Token, error)
	Tokens(ctx context.Context) ([]store.Token, error)
	Setting(ctx context.Context, key string, make func() string) (string, error)
}

// toucher is a store that can note when a token was last used without
// rewriting the token, which could undo a revocation.
type toucher interface {
	TouchToken(ctx context.Context, id string, at time.Time) error
}
