package loop

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/store"
)

// watch asks which versions of a service run. A version that appears with no
// recorded deployment is a surprise of the release it followed.
func (l *Loop) watch(ctx context.Context, w *store.Work) error {
	every := max(l.Config.Looks.Step, 5*time.Second)
	cfg := l.service(w.Key)
	if cfg.Version.Query == "" {
		return l.Store.Finish(ctx, w, func(*store.Tx) error { return nil }) // no longer configured
	}
	found, err := l.versions(ctx, cfg)
	if err != nil {
		l.Log.Warn("cannot see which version runs", "service", w.Key, "err", err)
		return l.Store.Retry(ctx, w, l.Now().Add(max(every, time.Minute)), err.Error(), nil)
	}
	return l.Store.Retry(ctx, w, l.Now().Add(every), "", func(tx *store.Tx) error {
		return l.keepVersions(tx, debrief.Slug(w.Key), found)
	})
}

// versions are the versions seen lately and since when, oldest first.
func (l *Loop) versions(ctx context.Context, cfg config.Service) ([]runningVersion, error) {
	p, ok := l.Sources[cfg.Version.Provider].(measure.SeriesProvider)
	if !ok {
		return nil, debrief.Errorf(debrief.Invalid, "version.provider", "%q is not a provider that answers with series", cfg.Version.Provider)
	}
	now := l.Now()
	step := l.Config.Looks.Step
	all, err := p.Series(ctx, cfg.Version.Query, measure.Window{From: now.Add(-30 * step).Truncate(step), To: now, Step: step})
	if err != nil {
		return nil, err
	}
	var out []runningVersion
	for _, s := range all {
		version := s.Labels[cfg.Version.Label]
		if version == "" {
			continue
		}
		for i, v := range s.Series.V {
			if !math.IsNaN(v) && v != 0 {
				out = append(out, runningVersion{version, debrief.Instant(s.Series.Start.Add(time.Duration(i) * step))})
				break
			}
		}
	}
	return out, nil
}

// keepVersions adds versions not seen before and looks again at the release
// they appeared after. The first versions ever seen are where watching began.
func (l *Loop) keepVersions(tx *store.Tx, service string, found []runningVersion) error {
	seen, err := loadRunning(tx, service)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, v := range seen {
		known[v.Version] = true
	}
	first, grew := len(seen) == 0, false
	for _, v := range found {
		if known[v.Version] {
			continue
		}
		known[v.Version], grew = true, true
		if first {
			v.Since = time.Time{} // ran before anybody watched: says nothing
		}
		seen = append(seen, v)
	}
	if !grew {
		return nil
	}
	if len(seen) > 200 {
		seen = seen[len(seen)-200:]
	}
	data, err := json.Marshal(seen)
	if err != nil {
		return err
	}
	if err := tx.SaveChunk(service, runningMetric, time.Time{}, string(data)); err != nil {
		return err
	}
	for _, env := range l.Config.Production {
		ds, err := tx.Deployments(service, env, l.Now(), 3, 1)
		if err != nil {
			return err
		}
		for _, d := range ds {
			// A deployment in progress shows its version before it is told of:
			// the look a little later settles it.
			w := store.Work{Kind: "notice", Key: d.ID, Service: service, Due: l.Now().Add(2 * l.Config.Looks.Step)}
			if err := tx.Enqueue(w); err != nil {
				return err
			}
		}
	}
	return nil
}
