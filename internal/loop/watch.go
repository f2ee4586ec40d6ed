package loop

import (
	"context"
	"encoding/json"
	"math"
	"slices"
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

// sighting is a version that ran without a break from Since on. Open: it ran
// already where the window asked for begins, so it may be older.
type sighting struct {
	version string
	since   time.Time
	open    bool
}

// versions are the runs of versions seen lately, oldest first.
func (l *Loop) versions(ctx context.Context, cfg config.Service) ([]sighting, error) {
	p, ok := l.Sources[cfg.Version.Provider].(measure.SeriesProvider)
	if !ok {
		return nil, debrief.Errorf(debrief.Invalid, "version.provider", "%q is not a provider that answers with series", cfg.Version.Provider)
	}
	now := l.Now()
	step := l.Config.Looks.Step
	w := measure.Window{From: now.Add(-watched * step).Truncate(step), To: now, Step: step}
	all, err := p.Series(ctx, cfg.Version.Query, w)
	if err != nil {
		return nil, err
	}
	// Several instances of one version are one; a step without any is a gap in
	// the telemetry and ends nobody's run.
	seen, any := map[string]map[int]bool{}, map[int]bool{}
	for _, s := range all {
		version := s.Labels[cfg.Version.Label]
		if version == "" {
			continue
		}
		if seen[version] == nil {
			seen[version] = map[int]bool{}
		}
		for i, v := range s.Series.V {
			if !math.IsNaN(v) && v != 0 {
				at := int(s.Series.Start.Add(time.Duration(i)*step).Sub(w.From) / step)
				seen[version][at], any[at] = true, true
			}
		}
	}
	steps := make([]int, 0, len(any))
	for at := range any {
		steps = append(steps, at)
	}
	slices.Sort(steps)
	var out []sighting
	for _, version := range sorted(seen) {
		out = append(out, runsOf(version, seen[version], steps, w)...)
	}
	slices.SortStableFunc(out, func(a, b sighting) int { return a.since.Compare(b.since) })
	return out, nil
}

const (
	watched = 30 // steps of the past asked for each time
	away    = 2  // steps a version must be gone while others are seen, before it can come back
)

// runsOf are one version's runs over the steps at which any version was seen.
func runsOf(version string, seen map[int]bool, steps []int, w measure.Window) []sighting {
	var out []sighting
	gone := 0
	for i, at := range steps {
		if !seen[at] {
			gone++
			continue
		}
		if len(out) == 0 || gone >= away {
			out = append(out, sighting{version, debrief.Instant(w.From.Add(time.Duration(at) * w.Step)), i < away})
		}
		gone = 0
	}
	return out
}

// keepVersions adds what began to run, also where it ran before, and looks
// again at the release it followed. The first versions ever seen are where
// watching began.
func (l *Loop) keepVersions(tx *store.Tx, service string, found []sighting) error {
	seen, err := loadRunning(tx, service)
	if err != nil {
		return err
	}
	first, grew := len(seen) == 0, false
	var began time.Time
	if !first {
		began = seen[0].Watched
	}
	for _, v := range found {
		run := runningVersion{Version: v.version, Since: v.since}
		if first {
			// Ran before anybody watched: says nothing.
			run.Since, run.Watched = time.Time{}, debrief.Instant(l.Now())
		}
		if known(seen, run, v.open, found) || (!began.IsZero() && !v.since.After(began) && has(seen, v.version)) {
			continue
		}
		seen, grew = append(seen, run), true
	}
	if !grew {
		return nil
	}
	if len(seen) > 200 {
		seen = seen[len(seen)-200:]
		seen[0].Watched = began
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

// known reports whether a run is one that was recorded before. Of one that
// reaches beyond the window's begin it is not known when it began: it is a new
// one where the latest version recorded is another and is seen no more.
func known(seen []runningVersion, run runningVersion, open bool, found []sighting) bool {
	if !has(seen, run.Version) {
		return false
	}
	latest := seen[len(seen)-1]
	if open {
		return latest.Version == run.Version || slices.ContainsFunc(found, func(v sighting) bool { return v.version == latest.Version })
	}
	return slices.ContainsFunc(seen, func(v runningVersion) bool {
		return v.Version == run.Version && !v.Since.Before(run.Since)
	})
}

func has(seen []runningVersion, version string) bool {
	return slices.ContainsFunc(seen, func(v runningVersion) bool { return v.Version == version })
}
