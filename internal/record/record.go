// Package record is the ledger: events go in; deployments, releases and
// changes come out. Everything here is a pure function of the set of events:
// any order of arrival and any repetition gives the same result, so an object
// is never edited, only recomputed.
//
// Where events disagree, the better evidence wins, then the later event, then
// the greater event id. Evidence is better where the report says which
// environment it speaks of or names the deployment itself, and weaker where it
// only tells of the pipeline run around it (see weak).
package record

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// org is the service of events that name none: they float.
const org = "org"

// Keys are the names an event can be found by: equal keys mean "about the same
// thing". Besides a report's own keys there is one for its environment and
// commit, so that two sources telling of one deployment without a common key
// are loaded together, and one per commit, which links names (tags) to it.
func Keys(e debrief.Event) []string {
	var keys []string
	switch {
	case e.Report != nil:
		keys = append(keys, reportKeys(e)...)
		if c := short(e.Report.Commit); c != "" {
			if e.Report.Environment != "" {
				keys = append(keys, "commit/"+e.Report.Environment+"/"+c)
			}
			if e.Report.Version == "" && e.Report.Environment != "" {
				keys = append(keys, "name/"+c) // it would like to know its version's name
			}
		}
	case e.Change != nil && e.Change.Kind != "" && e.Change.Commit == "":
		keys = append(keys, "change/"+changeID(e))
	case e.Change != nil:
		if e.Change.Commit != "" {
			keys = append(keys, "change/"+e.Change.Repository+"/"+strings.ToLower(e.Change.Commit))
		}
		if n := e.Change.PullNumber; n > 0 { // its reviews know only its number
			keys = append(keys, "change/"+e.Change.Repository+"/pull/"+strconv.Itoa(n))
		}
	case e.Incident != nil:
		for _, k := range incidentKeys(e) {
			keys = append(keys, "incident/"+k)
		}
	case e.Ticket != nil:
		for _, k := range ticketKeys(e) {
			keys = append(keys, "ticket/"+k)
		}
	case e.Version != nil:
		if c := short(e.Version.Commit); c != "" {
			keys = append(keys, "name/"+c)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// reportKeys are the keys that make a deployment's identity; an event without
// one is its own.
func reportKeys(e debrief.Event) []string {
	if len(e.Report.Keys) == 0 {
		return []string{"event/" + e.ID}
	}
	return e.Report.Keys
}

// short is the part of a commit that everybody writes: sources that give
// seven characters and sources that give forty must meet.
func short(commit string) string {
	const enough = 7
	commit = strings.ToLower(commit)
	if len(commit) > enough {
		return commit[:enough]
	}
	return commit
}

// sameCommit compares commits of which one may be shortened.
func sameCommit(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	a, b = strings.ToLower(a), strings.ToLower(b)
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || len(a) >= 7 && strings.HasPrefix(b, a)
}

// weak reports an event that tells only of a pipeline run (every key names a
// run, as github/run/123 does) and not where it deployed to. A run that builds,
// tests, deploys to staging, waits and deploys to production says little about
// when each of its deployments began or how it ended.
func weak(e debrief.Event) bool {
	if e.Report.Environment != "" || len(e.Report.Keys) == 0 {
		return false
	}
	for _, k := range e.Report.Keys {
		if !isRun(k) {
			return false
		}
	}
	return true
}

// isRun reports a key that names a pipeline run: SOURCE/run/… or
// SOURCE/pipeline/…, by what the source calls it.
func isRun(key string) bool {
	_, rest, ok := strings.Cut(key, "/")
	return ok && (strings.HasPrefix(rest, "run/") || strings.HasPrefix(rest, "pipeline/"))
}

// settle brings events into the one order everything here works in, least
// convincing first, each only once.
func settle(events []debrief.Event) []debrief.Event {
	list := make([]debrief.Event, 0, len(events))
	seen := make(map[string]bool, len(events))
	for _, e := range events {
		if e.Kind == debrief.EventDeployment && e.Report == nil ||
			e.Kind == debrief.EventChange && e.Change == nil ||
			e.Kind == debrief.EventVersion && e.Version == nil ||
			e.Kind == debrief.EventIncident && e.Incident == nil ||
			e.Kind == debrief.EventTicket && e.Ticket == nil {
			continue // not an event
		}
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b debrief.Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID), a.Received.Compare(b.Received), cmp.Compare(a.Service, b.Service))
	})
	return slices.DeleteFunc(list, func(e debrief.Event) bool {
		again := seen[e.ID]
		seen[e.ID] = true
		return again
	})
}
