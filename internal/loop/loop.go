// Package loop is the corridor: the ordered steps that turn an accepted event
// into a record, a look, a surprise and a message. Each step claims one row of
// work, loads plain values, calls a room, and commits what came of it together
// with the next rows. A step that is cut off anywhere is simply claimed again.
//
//	record   an envelope becomes events, deployments, releases; looks are planned
//	again    kept envelopes of a source are read again, after an upgrade
//	look     a release is measured and judged, when its window ends
//	attribute  what an incident, a rollback, a hotfix or a revert may have come from
//	notice   a release's surprises and its one-line summary are worked out anew
//	facts    what metrics, patterns and briefs read of a release is written anew
//	kinds    a service's changes are sorted by what they are, from the first new one on
//	send     a message of the outbox is handed over, once
//	daily    one line a day, so that silence is never ambiguous
//	review   a month is looked back on, once it is over
//	watch    asks which version runs: finds releases nobody recorded
//	habit    a routine speaks, where there is something to say
//	promise  what an action promised is held against the releases that followed
//	poll     asks a forge for what its webhooks would have told
//	purge    forgets raw payloads after their time
//
// The probe and the log follower run beside the steps, for as long as the
// process lives: telemetry for teams that have none.
package loop

import (
	"context"
	"errors"
	"log/slog"
	rdebug "runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/kinds"
	"github.com/debriefhq/debrief/internal/send"
	"github.com/debriefhq/debrief/internal/store"
)

// Options is what a Loop needs.
type Options struct {
	Store    *store.Store
	Config   config.Config
	Location *time.Location
	Now      func() time.Time
	Log      *slog.Logger
	Sender   send.Sender // nil: no chat is configured
	// Comments write on pull requests, by forge.
	Comments map[string]send.Sender
	Channels []string // where routines are told; none: chat
	Sources  Telemetry
	Observe  Observer // nil: nobody counts
	// Forges are asked for what their webhooks would have told, by source.
	Forges map[string]forge.Poller
	// Mask hides in what a forge answers what must not be kept, as the hall does
	// with what it sends.
	Mask func(source string, body []byte) ([]byte, bool)
	// Inbound are the sources that are read; see Inbound. None: those debrief knows
	// by itself.
	Inbound []ingest.Source
	// Kinds are the rules by which changes are sorted; see KindsTable. Nil:
	// debrief's own.
	Kinds *kinds.Table
}

// Observer is told what the steps did; the API room turns it into metrics.
type Observer interface {
	Step(kind string, took time.Duration, err error)
	Looked(word debrief.Word, blind bool)
}

// Loop runs the steps.
type Loop struct {
	Options
	steps      []step
	kindsTable *kinds.Table
	probes     probeSet
	pasts      pasts
	// depends is what each service depends on as configured, by id.
	depends map[string][]string
	learned learned
}

// step is one kind of work. run commits by finishing, retrying or burying the row.
type step struct {
	kind  string
	tries int // after this many failures the row is buried
	run   func(context.Context, *store.Work) error
}

// New prepares a loop; nothing runs yet.
func New(o Options) *Loop {
	if o.Location == nil {
		o.Location = time.UTC
	}
	l := &Loop{Options: o, kindsTable: o.Kinds}
	if l.kindsTable == nil {
		l.kindsTable, _ = kinds.New(kinds.Options{}) // debrief's own rules: a test holds them right
	}
	l.depends = l.dependsOn()
	l.steps = []step{
		{"record", 8, l.record},
		{"again", 20, l.reread},
		{"notice", 8, l.notice},
		{store.WorkFacts, 8, l.facts},
		{workRefacts, 20, l.refacts},
		{store.WorkKinds, 20, l.kinds},
		{store.WorkAttribute, 8, l.attribute},
		{"look", 500, l.look}, // glimpses and waiting for an earlier look count too
		{"send", 12, l.send},
		{"daily", 20, l.daily},
		{workReview, 20, l.review},
		{"watch", 1 << 30, l.watch},
		{"purge", 1 << 30, l.purge},
		{"poll", 1 << 30, l.poll},
		{workPromise, 8, l.promise},
		{workHabit, 20, l.habit},
		{workForetold, 8, l.foretold},
	}
	return l
}

// pools says which kinds share a worker, so that a slow provider never holds
// up recording and a hanging chat server never holds up a look.
var pools = [][]string{
	{"record", "notice", store.WorkAttribute, store.WorkFacts, workRefacts, workPromise, workForetold, "again"},
	{"look", "watch"},
	{"look", "watch"},
	{"send", "daily", workHabit, "purge"},
	{"poll"},
	{workReview},
	{store.WorkKinds},
}

// Run works until ctx ends. It returns once every started step has ended.
func (l *Loop) Run(ctx context.Context) error {
	if err := l.Plan(ctx); err != nil {
		return err
	}
	var wg sync.WaitGroup
	wakes := make([]chan struct{}, len(pools))
	for i, kinds := range pools {
		wakes[i] = make(chan struct{}, 1)
		wg.Go(func() { l.work(ctx, kinds, wakes[i]) })
	}
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-l.Store.Wake():
				for _, w := range wakes {
					select {
					case w <- struct{}{}:
					default:
					}
				}
			}
		}
	})
	l.runProbes(ctx, &wg)
	l.runFollowers(ctx, &wg)
	wg.Wait()
	return nil
}

// work claims and runs rows of the given kinds until ctx ends.
func (l *Loop) work(ctx context.Context, kinds []string, wake <-chan struct{}) {
	for ctx.Err() == nil {
		did, err := l.Step(ctx, kinds...)
		if err != nil && ctx.Err() == nil {
			l.Log.Error("step failed", "err", err)
		}
		if did {
			continue
		}
		// Another process may commit work that wakes nobody here, hence the bound.
		pause := 2 * time.Second
		if at, ok, err := l.Store.NextDue(ctx, kinds); err == nil && ok {
			pause = min(pause, max(at.Sub(l.Now()), time.Millisecond))
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Step runs one due row of the given kinds (none: any kind) and reports
// whether there was one.
func (l *Loop) Step(ctx context.Context, kinds ...string) (bool, error) {
	if len(kinds) == 0 {
		kinds = Kinds()
	}
	w, err := l.Store.Claim(ctx, kinds, lease)
	if err != nil || w == nil {
		return false, err
	}
	for _, s := range l.steps {
		if s.kind == w.Kind {
			return true, l.do(ctx, s, w)
		}
	}
	return true, l.Store.Bury(ctx, w, "no step of that kind")
}

// do runs a claimed row and puts it back, later, where it failed.
func (l *Loop) do(ctx context.Context, s step, w *store.Work) error {
	began := l.Now()
	err := l.hold(ctx, w, func(ctx context.Context) error { return s.run(ctx, w) })
	if l.Observe != nil {
		l.Observe.Step(s.kind, l.Now().Sub(began), err)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // shutting down: the lease ends by itself
	case debrief.KindOf(err) == debrief.Conflict:
		return nil // another worker took over after our lease ended
	case w.Attempts >= s.tries:
		return errors.Join(err, l.Store.Bury(ctx, w, err.Error()))
	}
	pause := min(time.Second<<min(w.Attempts, 9), 5*time.Minute)
	return errors.Join(err, l.Store.Retry(ctx, w, l.Now().Add(pause), err.Error(), nil))
}

// lease is how long a row stays with a worker that died. Living workers renew
// theirs, so a look may take minutes and a crash still costs seconds.
const lease = 15 * time.Second

// hold runs fn and keeps the row's lease meanwhile. Where the lease is lost,
// fn is told to stop: another worker has the row.
func (l *Loop) hold(ctx context.Context, w *store.Work, fn func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var beat sync.WaitGroup
	defer beat.Wait()
	defer cancel()
	beat.Go(func() {
		tick := time.NewTicker(lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if debrief.KindOf(l.Store.Extend(ctx, w, lease)) == debrief.Conflict {
					cancel()
					return
				}
			}
		}
	})
	return safely(ctx, fn)
}

// safely turns a panic into an error: one poisoned row must not take the
// server down, and with it every other row.
func safely(ctx context.Context, fn func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = debrief.Errorf(debrief.Internal, "", "the step panicked: %v\n%s", p, rdebug.Stack())
		}
	}()
	return fn(ctx)
}

// Plan enqueues the routines. Their keys are unique, so any number of
// processes may plan the same ones.
func (l *Loop) Plan(ctx context.Context) error {
	now := l.Now()
	reviews, err := l.unkept(ctx, now)
	if err != nil {
		return err
	}
	return l.Store.Update(ctx, func(tx *store.Tx) error {
		for _, w := range reviews {
			if err := tx.Enqueue(w); err != nil {
				return err
			}
		}
		if err := tx.Enqueue(store.Work{Kind: "purge", Key: "purge", Due: now}); err != nil {
			return err
		}
		for id, s := range l.Config.Services {
			if s.Version.Query == "" {
				continue
			}
			if err := tx.Enqueue(store.Work{Kind: "watch", Key: id, Due: now}); err != nil {
				return err
			}
		}
		for name, s := range l.Config.Services {
			svc, err := tx.Service(name, s.Sample)
			if err != nil {
				return err
			}
			if err := tx.SetAliases(svc.ID, s.Aliases); err != nil {
				return err
			}
		}
		if err := l.planFacts(tx); err != nil {
			return err
		}
		if err := l.planKinds(tx); err != nil {
			return err
		}
		if err := l.planPolls(tx, now); err != nil {
			return err
		}
		return l.planDaily(tx, now)
	})
}

// Kinds lists the kinds of work the loop does.
func Kinds() []string {
	var all []string
	for _, kinds := range pools {
		for _, k := range kinds {
			if !slices.Contains(all, k) {
				all = append(all, k)
			}
		}
	}
	return all
}
