package story

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/story/org"
)

// Filled counts what was written of a made-up organisation.
type Filled struct {
	Services, Releases, Incidents, Events int
}

// FillOrg writes a made-up organisation into an empty store, service by
// service, through the same rooms as what is real; each row is marked as
// sample. said is told after each service; it may be nil.
func FillOrg(ctx context.Context, l *loop.Loop, o *org.Org, said func(Filled)) (Filled, error) {
	var n Filled
	var now *gathered
	flush := func() error {
		if now == nil {
			return nil
		}
		releases, err := l.Fill(ctx, now.madeUp(o.Seed))
		n.Services++
		n.Releases, n.Incidents, n.Events = n.Releases+releases, n.Incidents+now.incidents, n.Events+len(now.events)
		now = nil
		if err == nil && said != nil {
			said(n)
		}
		return err
	}
	err := o.Walk(func(i org.Item) error {
		if i.Service != nil {
			if err := flush(); err != nil {
				return err
			}
			now = &gathered{service: *i.Service, fates: map[string]*org.Release{}}
		}
		now.add(i)
		return ctx.Err()
	})
	if err != nil {
		return n, err
	}
	if err := flush(); err != nil {
		return n, err
	}
	_, err = l.Drain(ctx)
	return n, err
}

// gathered is what is told of one service.
type gathered struct {
	service   debrief.Service
	events    []debrief.Event
	incidents int
	fates     map[string]*org.Release
}

func (g *gathered) add(i org.Item) {
	switch {
	case i.Release != nil:
		g.events = append(g.events, i.Release.Events()...)
		g.fates[i.Release.ReleaseID] = i.Release
	case i.Change != nil:
		g.events = append(g.events, org.Flipped(g.service.ID, *i.Change))
	case i.Incident != nil:
		g.events = append(g.events, i.Incident.Event())
		g.incidents++
	}
}

func (g *gathered) madeUp(seed uint64) loop.MadeUp {
	rng := rand.New(rand.NewPCG(seed, uint64(len(g.events))))
	return loop.MadeUp{
		Service: g.service.ID, Events: g.events,
		Looks: func(r debrief.Release) []debrief.Look { return g.looks(r, rng) },
		Answer: func(x *debrief.Surprise) {
			if rng.Float64() < 0.9 {
				x.Answer = []debrief.Answer{debrief.Expected, debrief.Surprising, debrief.Surprising, debrief.NotOurs}[rng.IntN(4)]
				x.Answered = x.At.Add(time.Duration(1+rng.IntN(20)) * time.Hour)
			}
		},
	}
}

// looks are what the checks of a release would have found.
func (g *gathered) looks(r debrief.Release, rng *rand.Rand) []debrief.Look {
	made := g.fates[r.ID]
	if made == nil || !r.Live() || !r.Kind.Checked() {
		return nil
	}
	d := sampleDeployment{fate: fateOf(made)}
	p := planner{rng: rng}
	d.effect = p.effect(d.fate)
	s := sampleService{name: g.service.Name, level: 40 + 20*float64(len(g.service.Name)), rate: 60}
	if made.Thin() {
		s.rate = 2
	}
	looks := make([]debrief.Look, 0, 3)
	for n, after := range sampleLooks {
		looks = append(looks, sampleLook(s, r, d, n+1, after, rng))
	}
	return looks
}

func fateOf(r *org.Release) fate {
	switch r.Verdict {
	case debrief.Worse:
		if r.Harm() {
			return slower
		}
		return failing
	case debrief.Better:
		return faster
	case debrief.CannotTell:
		return quiet
	}
	return usual
}

// SampleOrg opens a database, which must be empty, and fills it.
func SampleOrg(ctx context.Context, c config.Config, now time.Time, o *org.Org, said func(Filled)) (n Filled, err error) {
	st, err := store.Open(ctx, c.DB, store.Options{Now: func() time.Time { return now }, NewID: uuid.NewString})
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	l := loop.New(loop.Options{Store: st, Config: c, Now: func() time.Time { return now }})
	return FillOrg(ctx, l, o, said)
}
