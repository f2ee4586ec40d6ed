package cli

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
)

// Limits that keep git from holding a deployment up.
const (
	headLimit     = 2 * time.Second // before the command starts
	previousLimit = time.Second     // asking the server, while it runs
	rangeLimit    = 20 * time.Second
	gitGrace      = 2 * time.Second // that git may still take after the command has ended
)

// previous is the answer of GET /api/v1/deployments/previous.
type previous struct {
	Found   bool   `json:"found"`
	ID      string `json:"id"`
	Version string `json:"version"`
	Commit  string `json:"commit"`
}

// gitOf is the work tree a deployment runs in; the salt hashes authors.
func gitOf(e *Env, limit time.Duration) forge.Git {
	return forge.Git{Dir: e.Dir, Timeout: limit, Salt: e.Getenv("DEBRIEF_AUTHOR_SALT")}
}

// serviceGit is what git knows about one service's deployment.
type serviceGit struct {
	Service string
	Facts   debrief.GitFacts
}

// gatherGit finds what ships: the commits between each service's previous
// deployment and this one. It runs beside the command.
func gatherGit(ctx context.Context, e *Env, c *client, f deployFlags, head forge.Head) (all []serviceGit, warnings []string) {
	limit := previousLimit
	if spoolOf(e).silent(c.base, e.Now()) {
		limit = silentLimit
	}
	known := map[string]debrief.GitFacts{} // services deployed together mostly share a previous commit
	for _, service := range f.services {
		var prev previous
		q := url.Values{"service": {service}, "environment": {f.env}}
		if f.target != "" {
			q.Set("target", f.target)
		}
		err := within(ctx, limit, func(ctx context.Context) error {
			return c.do(ctx, "GET", deploymentsPath+"/previous?"+q.Encode(), nil, &prev)
		})
		if err != nil || !prev.Found || !commitShape.MatchString(prev.Commit) {
			prev.Commit = "" // a server that is down is told about once, elsewhere
		}
		facts, ok := known[prev.Commit]
		if !ok {
			facts, err = gitOf(e, rangeLimit).Between(ctx, head.Repository, prev.Commit, head.Commit)
			if err != nil && ctx.Err() == nil {
				warnings = append(warnings, err.Error())
			}
			facts = fitGit(facts)
			known[prev.Commit] = facts
		}
		all = append(all, serviceGit{Service: service, Facts: facts})
	}
	return all, warnings
}

// sameGit reports whether one report can carry the facts of all services.
func sameGit(all []serviceGit) bool {
	for _, g := range all {
		if g.Facts.From != all[0].Facts.From {
			return false
		}
	}
	return len(all) > 0
}

// maxGit keeps a report below what the server takes in one request (1 MiB).
const maxGit = 600 << 10

// fitGit leaves out what would make the report too large: first paths of single
// commits, of those with many before those with few, then the oldest commits.
// The counts stay whole.
func fitGit(g debrief.GitFacts) debrief.GitFacts {
	if size(g) <= maxGit {
		return g
	}
	g.Truncated = true
	g.Commits = slices.Clone(g.Commits)
	for most := 4000; size(g) > maxGit && most > 0; most /= 2 {
		forge.FewerPaths(g.Commits, most)
	}
	if size(g) > maxGit {
		forge.FewerPaths(g.Commits, 0)
	}
	for len(g.Commits) > 0 && size(g) > maxGit {
		g.Commits = g.Commits[:len(g.Commits)*3/4]
	}
	for len(g.Paths) > 0 && size(g) > maxGit {
		g.Paths = g.Paths[:len(g.Paths)/2]
	}
	return g
}

func size(v any) int {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types: they can always be written
	}
	return len(b)
}
