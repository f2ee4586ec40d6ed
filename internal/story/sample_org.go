package story

import (
	"context"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"slices"
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
	Services, Releases, Incidents, Debriefs, Events int
}

// FillOrg writes a made-up organisation into an empty store, service by
// service, through the same rooms as what is real; each row is marked as
// sample. said is told after each service; it may be nil.
func FillOrg(ctx context.Context, l *loop.Loop, o *org.Org, said func(Filled)) (Filled, error) {
	f := filler{l: l, seed: o.Seed, said: said}
	err := o.Walk(func(i org.Item) error {
		if i.Service != nil {
			if err := f.flush(ctx); err != nil {
				return err
			}
			f.now = &gathered{service: *i.Service, fates: map[string]*org.Release{}}
		}
		if i.Debrief != nil || i.Action != nil {
			f.learned = append(f.learned, i)
			return nil
		}
		f.now.add(i)
		return ctx.Err()
	})
	if err == nil {
		err = f.flush(ctx)
	}
	if err == nil {
		err = l.Settle(ctx, nil)
	}
	return f.n, err
}

// filler writes what was gathered of a service, then what its team learned.
type filler struct {
	l       *loop.Loop
	seed    uint64
	said    func(Filled)
	n       Filled
	now     *gathered
	learned []org.Item
}

// say is what people said of what led to something.
type say struct {
	subject, answer string
	always          bool // else only where they were asked
	at              time.Time
}

// sayings are what is said of an item.
func sayings(i org.Item) []say {
	switch {
	case i.Incident != nil:
		s := say{subject: i.Incident.ID, answer: i.Incident.Led, at: i.Incident.Ended()}
		// That an alert was a failure is for a person to say.
		s.always = i.Incident.Alert && i.Incident.LedKind == "release"
		if s.answer == "" {
			s.answer = debrief.NotADeployment
		}
		return []say{s}
	case i.Release != nil && (i.Release.Remedy == debrief.RemedyHotfix || i.Release.Remedy == debrief.RemedyRevert):
		return []say{{subject: i.Release.ReleaseID, answer: i.Release.Repairs, always: true, at: i.Release.At.Add(time.Hour)}}
	}
	return nil
}

// correct has people say what led to what.
func (f *filler) correct(ctx context.Context, list []say) error {
	for _, s := range list {
		a, found, err := f.l.Store.Attribution(ctx, s.subject)
		if err != nil {
			return err
		}
		if !found || !s.always && a.State != debrief.BlameAsked {
			continue
		}
		_, err = f.l.Store.Correct(ctx, s.subject, s.answer, "", s.at)
		if err != nil && debrief.KindOf(err) != debrief.Invalid { // it is too long ago to be one of those that can be named
			return err
		}
	}
	return nil
}

func (f *filler) flush(ctx context.Context) error {
	if f.now != nil {
		releases, err := f.l.Fill(ctx, f.now.madeUp(f.seed))
		f.n.Services++
		f.n.Releases, f.n.Incidents, f.n.Events = f.n.Releases+releases, f.n.Incidents+f.now.incidents, f.n.Events+len(f.now.events)
		if err == nil {
			err = f.correct(ctx, f.now.said)
		}
		f.now = nil
		if err != nil {
			return err
		}
		if f.said != nil {
			f.said(f.n)
		}
	}
	list := f.learned
	f.learned = nil
	if len(list) == 0 {
		return nil
	}
	return f.l.Store.Update(ctx, func(tx *store.Tx) error { return f.learn(tx, list) })
}

// learn writes debriefs and actions. What a debrief says may decide whether a
// release failed.
func (f *filler) learn(tx *store.Tx, list []org.Item) error {
	for _, i := range list {
		if a := i.Action; a != nil {
			if err := tx.SaveAction(*a); err != nil {
				return err
			}
			continue
		}
		d := i.Debrief
		if _, err := tx.SaveDebrief(*d, 0); err != nil {
			return err
		}
		f.n.Debriefs++
		if d.About == "release" {
			if err := tx.Enqueue(store.Work{Kind: store.WorkFacts, Key: d.AboutID, Service: d.Service}); err != nil {
				return err
			}
		}
	}
	return nil
}

// gathered is what is told of one service.
type gathered struct {
	service   debrief.Service
	events    []debrief.Event
	incidents int
	said      []say
	fates     map[string]*org.Release
}

func (g *gathered) add(i org.Item) {
	g.events = append(g.events, i.Events()...)
	g.said = append(g.said, sayings(i)...)
	switch {
	case i.Release != nil:
		g.fates[i.Release.ReleaseID] = i.Release
	case i.Incident != nil:
		g.incidents++
	}
}

func (g *gathered) madeUp(seed uint64) loop.MadeUp {
	return loop.MadeUp{
		Service: g.service.ID, Events: g.events,
		Looks: func(r debrief.Release) []debrief.Look { return g.looks(r, diceOf(seed, r.ID)) },
		Answer: func(x *debrief.Surprise) {
			if rng := diceOf(seed, x.ID); rng.Float64() < 0.9 {
				x.Answer = []debrief.Answer{debrief.Expected, debrief.Surprising, debrief.Surprising, debrief.NotOurs}[rng.IntN(4)]
				x.Answered = x.At.Add(time.Duration(1+rng.IntN(20)) * time.Hour)
			}
		},
	}
}

// diceOf are an object's own dice: what is worked out first must not matter.
func diceOf(seed uint64, id string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(id))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
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
		look := sampleLook(s, r, d, n+1, after, rng)
		if n > 0 && slices.Contains(made.ReleaseFacts.Surprises, "new-error") {
			look.Logs = newLine(r, look)
		}
		looks = append(looks, look)
	}
	return looks
}

// newLine is a kind of line that came with a release.
func newLine(r debrief.Release, k debrief.Look) debrief.LogFindings {
	n := 3 + 4*k.Number
	p := debrief.LogPattern{
		ID: debrief.ID("made up", r.ID), Template: "cannot finish request <*>: unexpected state", Example: "cannot finish request 4711: unexpected state",
		Level: "error", New: true, Count: n, First: r.FullExposure.Add(2 * time.Minute), P: 0.001,
	}
	return debrief.LogFindings{
		Word: debrief.Worse, Sentence: "one new kind of error", Known: r.FullExposure.AddDate(0, 0, -28), Lines: 400 * k.Number, Patterns: []debrief.LogPattern{p},
	}
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

// SampleOrg opens a database, which must be empty, and fills it; with facts
// only, as LoadOrg does.
func SampleOrg(ctx context.Context, c config.Config, now time.Time, o *org.Org, facts bool, said func(Filled)) (n Filled, err error) {
	st, err := store.Open(ctx, c.DB, store.Options{Now: func() time.Time { return now }, NewID: uuid.NewString})
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	known, err := st.Services(ctx)
	if err != nil {
		return n, err
	}
	if len(known) > 0 {
		return n, debrief.Errorf(debrief.Conflict, "db", "%s holds the service %s already: made-up history is written into an empty database only", c.DB, known[0].ID).
			WithHint("name a file that does not exist yet: debrief sample --db sample.db")
	}
	if facts {
		return LoadOrg(ctx, st, o, said)
	}
	l := loop.New(loop.Options{Store: st, Config: c, Now: func() time.Time { return now }})
	return FillOrg(ctx, l, o, said)
}
