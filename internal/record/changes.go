package record

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Changes recomputes the changes the events tell of. A squash-merged pull
// request and the commit it became are one change.
func Changes(events []debrief.Event) []debrief.Change {
	byID := map[string]int{}
	var list, reviews []debrief.Change
	for _, e := range settle(events) {
		if e.Kind != debrief.EventChange {
			continue
		}
		if e.Change.Commit == "" && e.Change.Kind == "" {
			reviews = append(reviews, *e.Change) // said of a pull request before it had a commit
			continue
		}
		c := *e.Change
		c.ID = changeID(e)
		if c.Kind != "" && c.Live.IsZero() {
			c.Live = e.At
		}
		i, ok := byID[c.ID]
		if !ok {
			byID[c.ID] = len(list)
			list = append(list, c)
			continue
		}
		list[i] = mergeChange(list[i], c)
	}
	for _, r := range reviews {
		for i := range list {
			if c := &list[i]; r.PullNumber > 0 && c.PullNumber == r.PullNumber && c.Repository == r.Repository {
				earliest(&c.Reviewed, r.Reviewed)
				earliest(&c.Approved, r.Approved)
			}
		}
	}
	slices.SortFunc(list, func(a, b debrief.Change) int { return cmp.Or(a.Landed().Compare(b.Landed()), cmp.Compare(a.ID, b.ID)) })
	return list
}

// changeID names a change: a commit by itself; what took effect without one by
// who told of it, since nobody else gave it a name.
func changeID(e debrief.Event) string {
	c := e.Change
	switch {
	case c.ID != "":
		return c.ID
	case c.Kind == "" || c.Commit != "":
		return debrief.ID("change", c.Repository, c.Commit)
	}
	return debrief.ID("change", c.Kind, e.ID)
}

// mergeChange joins what two sources say of one commit; a's word stands where
// both say something and b comes later in settled order, except that moments
// keep the earliest and sizes the known ones.
func mergeChange(a, b debrief.Change) debrief.Change {
	merge, title := a, b.Title
	if isMerge(a.Title) || title == "" {
		title = a.Title // a merge commit stays recognisable as one
	}
	merge.Title = title
	say(&merge.Kind, b.Kind)
	say(&merge.URL, b.URL)
	say(&merge.Branch, b.Branch)
	for _, t := range []struct {
		to *time.Time
		at time.Time
	}{
		{&merge.Live, b.Live},
		{&merge.AuthoredAt, b.AuthoredAt},
		{&merge.Committed, b.Committed},
		{&merge.Pushed, b.Pushed},
		{&merge.Opened, b.Opened},
		{&merge.Merged, b.Merged},
		{&merge.Reviewed, b.Reviewed},
		{&merge.Approved, b.Approved},
	} {
		earliest(t.to, t.at)
	}
	for _, n := range []struct {
		to *int
		n  int
	}{
		{&merge.PullNumber, b.PullNumber},
		{&merge.Commits, b.Commits},
		{&merge.Files, b.Files},
		{&merge.Added, b.Added},
		{&merge.Deleted, b.Deleted},
	} {
		*n.to = max(*n.to, n.n)
	}
	if len(b.Paths) > len(merge.Paths) {
		merge.Paths = b.Paths
	}
	say(&merge.AuthorHash, b.AuthorHash)
	say(&merge.Reverts, b.Reverts)
	merge.Squashed = merge.Squashed || b.Squashed
	merge.Bot = merge.Bot || b.Bot
	return merge
}

// isMerge reports a commit that only joins branches.
func isMerge(title string) bool {
	for _, p := range []string{"Merge pull request #", "Merge branch ", "Merge remote-tracking branch ", "Merge tag ", "Merge commit "} {
		if strings.HasPrefix(title, p) {
			return true
		}
	}
	return false
}

// atMost bounds the changes of one release.
const atMost = 5000

// Shipped lists the changes that this deployment newly brought, newest first
// and without merge commits. known is false where that cannot be said: nothing
// ran before (never "since the beginning of time"), or neither the work tree
// nor the repository's pushes tell what lies between the two commits.
func Shipped(prev, this debrief.Deployment, changes []debrief.Change) (shipped []debrief.Change, known bool) {
	if prev.ID == "" {
		return nil, false
	}
	if sameVersion(&prev, &this) {
		return nil, true
	}
	if g := this.Git; g != nil && g.From != "" && (prev.Commit == "" || sameCommit(g.From, prev.Commit)) {
		return bounded(detailed(g, changes)), true
	}
	if prev.Commit == "" || this.Commit == "" {
		return nil, false
	}
	if sameCommit(prev.Commit, this.Commit) {
		return nil, true
	}
	order := slices.DeleteFunc(slices.Clone(changes), func(c debrief.Change) bool { return c.Kind != "" }) // those did not ship, they happened
	slices.SortFunc(order, func(a, b debrief.Change) int {
		return cmp.Or(a.Landed().Compare(b.Landed()), a.Committed.Compare(b.Committed), cmp.Compare(a.ID, b.ID))
	})
	from := slices.IndexFunc(order, func(c debrief.Change) bool { return sameCommit(c.Commit, prev.Commit) })
	to := slices.IndexFunc(order, func(c debrief.Change) bool { return sameCommit(c.Commit, this.Commit) })
	if from < 0 || to < 0 || order[from].Repository != order[to].Repository {
		return nil, false
	}
	if to < from {
		return nil, true // back to an earlier commit: nothing new
	}
	for _, c := range order[from+1 : to+1] {
		if c.Repository == order[to].Repository {
			shipped = append(shipped, c)
		}
	}
	return newestFirst(shipped), true
}

// detailed are the work tree's commits with what the forge knows of them.
func detailed(g *debrief.GitFacts, changes []debrief.Change) []debrief.Change {
	byCommit := map[string]debrief.Change{}
	for _, c := range changes {
		byCommit[strings.ToLower(c.Commit)] = c
	}
	list := make([]debrief.Change, 0, len(g.Commits))
	for _, c := range g.Commits {
		if c.Repository == "" {
			c.Repository = g.Repository
		}
		if c.ID == "" {
			c.ID = debrief.ID("change", c.Repository, c.Commit)
		}
		if known, ok := byCommit[strings.ToLower(c.Commit)]; ok && c.Commit != "" {
			known.ID = cmp.Or(known.ID, c.ID)
			c = mergeChange(known, c)
		}
		list = append(list, c)
	}
	return list
}

func newestFirst(list []debrief.Change) []debrief.Change {
	slices.SortStableFunc(list, func(a, b debrief.Change) int { return b.Landed().Compare(a.Landed()) })
	return bounded(list)
}

// bounded drops merge commits, keeps git's own order, and ends at a limit.
func bounded(list []debrief.Change) []debrief.Change {
	list = slices.DeleteFunc(list, func(c debrief.Change) bool { return isMerge(c.Title) })
	return list[:min(len(list), atMost)]
}
