package loop

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/learn"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// ReviewReader is what a review is reckoned from.
type ReviewReader interface {
	Services(ctx context.Context) ([]debrief.Service, error)
	Review(ctx context.Context, service, month string) (r debrief.Review, found bool, err error)
	Reviews(ctx context.Context, service, before string, limit int) ([]debrief.Review, error)
	EachLine(ctx context.Context, service string, from, to time.Time, each func(*debrief.ReleaseFacts)) error
	EachAnswer(ctx context.Context, service string, from, to time.Time, each func(debrief.Surprise)) error
	EachAlert(ctx context.Context, service string, from, to time.Time, each func(debrief.Incident)) error
	EachFinished(ctx context.Context, service string, from, to time.Time, each func(debrief.Debrief)) error
	Actions(ctx context.Context, f store.ObjectFilter, states ...debrief.ActionState) ([]debrief.Action, string, error)
}

// Reviewer looks back on months.
type Reviewer struct {
	read ReviewReader
	now  func() time.Time
	loc  *time.Location
	gate chan struct{} // a year of an organisation is held in memory once at a time
}

// NewReviewer makes one; loc is the team's time zone.
func NewReviewer(r ReviewReader, now func() time.Time, loc *time.Location) *Reviewer {
	if loc == nil {
		loc = time.UTC
	}
	return &Reviewer{read: r, now: now, loc: loc, gate: make(chan struct{}, 1)}
}

// Review is a month's review: as it was kept, or else (and where it is asked
// for again) reckoned from what is known now. Service: id, name or alias; empty:
// all of them.
func (v *Reviewer) Review(ctx context.Context, month, service string, again bool) (debrief.Review, error) {
	m, err := learn.ParseMonth(month, v.loc)
	if err != nil {
		return debrief.Review{}, err
	}
	if !m.From.Before(v.now()) {
		return debrief.Review{}, debrief.Errorf(debrief.Invalid, "month", "%s has not begun", m.Title())
	}
	services, err := v.read.Services(ctx)
	if err != nil {
		return debrief.Review{}, err
	}
	if service != "" {
		if service, err = serviceNamed(services, service); err != nil {
			return debrief.Review{}, err
		}
	}
	if !again {
		if r, found, err := v.read.Review(ctx, service, m.String()); err != nil || found {
			return r, err
		}
	}
	return v.reckon(ctx, m, service, services)
}

// Latest is the last month that is over.
func (v *Reviewer) Latest() learn.Month { return learn.MonthOf(v.now(), v.loc).Before(1) }

func serviceNamed(services []debrief.Service, name string) (string, error) {
	for _, s := range services {
		if s.ID == name {
			return s.ID, nil
		}
	}
	for _, s := range services {
		if strings.EqualFold(s.Name, name) {
			return s.ID, nil
		}
		for _, a := range s.Aliases {
			if strings.EqualFold(a, name) {
				return s.ID, nil
			}
		}
	}
	return "", debrief.Errorf(debrief.NotFound, "service", "no service %q", clipped(name)).WithHint("debrief services lists them")
}

func clipped(s string) string {
	const most = 100
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// reckon loads plain values, and lets learn look back.
func (v *Reviewer) reckon(ctx context.Context, m learn.Month, service string, services []debrief.Service) (debrief.Review, error) {
	select {
	case v.gate <- struct{}{}:
		defer func() { <-v.gate }()
	case <-ctx.Done():
		return debrief.Review{}, ctx.Err()
	}
	in := learn.Input{Month: m, Service: service, History: learn.NewHistory(v.loc), Names: map[string]string{}}
	for _, s := range services {
		in.Names[s.ID] = s.Name
	}
	from := learn.From(m)
	// Side by side: each fills a list of its own.
	g, loading := errgroup.WithContext(ctx)
	g.SetLimit(2)
	g.Go(func() error { return v.read.EachLine(loading, service, from, m.To, in.History.Add) })
	g.Go(func() error {
		return v.read.EachAlert(loading, service, from, m.To, func(i debrief.Incident) { in.Incidents = append(in.Incidents, i) })
	})
	g.Go(func() error {
		return v.read.EachAnswer(loading, service, from, m.To, func(s debrief.Surprise) { in.Surprises = append(in.Surprises, s) })
	})
	g.Go(func() error {
		return v.read.EachFinished(loading, service, from, m.To, func(d debrief.Debrief) { in.Debriefs = append(in.Debriefs, d) })
	})
	g.Go(func() (err error) {
		// An action may wait for longer than a review reaches back.
		in.Actions, err = allPages(store.ObjectFilter{Service: service, From: from.AddDate(-1, 0, 0), To: m.To}, func(f store.ObjectFilter) ([]debrief.Action, string, error) {
			return v.read.Actions(loading, f)
		})
		return err
	})
	if err := g.Wait(); err != nil {
		return debrief.Review{}, err
	}
	r := learn.Look(in)
	r.Running = v.now().Before(m.To)
	return r, v.since(ctx, &r)
}

// allPages reads a list to its end.
func allPages[T any](f store.ObjectFilter, page func(store.ObjectFilter) ([]T, string, error)) (all []T, err error) {
	f.Limit = 1000
	for {
		list, next, err := page(f)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if next == "" {
			return all, nil
		}
		f.Before = next
	}
}

// since says of each finding which kept review said it first, so that nobody
// reads the same thing as news each month.
func (v *Reviewer) since(ctx context.Context, r *debrief.Review) error {
	earlier, err := v.read.Reviews(ctx, r.Service, r.Month, learn.Reach)
	if err != nil {
		return err
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		for _, e := range earlier { // the latest first: the last one that said it is the first
			for _, x := range e.Findings {
				if x.ID == f.ID {
					f.Since = e.Month
				}
			}
		}
	}
	return nil
}

// workReview is the routine that looks back on a month once it is over. Its key
// is the month.
const workReview = "review"

// review keeps a month's review and says it once, where there is something to
// say. A month in which nothing real was released is not kept: history may
// still be imported.
func (l *Loop) review(ctx context.Context, w *store.Work) error {
	m, err := learn.ParseMonth(w.Key, l.Location)
	if err != nil {
		return l.Store.Bury(ctx, w, "a review's key is its month")
	}
	r, err := NewReviewer(l.Store, l.Now, l.Location).Review(ctx, w.Key, "", true)
	if err != nil {
		return err
	}
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		if r.Releases > 0 && !r.Sample {
			r.Kept = debrief.Instant(l.Now())
			first, err := tx.KeepReview(r)
			if err != nil {
				return err
			}
			link := ""
			if l.Config.URL != "" {
				link = strings.TrimRight(l.Config.URL, "/") + "/reviews/" + w.Key
			}
			if first && len(r.Findings) > 0 && l.Sender != nil {
				if err := tx.Post(debrief.Message{
					Key: "review/" + w.Key, Channel: "chat", Text: tell.ReviewMessage(r, link), Link: link,
					Created: debrief.Instant(l.Now()), State: debrief.MessageWaiting,
				}); err != nil {
					return err
				}
			}
		}
		next := m.Before(-1)
		return tx.Enqueue(store.Work{Kind: workReview, Key: next.String(), Due: l.reviewAt(next)})
	})
}

// unkept are the reviews to ask for: of the month that runs, and of the one
// before, where nobody was there to keep it.
func (l *Loop) unkept(ctx context.Context, now time.Time) ([]store.Work, error) {
	this := learn.MonthOf(now, l.Location)
	var out []store.Work
	for _, m := range []learn.Month{this.Before(1), this} {
		_, kept, err := l.Store.Review(ctx, "", m.String())
		if err != nil {
			return nil, err
		}
		if !kept {
			out = append(out, store.Work{Kind: workReview, Key: m.String(), Due: l.reviewAt(m)})
		}
	}
	return out, nil
}

// reviewAt is the moment of a month's review: the second day of the next one,
// when the watch window of its last release is over, at the hour of the daily
// line.
func (l *Loop) reviewAt(m learn.Month) time.Time { return l.dailyAt(m.Settled()) }
