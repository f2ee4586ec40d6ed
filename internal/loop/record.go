package loop

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/record"
	"github.com/debriefhq/debrief/internal/store"
)

// record turns one envelope into events and recomputes what they touch.
func (l *Loop) record(ctx context.Context, w *store.Work) error {
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		env, err := tx.Envelope(w.Key)
		if err != nil {
			return err
		}
		if env.Source == LogSource {
			return l.recordLogs(tx, env)
		}
		src, err := l.inbound(env.Source)
		if err != nil {
			return tx.SettleEnvelope(env.ID, "rejected", err.Error())
		}
		events, err := src.Parse(l.request(env))
		switch debrief.KindOf(err) {
		case debrief.Ignored:
			return l.reject(tx, env.ID, "ignored", err)
		case debrief.Invalid, debrief.TooLarge:
			return l.reject(tx, env.ID, "rejected", err)
		}
		if err != nil {
			return err
		}
		return l.accept(tx, env.ID, events)
	})
}

// request is an envelope as its source reads it, with what the configuration
// says of that source now.
func (l *Loop) request(env debrief.Envelope) ingest.Request {
	cfg := l.Config.Sources[env.Source]
	return ingest.Request{
		Header: env.Header, Body: env.Body, Received: env.Received, Key: env.Key, Digest: env.Digest,
		Labels: cfg.ServiceLabels, Incident: cfg.IncidentLabels,
	}
}

func (l *Loop) placeAll(tx *store.Tx, events []debrief.Event) ([]debrief.Event, error) {
	out := make([]debrief.Event, len(events))
	for i, e := range events {
		var err error
		if out[i], err = l.place(tx, e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (l *Loop) applyPlaced(tx *store.Tx, events []debrief.Event) error {
	byService := byServiceOf(events)
	for _, service := range sorted(byService) {
		if err := tx.SaveEvents(byService[service], record.Keys); err != nil {
			return err
		}
	}
	return l.touch(tx, byService)
}

func byServiceOf(events []debrief.Event) map[string][]debrief.Event {
	out := map[string][]debrief.Event{}
	for _, e := range events {
		out[e.Service] = append(out[e.Service], e)
	}
	return out
}

// touch recomputes what the events are connected with.
func (l *Loop) touch(tx *store.Tx, byService map[string][]debrief.Event) error {
	var incidents, tickets []string // their keys
	for _, service := range sorted(byService) {
		var keys, changed []string
		for _, e := range byService[service] {
			switch {
			case e.Incident != nil:
				incidents = append(incidents, record.Keys(e)...)
				continue
			case e.Ticket != nil:
				tickets = append(tickets, record.Keys(e)...)
				continue
			case e.Change != nil:
				changed = append(changed, record.Keys(e)...)
			}
			keys = append(keys, record.Keys(e)...)
		}
		if err := l.changes(tx, service, changed); err != nil {
			return err
		}
		if len(keys) == 0 {
			continue
		}
		services, keys, err := l.concerned(tx, service, set(keys))
		if err != nil {
			return err
		}
		for _, s := range services {
			if err := l.recompute(tx, s, keys); err != nil {
				return err
			}
		}
	}
	return l.objects(tx, incidents, tickets)
}

// changes rebuilds the changes that are told of by events with these keys: a
// commit that was pushed and the pull request that merged it are one change.
func (l *Loop) changes(tx *store.Tx, service string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	events, err := tx.Linked(service, keys)
	if err != nil {
		return err
	}
	// What is told of it to nobody in particular is kept there: whether it came
	// before or after must not matter.
	events = slices.DeleteFunc(events, func(e debrief.Event) bool { return e.Service != service })
	cs := record.Changes(events)
	if err := tx.SaveChanges(service, cs); err != nil {
		return err
	}
	if err := l.askKinds(tx, service); err != nil {
		return err
	}
	if err := l.blameFlips(tx, service, cs); err != nil {
		return err
	}
	if err := l.noticeMerged(tx, service, cs); err != nil {
		return err
	}
	ids := make([]string, len(cs))
	for i, c := range cs {
		ids[i] = c.ID
	}
	return l.askFacts(tx, service, "", ids) // what was told late of a change that shipped
}

// recompute rebuilds a service's deployments that are connected by keys, and
// the releases around them.
func (l *Loop) recompute(tx *store.Tx, service string, keys []string) error {
	events, err := tx.Linked(service, keys)
	if err != nil {
		return err
	}
	c, err := l.claim(tx, service, events)
	if err != nil {
		return err
	}
	ds, absorbed := record.Deployments(c.mine)
	for i := range ds {
		ds[i].Service = service
		if l.Config.Keep.NoOutput {
			ds[i].Output, ds[i].Command = "", ""
		}
	}
	if err := tx.SaveDeployments(service, ds, absorbed); err != nil {
		return err
	}
	left, err := l.leave(tx, service, c, ds, absorbed)
	if err != nil {
		return err
	}
	if err := l.rebuild(tx, service, append(left, ds...)); err != nil {
		return err
	}
	return l.noticeStaging(tx, service, ds)
}

// rebuild makes the releases around touched deployments anew. What an import
// brings at once may lie years apart, with more in between than is loaded at a
// time: then there is more than one neighbourhood.
func (l *Loop) rebuild(tx *store.Tx, service string, touched []debrief.Deployment) error {
	moments := map[string][]time.Time{}
	for _, d := range touched {
		if l.production(d.Environment) {
			moments[d.Environment] = append(moments[d.Environment], d.Times.First())
		}
	}
	for _, env := range sorted(moments) {
		slices.SortFunc(moments[env], time.Time.Compare)
		var until time.Time // what was made anew reaches so far
		for i, at := range moments[env] {
			if i > 0 && !at.After(until) {
				continue
			}
			var err error
			if until, err = l.releases(tx, service, env, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// distant is after everything that was deployed.
var distant = time.UnixMicro(1 << 62).UTC()

// around is how many deployments on either side of a touched one are loaded:
// enough to know what ran before it, bounded however long the history is.
const around = 40

// releases rebuilds the releases of one environment from the touched moment on.
func (l *Loop) releases(tx *store.Tx, service, env string, at time.Time) (until time.Time, err error) {
	ds, err := tx.Deployments(service, env, at, around, around)
	if err != nil {
		return at, err
	}
	rs := record.Releases(ds)
	// The first release before the touched one is rewritten too: its NextAt moves.
	start := 0
	for i, r := range rs {
		if r.Started.Before(at) {
			start = i
		}
	}
	for start > 0 && !rs[start].Live() {
		start--
	}
	changed := rs[start:]
	until = distant
	if i := slices.IndexFunc(ds, func(d debrief.Deployment) bool { return d.Times.First().After(at) }); i >= 0 && len(ds)-i == around && len(changed) > 2 {
		// More may follow than was loaded: the last one's next is not known here,
		// nor whether it is all of its release.
		changed = changed[:len(changed)-1]
		// What was touched shortly before is the last one's previous: that one has
		// to be made anew with its own neighbourhood.
		until = changed[max(len(changed)-6, 0)].Started
	}
	keep := map[string]bool{}
	for _, r := range rs {
		keep[r.ID] = true
	}
	var gone []string
	for _, d := range ds {
		if !keep[d.ID] {
			gone = append(gone, d.ID)
		}
	}
	if err := l.suspectNoMore(tx, service, gone); err != nil {
		return at, err
	}
	if err := tx.DeleteReleases(service, gone); err != nil {
		return at, err
	}
	byID := map[string]debrief.Deployment{}
	for _, d := range ds {
		byID[d.ID] = d
	}
	for i := range changed {
		n, err := l.countChanges(tx, changed[i], byID)
		if err != nil {
			return at, err
		}
		changed[i].Changes = n
	}
	if err := tx.SaveReleases(service, changed); err != nil {
		return at, err
	}
	if err := l.askKinds(tx, service); err != nil {
		return at, err
	}
	for _, r := range changed {
		if err := l.cancelLooks(tx, r); err != nil {
			return at, err
		}
		if err := l.planLooks(tx, r); err != nil {
			return at, err
		}
		if err := tx.Enqueue(store.Work{Kind: "notice", Key: r.ID, Service: service, Due: l.Now()}); err != nil {
			return at, err
		}
	}
	return until, nil
}

// countChanges says how many changes a release carries and links them: from
// the work tree where it told, else from what the forge pushed between the two
// commits. -1: that cannot be said.
func (l *Loop) countChanges(tx *store.Tx, r debrief.Release, byID map[string]debrief.Deployment) (int, error) {
	this, ok := byID[r.ID]
	prev := byID[r.PreviousID]
	if !ok || prev.ID == "" {
		return -1, nil
	}
	var pushed []debrief.Change
	if this.Commit != "" || this.Git != nil {
		var err error
		if pushed, err = tx.Changes(r.Service, prev.Times.First().Add(-pushedBefore), this.Times.First()); err != nil {
			return -1, err
		}
	}
	shipped, known := record.Shipped(prev, this, pushed)
	if !known {
		return -1, nil
	}
	ids := make([]string, len(shipped))
	for i, c := range shipped {
		ids[i] = c.ID
	}
	if err := tx.SaveChanges(r.Service, shipped); err != nil {
		return -1, err
	}
	return len(ids), tx.LinkChanges(r.Service, this.ID, ids)
}

// pushedBefore is how long before the previous release its own commit may have
// been pushed: where the range of what shipped begins.
const pushedBefore = 60 * 24 * time.Hour

// noticeStaging looks again at the releases that a staging deployment told late
// is held against: those of the same version, and the next after it.
func (l *Loop) noticeStaging(tx *store.Tx, service string, ds []debrief.Deployment) error {
	ds = slices.DeleteFunc(slices.Clone(ds), func(d debrief.Deployment) bool { return !l.staging(d.Environment) })
	if len(ds) == 0 {
		return nil
	}
	latest := slices.MaxFunc(ds, func(a, b debrief.Deployment) int { return a.Times.First().Compare(b.Times.First()) })
	for _, env := range l.Config.Production {
		// What an import brings at once is held against one list, not each against its own.
		near, err := tx.Deployments(service, env, latest.Times.First(), around*min(len(ds), 500), around)
		if err != nil {
			return err
		}
		asked := map[string]bool{}
		for _, d := range ds {
			next := false
			for _, p := range near {
				after := !next && p.Times.First().After(d.Times.First())
				next = next || after
				if asked[p.ID] || !after && (p.Version == "" || p.Version != d.Version) {
					continue
				}
				asked[p.ID] = true
				if err := tx.Enqueue(store.Work{Kind: "notice", Key: p.ID, Service: service, Due: l.Now()}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (l *Loop) production(env string) bool { return named(l.Config.Production, env) }
func (l *Loop) staging(env string) bool    { return named(l.Config.Staging, env) }

func named(names []string, env string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, env) })
}

// LogSource is the source of envelopes that carry a follower's counts.
const LogSource = "logs"

// LogBatch is the body of such an envelope.
type LogBatch struct {
	Service  string           `json:"service"`
	Patterns []store.LogCount `json:"patterns"`
}

func (l *Loop) recordLogs(tx *store.Tx, env debrief.Envelope) error {
	var b LogBatch
	if err := json.Unmarshal(env.Body, &b); err != nil {
		return tx.SettleEnvelope(env.ID, "rejected", err.Error())
	}
	svc, err := tx.Service(b.Service, false)
	if err != nil {
		return err
	}
	if err := tx.SaveLogCounts(svc.ID, b.Patterns); err != nil {
		return err
	}
	return tx.SettleEnvelope(env.ID, "done", "")
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
