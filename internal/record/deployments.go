package record

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// scope is what a key's deployment is unique in: one pipeline run that deploys
// to staging and then to production is two deployments.
type scope struct{ service, environment, target string }

// Deployments recomputes every deployment the events tell of. absorbed maps
// the ids a deployment had, or could have had under another of its keys, to
// its id: the least key's.
//
// Two reports are one deployment where they share a key (also through a third)
// and agree on service, environment and target. A report that leaves one of
// these out floats: it belongs to every deployment it shares a key with, and
// is none by itself, except that a missing target may be the only one there is.
// A pipeline run's key links what is told of one deployment, but never two
// deployments that were each given a name of their own (see connected).
// Besides, reports of different sources are one deployment where they agree on
// all three and on the commit, and start within 30 minutes.
func Deployments(events []debrief.Event) (ds []debrief.Deployment, absorbed map[string]string) {
	var reports []debrief.Event
	names := map[string]string{} // short commit → name
	for _, e := range settle(events) {
		switch {
		case e.Kind == debrief.EventDeployment:
			reports = append(reports, e)
		case e.Kind == debrief.EventVersion && e.Version.Commit != "":
			names[short(e.Version.Commit)] = e.Version.Name // the latest wins
		}
	}
	absorbed = map[string]string{}
	own := map[string]bool{} // ids of keys within their own scope
	for _, g := range groups(reports) {
		d := merge(g.scope, g.events, names)
		ds = append(ds, d)
		for _, k := range d.Keys {
			// A run's key may be shared: it leads to the first of them.
			if id := g.scope.id(k); !own[id] {
				own[id], absorbed[id] = true, d.ID
			}
			if g.scope.target != "" { // before its target was known
				general := g.scope
				general.target = ""
				if id := general.id(k); absorbed[id] == "" {
					absorbed[id] = d.ID
				}
			}
		}
	}
	// A report without a target may have stood with one of them, until that
	// turned out to be another deployment.
	for _, d := range ds {
		for _, o := range ds {
			if o.Service != d.Service || o.Environment != d.Environment || o.Target == d.Target {
				continue
			}
			there := scope{o.Service, o.Environment, o.Target}
			for _, k := range d.Keys {
				if id := there.id(k); absorbed[id] == "" {
					absorbed[id] = d.ID
				}
			}
		}
	}
	for _, d := range ds {
		delete(absorbed, d.ID) // an id that stands for itself is no redirect
	}
	slices.SortFunc(ds, func(a, b debrief.Deployment) int {
		return cmp.Or(a.Times.First().Compare(b.Times.First()), cmp.Compare(a.ID, b.ID))
	})
	return ds, absorbed
}

func (s scope) id(key string) string {
	return debrief.ID("deployment", s.service, s.environment, s.target, key)
}

// said is the scope an event speaks of; empty parts float.
func said(e debrief.Event) scope {
	service := e.Service
	if service == org {
		service = ""
	}
	return scope{service, e.Report.Environment, e.Report.Target}
}

// allows reports whether an event that says s can be about a deployment in t.
func (s scope) allows(t scope) bool {
	return (s.service == "" || s.service == t.service) &&
		(s.environment == "" || s.environment == t.environment) &&
		(s.target == "" || s.target == t.target)
}

// group is one deployment's events, in settled order.
type group struct {
	scope  scope
	events []debrief.Event
}

func groups(reports []debrief.Event) []group {
	var scopes []scope
	seen := map[scope]bool{}
	for _, e := range reports {
		s := said(e)
		if s.service != "" && s.environment != "" && !seen[s] {
			seen[s] = true
			scopes = append(scopes, s)
		}
	}
	// Targets first: a report without one joins those it shares a key with,
	// and stands for itself only where there are none.
	slices.SortFunc(scopes, func(a, b scope) int {
		return cmp.Or(
			cmp.Compare(b2i(a.target == ""), b2i(b.target == "")), cmp.Compare(a.service, b.service),
			cmp.Compare(a.environment, b.environment), cmp.Compare(a.target, b.target),
		)
	})
	placed := make([]bool, len(reports)) // reports that found a target
	var all []group
	for _, s := range scopes {
		var members []int
		for i, e := range reports {
			if said(e).allows(s) && (s.target != "" || !placed[i]) {
				members = append(members, i)
			}
		}
		var here []group
		for _, part := range connected(reports, members) {
			g := group{scope: s}
			firm := false
			for _, i := range part {
				g.events = append(g.events, reports[i])
				firm = firm || said(reports[i]) == s
			}
			if !firm {
				continue
			}
			for _, i := range part {
				if w := said(reports[i]); s.target != "" && w.target == "" && w.service != "" && w.environment != "" {
					placed[i] = true
				}
			}
			here = append(here, g)
		}
		all = append(all, sameCommitGroups(here)...)
	}
	return all
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// together is how near two sources' starts must be to mean one deployment.
const together = 30 * time.Minute

// sameCommitGroups joins groups of one scope that different sources told of
// without a common key. A source never reports one deployment under two keys,
// so groups that have a source in common stay apart.
func sameCommitGroups(gs []group) []group {
	slices.SortStableFunc(gs, func(a, b group) int {
		return cmp.Or(a.start().Compare(b.start()), cmp.Compare(a.least(), b.least()))
	})
	var out []group
next:
	for _, g := range gs {
		for i := range out {
			if out[i].joins(g) {
				out[i].events = union(out[i].events, g.events)
				continue next
			}
		}
		out = append(out, g)
	}
	return out
}

func (g group) joins(h group) bool {
	if !sameCommit(g.commit(), h.commit()) || h.start().Sub(g.start()).Abs() > together {
		return false
	}
	for _, a := range g.events {
		for _, b := range h.events {
			if a.Source == b.Source && !weak(a) && !weak(b) {
				return false
			}
		}
	}
	return true
}

// union keeps settled order.
func union(a, b []debrief.Event) []debrief.Event {
	seen := map[string]bool{}
	var out []debrief.Event
	for _, e := range append(slices.Clone(a), b...) {
		if !seen[e.ID] {
			seen[e.ID] = true
			out = append(out, e)
		}
	}
	return settle(out)
}

// commit is the commit said together with the environment: the index that
// loads events for this comparison knows only those.
func (g group) commit() string {
	c := ""
	for _, e := range g.events {
		if e.Report.Environment != "" && e.Report.Commit != "" {
			c = e.Report.Commit
		}
	}
	return c
}

// start is when a group began, as its firm events say; where none says so, the
// first moment they speak of. How long it was queued or waited for somebody is
// no part of it: another source may only see what came after.
func (g group) start() time.Time {
	var started, first time.Time
	for _, e := range g.events {
		if weak(e) {
			continue
		}
		earliest(&started, e.Report.Times.Started)
		earliest(&first, pick(e.Report.Times.Queued, e.At))
	}
	return pick(started, first)
}

// Met reports whether what one source tells of one deployment (all of mine) may
// be about a deployment that others tell of: the same environment and commit,
// begun within 30 minutes, from another source.
func Met(mine, others []debrief.Event) bool {
	g := group{events: settle(mine)}
	environment := ""
	for _, e := range mine {
		environment = pickText(environment, e.Report.Environment)
	}
	var there []debrief.Event
	for _, e := range others {
		if e.Report != nil && (e.Report.Environment == environment || e.Report.Environment == "") {
			there = append(there, e)
		}
	}
	for _, part := range byKeys(there, debrief.EventDeployment, reportKeys) {
		if g.joins(group{events: part}) {
			return true
		}
	}
	return false
}

func pickText(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// Commits are the keys among an event's that name its environment and commit.
func Commits(keys []string) []string {
	var commits []string
	for _, k := range keys {
		if strings.HasPrefix(k, "commit/") {
			commits = append(commits, k)
		}
	}
	return commits
}

func (g group) least() string {
	least := ""
	for _, e := range g.events {
		for _, k := range reportKeys(e) {
			if least == "" || strings.Compare(k, least) < 0 {
				least = k
			}
		}
	}
	return least
}
