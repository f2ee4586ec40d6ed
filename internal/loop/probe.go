package loop

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/store"
)

// probeSet is what this process's probes have measured and not yet saved.
type probeSet struct {
	mu   sync.Mutex
	held map[probeKey]*held
}

type probeKey struct{ service, name string }

// held is one target's probings of the hour under way and the one before: an
// hour's row is written whole, and an answer may come after its hour ended.
type held struct {
	found []measure.Probing
	dirty bool
}

// probeCoarse is the share of failures that must have been visible before
// probes say "steady". They are few and asked on purpose: neither judge.min_n,
// which is about too little traffic, nor a margin made for thousands of
// requests fits them. One in four of the 24 there are in five minutes is an
// outage seen; a single lost one is not.
const probeCoarse = 0.25

const (
	probeLease = 30 * time.Second // a dead prober is replaced after this
	probeSave  = 10 * time.Second // how much a crash may lose
)

// probeName names a target within its service, and its rows.
func probeName(p config.Probe) string {
	if p.Name != "" {
		return p.Name
	}
	return p.URL
}

// probeTitle is what a person calls a target: its name, else host and path.
// What a query carries may be long or private and tells targets apart seldom.
func probeTitle(p config.Probe) string {
	u, err := url.Parse(p.URL)
	if p.Name != "" || err != nil || u.Host == "" {
		return probeName(p)
	}
	return u.Host + strings.TrimSuffix(u.Path, "/")
}

// runProbes asks every configured target all the time. A leased work row names
// the one prober, so that several servers on one database do not probe twice.
func (l *Loop) runProbes(ctx context.Context, wg *sync.WaitGroup) {
	l.probes.held = map[probeKey]*held{}
	for name, s := range l.Config.Services {
		for _, p := range s.Probes {
			wg.Go(func() { l.keepProbing(ctx, debrief.Slug(name), p) })
		}
	}
}

func (l *Loop) keepProbing(ctx context.Context, service string, p config.Probe) {
	kind := "probe " + service + " " + probeName(p)
	for ctx.Err() == nil {
		err := l.Store.Update(ctx, func(tx *store.Tx) error {
			return tx.Enqueue(store.Work{Kind: kind, Key: kind, Service: service, Due: l.Now()})
		})
		var w *store.Work
		if err == nil {
			w, err = l.Store.Claim(ctx, []string{kind}, probeLease)
		}
		if err == nil && w != nil {
			err = l.probe(ctx, w, service, p)
		}
		if err != nil && ctx.Err() == nil {
			l.Log.Warn("the probe stopped and starts over", "service", service, "target", probeName(p), "err", err)
		}
		timer := time.NewTimer(probeLease / 3) // somebody else probes, or the store is away
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// probe asks one target on a steady beat until ctx ends or the lease is lost.
// A slow answer does not delay the next question: a service that got slow must
// not be asked less often for it.
func (l *Loop) probe(ctx context.Context, w *store.Work, service string, p config.Probe) error {
	target := measure.Target{Name: probeName(p), URL: p.URL, Timeout: p.Timeout}
	prober, err := measure.NewProber([]measure.Target{target}, nil, l.Now)
	if err != nil {
		return err
	}
	key := probeKey{service, probeName(p)}
	if err := l.takeUp(ctx, key); err != nil {
		return err
	}
	beat := time.NewTicker(p.Every)
	defer beat.Stop()
	var asking sync.WaitGroup
	defer asking.Wait()
	room := make(chan struct{}, 4) // a target that hangs is asked by four at most
	saved, leased := l.Now(), l.Now()
	defer func() {
		asking.Wait()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = l.saveProbes(last, key) // best effort: ten seconds may be lost anyway
		_ = l.Store.Retry(last, w, l.Now(), "", nil)
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
		}
		select {
		case room <- struct{}{}:
			asking.Go(func() {
				defer func() { <-room }()
				l.note(ctx, key, prober.Probe(ctx, target))
			})
		default:
			l.note(ctx, key, measure.Probing{At: l.Now(), Took: p.Timeout, Problem: measure.TimedOut})
		}
		now := l.Now()
		if now.Sub(saved) >= probeSave {
			if err := l.saveProbes(ctx, key); err != nil {
				return err
			}
			saved = now
		}
		if now.Sub(leased) >= probeLease/3 {
			if err := l.Store.Extend(ctx, w, probeLease); err != nil {
				return err
			}
			leased = now
		}
	}
}

// takeUp loads what an earlier prober saved of these hours.
func (l *Loop) takeUp(ctx context.Context, key probeKey) error {
	hour := measure.Hour(l.Now())
	h := &held{}
	chunks, err := l.Store.Chunks(ctx, key.service, "probe "+key.name, hour.Add(-time.Hour), hour.Add(time.Hour))
	if err != nil && debrief.KindOf(err) != debrief.NotFound {
		return err
	}
	for _, c := range chunks {
		found, err := measure.DecodeChunk(c.Data)
		if err != nil {
			return err
		}
		h.found = append(h.found, found...)
	}
	l.probes.mu.Lock()
	defer l.probes.mu.Unlock()
	l.probes.held[key] = h
	return nil
}

// note keeps one probing. One that was cut off by our own shutdown says
// nothing about the target.
func (l *Loop) note(ctx context.Context, key probeKey, found measure.Probing) {
	if ctx.Err() != nil {
		return
	}
	l.probes.mu.Lock()
	defer l.probes.mu.Unlock()
	h := l.probes.held[key]
	h.found, h.dirty = append(h.found, found), true
}

// saveProbes writes the hours held.
func (l *Loop) saveProbes(ctx context.Context, key probeKey) error {
	l.probes.mu.Lock()
	h := l.probes.held[key]
	if h == nil || !h.dirty {
		l.probes.mu.Unlock()
		return nil
	}
	hours := map[time.Time][]measure.Probing{}
	for _, p := range h.found {
		at := measure.Hour(p.At)
		hours[at] = append(hours[at], p)
	}
	now := measure.Hour(l.Now())
	h.dirty = false
	h.found = slices.Concat(hours[now.Add(-time.Hour)], hours[now])
	l.probes.mu.Unlock()
	err := l.Store.Update(ctx, func(tx *store.Tx) error {
		svc, err := tx.Service(key.service, false)
		if err != nil {
			return err
		}
		for at, found := range hours {
			if err := tx.SaveChunk(svc.ID, "probe "+key.name, at, measure.EncodeChunk(at, found)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.probes.mu.Lock()
		h.dirty = true
		l.probes.mu.Unlock()
	}
	return err
}

// probeQuestions are the probes' response times and failures, as metrics.
func (l *Loop) probeQuestions(ctx context.Context, x Exam) ([]measured, error) {
	var out []measured
	w := l.window(x)
	titles := map[string]int{}
	for _, p := range x.Config.Probes {
		titles[probeTitle(p)]++
	}
	for _, p := range x.Config.Probes {
		key := probeKey{x.Service, probeName(p)}
		if err := l.saveProbes(ctx, key); err != nil {
			return nil, err
		}
		chunks, err := l.Store.Chunks(ctx, x.Service, "probe "+key.name, measure.Hour(w.From), w.To)
		if err != nil && debrief.KindOf(err) != debrief.NotFound {
			return nil, err
		}
		var found []measure.Probing
		for _, c := range chunks {
			ps, err := measure.DecodeChunk(c.Data)
			if err != nil {
				return nil, err
			}
			found = append(found, ps...)
		}
		r, err := measure.ProbeSeries(found, w)
		if err != nil {
			return nil, err
		}
		title := probeTitle(p)
		if titles[title] > 1 {
			title = key.name // two that differ in their queries only
		}
		slow := l.question(x, string(debrief.Latency))
		slow.Histogram, slow.Quantile, slow.MinN = &r.Whole, 0.5, 0
		failed := l.question(x, string(debrief.Errors))
		failed.Kind, failed.Series, failed.MinN = judge.Share, r.Errors, 0
		failed.Coarse = max(failed.Coarse, probeCoarse)
		out = append(out,
			measured{metric: config.Metric{Name: "response time of " + title, Role: string(debrief.Latency), Unit: "s"}, q: slow},
			measured{metric: config.Metric{Name: "failures of " + title, Role: string(debrief.Errors), Unit: "%"}, q: failed})
	}
	return out, nil
}
