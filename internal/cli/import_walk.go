package cli

import (
	"context"
	"io"
	"time"

	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/past"
)

// walking is one pass over a repository's log.
type walking struct {
	log      forge.History
	services []past.Service
	before   []*past.Release
	main     string
	merges   bool
}

func (w walking) run(ctx context.Context, g forge.Git, sink past.Sink, step func(seen int)) error {
	walk := past.NewWalk(w.services, w.before, w.main, w.merges, sink)
	dirs := make([][]string, len(w.services))
	for i, s := range w.services {
		dirs[i] = s.Dirs
	}
	w.log.Format = past.LogFormat
	seen := 0
	err := g.Log(ctx, w.log, func(r io.Reader) error {
		return past.Read(r, dirs, func(c *past.Commit) error {
			seen++
			step(seen)
			return walk.Add(c)
		})
	})
	if err != nil {
		return err
	}
	return walk.Finish()
}

// rest is what of a repository is not imported yet. It leaves the tags that
// were in services (where they end what has to be read, also the walk's).
func (o importGit) rest(ctx context.Context, g forge.Git, h history, services []past.Service, cur *cursor, merges bool) (forge.History, []*past.Release, error) {
	log := forge.History{Tips: []string{h.main}}
	before := make([]*past.Release, len(services))
	if merges {
		if cur.Merge != "" && g.Has(ctx, cur.Merge) {
			parents, err := g.Parents(ctx, cur.Merge)
			if err != nil {
				return log, nil, err
			}
			log.Not = parents // the merge itself is met again: it comes before the next
		}
		return log, before, nil
	}
	// What every service has released already need not be read again. The
	// service whose last imported release is the oldest says how far that goes.
	var edge time.Time
	for i, s := range services {
		var last time.Time
		for _, t := range s.Tags {
			if cur.Released[s.Name][t.Name] {
				last = t.At
			}
		}
		if i == 0 || last.Before(edge) {
			edge = last
		}
	}
	for i, s := range services {
		kept := 0
		for _, t := range s.Tags {
			if !cur.Released[s.Name][t.Name] || t.At.After(edge) {
				break
			}
			if len(services) == 1 || t.At.Equal(edge) {
				log.Not = append(log.Not, t.Commit)
			}
			before[i] = &past.Release{Service: s.Name, Version: t.Name, Commit: t.Commit, At: t.At, Assumed: "tag"}
			kept++
		}
		services[i].Tags = s.Tags[kept:]
		for _, t := range services[i].Tags {
			log.Tips = append(log.Tips, t.Commit)
		}
	}
	return log, before, nil
}
