package loop

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/kinds"
	"github.com/debriefhq/debrief/internal/learn"
	"github.com/debriefhq/debrief/internal/store"
)

// BriefStore is what making a brief needs of the store.
type BriefStore interface {
	BriefPast(ctx context.Context, ask store.BriefAsk) (store.BriefPast, error)
	FactsOf(ctx context.Context, service string, ids ...string) ([]debrief.ReleaseFacts, error)
	Update(ctx context.Context, fn func(*store.Tx) error) error
	Brief(ctx context.Context, id string) (store.KeptBrief, error)
	Briefs(ctx context.Context, service string, limit int) ([]store.KeptBrief, error)
	BriefsOf(ctx context.Context, service, releaseID string) ([]store.KeptBrief, error)
	SettledBriefs(ctx context.Context, service string, limit int) (bs []store.KeptBrief, waiting int, err error)
}

// Briefs makes briefs. It is no step: somebody asks and waits for the answer.
type Briefs struct {
	store  BriefStore
	config config.Config
	now    func() time.Time
	table  *kinds.Table
}

// NewBriefs prepares to make briefs. Rules of the configuration that are wrong
// are told when the server starts; here debrief's own hold then.
func NewBriefs(s BriefStore, cfg config.Config, now func() time.Time) *Briefs {
	table, err := KindsTable(cfg)
	if err != nil || table == nil {
		table, _ = kinds.New(kinds.Options{})
	}
	return &Briefs{store: s, config: cfg, now: now, table: table}
}

// Make makes the brief of a change about to ship and keeps it. The change's
// service is an id.
func (m *Briefs) Make(ctx context.Context, c debrief.Upcoming) (debrief.Brief, error) {
	m.sort(&c)
	now := debrief.Instant(m.now())
	in := learn.BriefInput{Change: c, Now: now}
	past, err := m.store.BriefPast(ctx, store.BriefAsk{
		Change: c, At: now, Look: m.hourLook(), Text: learn.UpcomingText(c),
		Near: func(fs []debrief.ReleaseFacts, most int) []string { return learn.WorthReading(c, fs, now, most) },
	})
	if err != nil {
		return debrief.Brief{}, err
	}
	in.Past, in.Others, in.Texts, in.Subjects, in.Lessons = past.Past, past.Others, past.Texts, past.Subjects, past.Lessons
	in.Actions = past.Actions
	in.Staging = m.staged(past)
	in.Shifts = shifts(past.Looks)
	b := learn.MakeBrief(in)
	if err := m.name(ctx, &b); err != nil {
		return debrief.Brief{}, err
	}
	return b, m.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.SaveBrief(b); err != nil {
			return err
		}
		return m.comment(tx, b)
	})
}

// One is a brief by its id.
func (m *Briefs) One(ctx context.Context, id string) (store.KeptBrief, error) {
	return m.store.Brief(ctx, id)
}

// List are a service's briefs, newest first.
func (m *Briefs) List(ctx context.Context, service string, limit int) ([]store.KeptBrief, error) {
	return m.store.Briefs(ctx, service, limit)
}

// Shipped are the briefs of what a release shipped.
func (m *Briefs) Shipped(ctx context.Context, service, releaseID string) ([]store.KeptBrief, error) {
	return m.store.BriefsOf(ctx, service, releaseID)
}

// mostSettled are the latest briefs that accuracy is counted over.
const mostSettled = 1000

// Accuracy is how often briefs foretold what happened, of one service or of all.
func (m *Briefs) Accuracy(ctx context.Context, service string) (debrief.BriefAccuracy, error) {
	bs, waiting, err := m.store.SettledBriefs(ctx, service, mostSettled)
	a := debrief.BriefAccuracy{Service: service, Waiting: waiting}
	for _, b := range bs {
		learn.AddOutcome(&a, b.Brief)
	}
	return a, err
}

// sort says what kinds of change it is, where the asker did not.
func (m *Briefs) sort(c *debrief.Upcoming) {
	if len(c.Kinds) > 0 || len(c.Paths) == 0 {
		return
	}
	k := m.table.Sort(kinds.Of(debrief.Change{Paths: c.Paths, Files: max(c.Files, len(c.Paths)), Added: c.Added, Deleted: c.Deleted}), nil)
	c.Kinds = k.Names
	if len(c.Modules) == 0 {
		c.Modules = k.Modules
	}
}

// hourLook is the number of the look nearest to an hour after full exposure.
func (m *Briefs) hourLook() int {
	best, number := time.Duration(-1), 0
	for i, after := range m.config.Looks.After {
		if d := (after - time.Hour).Abs(); best < 0 || d < best {
			best, number = d, i+1
		}
	}
	return number
}

// staged are the steps of the newest deployment to staging that has any.
func (m *Briefs) staged(p store.BriefPast) []learn.StagedStage {
	real := slices.ContainsFunc(p.Past, func(f debrief.ReleaseFacts) bool { return !f.Sample })
	for _, d := range p.Staging {
		if d.Sample && real || !named(m.config.Staging, d.Environment) {
			continue
		}
		longest := map[string]learn.StagedStage{}
		for _, s := range d.Stages {
			if took := debrief.Took(s.Took()); !s.Waiting && took > longest[strings.ToLower(s.Name)].Took {
				facts := s.Facts
				if len(facts) == 0 {
					facts = d.Facts
				}
				longest[strings.ToLower(s.Name)] = learn.StagedStage{Name: s.Name, Took: took, Facts: facts, Same: p.Staged}
			}
		}
		var out []learn.StagedStage
		for _, name := range sorted(longest) {
			out = append(out, longest[name])
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// shifts are what metrics did after the last releases, as the looks measured it.
func shifts(looks []debrief.Look) []learn.Shift {
	var out []learn.Shift
	for _, k := range looks {
		if k.State != debrief.LookDone || len(k.Run) > 0 {
			continue
		}
		for _, v := range k.Verdicts {
			if v.Word != debrief.CannotTell && v.N > 0 {
				out = append(out, learn.Shift{Metric: v.Metric, Unit: v.Unit, Relative: v.Relative, Effect: v.Effect})
			}
		}
	}
	return out
}

// name fills in the versions of other services' releases: their narrow facts
// have none.
func (m *Briefs) name(ctx context.Context, b *debrief.Brief) error {
	ids := map[string][]string{}
	for _, r := range b.Similar {
		if r.Version == "" {
			ids[r.Service] = append(ids[r.Service], r.ReleaseID)
		}
	}
	versions := map[string]string{}
	for _, service := range sorted(ids) {
		fs, err := m.store.FactsOf(ctx, service, ids[service]...)
		if err != nil {
			return err
		}
		for _, f := range fs {
			versions[f.ReleaseID] = f.Version
		}
	}
	for i := range b.Similar {
		b.Similar[i].Version = cmp.Or(b.Similar[i].Version, versions[b.Similar[i].ReleaseID])
	}
	return nil
}
