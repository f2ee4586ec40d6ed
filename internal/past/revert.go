package past

import (
	"regexp"
	"strconv"
	"strings"
)

// What undoes a change names it: by commit ("This reverts commit 1234abc", as
// git, GitHub and GitLab write), by pull or merge request ("Reverts
// owner/name#12", "This reverts merge request !12"), or by its title.
var (
	revertsCommit = regexp.MustCompile(`(?i)\bth(?:is|e following) reverts? (?:commit|changeset)s?:?\s+([0-9a-f]{7,64})`)
	revertsPull   = regexp.MustCompile(`(?im)^\s*(?:this )?reverts? (?:(?:pull request|merge request|pr|mr) )?(?:[\w.-]+(?:/[\w.-]+)*)?[#!](\d{1,9})\b`)
	revertTitle   = regexp.MustCompile(`(?i)^(?:\[[^\]]*\]\s*|[\w./-]+:\s*)?(revert|reapply|reland|roll ?back)\b[:\s]*(?:"(.*)")?`)
	pullTitle     = regexp.MustCompile(`\s*\(#(\d{1,9})\)\s*$`)
	mergePull     = regexp.MustCompile(`^Merge pull request #(\d{1,9}) from (?:[^/\s]+/)?(\S+)`)
	mergeBranch   = regexp.MustCompile(`^Merge (?:remote-tracking )?branch '([^']+)'`)
	seeMerge      = regexp.MustCompile(`(?m)^See merge request \S*!(\d{1,9})\s*$`)
)

// undoing is what a commit says it undoes.
type undoing struct {
	commits []string
	pull    int
	title   string
}

func undoes(c *Commit) (undoing, bool) {
	var u undoing
	if len(c.Body) > 12 { // most have no body, or none that speaks of it
		if strings.Contains(c.Body, "evert") {
			for _, m := range revertsCommit.FindAllStringSubmatch(c.Body, 8) {
				u.commits = append(u.commits, strings.ToLower(m[1]))
			}
			if m := revertsPull.FindStringSubmatch(c.Body); m != nil {
				u.pull, _ = strconv.Atoi(m[1])
			}
		}
	}
	m := revertTitle.FindStringSubmatch(c.Subject)
	if m == nil {
		return u, len(u.commits) > 0
	}
	u.title = titleKey(m[2])
	if strings.EqualFold(m[1], "reapply") || strings.EqualFold(m[1], "reland") {
		// git calls the revert of a revert so, and names the revert's commit;
		// its title is not that of the commit.
		u.title = titleKey(`Revert "` + m[2] + `"`)
		return u, len(u.commits) > 0 || m[2] != ""
	}
	return u, len(u.commits) > 0 || u.pull > 0 || m[2] != ""
}

// titleKey is a title without the number a squash put behind it.
func titleKey(s string) string { return strings.TrimSpace(pullTitle.ReplaceAllString(s, "")) }

// maxOpen bounds what is remembered of reverts whose change was not met yet.
const maxOpen = 100_000

// reverts remembers what was undone, until the log reaches it. The log comes
// newest first, so a revert is met before what it undoes, and a revert of a
// revert before both.
type reverts struct {
	commits map[string][]open // by the first 7 characters
	pulls   map[int]open
	titles  map[string]open
}

type open struct {
	full     string
	by       Undoing
	relanded bool
}

func newReverts() reverts {
	return reverts{map[string][]open{}, map[int]open{}, map[string]open{}}
}

// see tells what is known of a commit, and takes note of what it undoes.
func (r *reverts) see(c *Commit, l *Landing) {
	found, was := r.find(c, l.Pull)
	if was && !found.relanded {
		by := found.by
		l.Undone = &by
	}
	l.Relanded = was && found.relanded
	u, ok := undoes(c)
	if !ok {
		return
	}
	l.Revert = true
	if len(u.commits) > 0 {
		l.Undoes = u.commits[0]
	}
	o := open{by: Undoing{Commit: c.ID, At: c.Committed}, relanded: l.Undone != nil}
	r.remember(u, o)
}

func (r *reverts) remember(u undoing, o open) {
	if len(r.commits)+len(r.pulls)+len(r.titles) >= maxOpen {
		return
	}
	for _, id := range u.commits {
		o := o
		o.full = id
		r.commits[id[:7]] = append(r.commits[id[:7]], o)
	}
	if len(u.commits) > 0 {
		return // the commit is the best name; the others would only be guesses
	}
	if u.pull > 0 {
		r.pulls[u.pull] = o
	} else if u.title != "" {
		r.titles[u.title] = o
	}
}

// find is what undid a commit. The newest word stands: a change that was
// undone, landed again and undone once more is undone.
func (r *reverts) find(c *Commit, pull int) (open, bool) {
	if len(c.ID) >= 7 {
		for i, o := range r.commits[c.ID[:7]] {
			if strings.HasPrefix(c.ID, o.full) {
				r.commits[c.ID[:7]] = append(r.commits[c.ID[:7]][:i:i], r.commits[c.ID[:7]][i+1:]...)
				return o, true
			}
		}
	}
	if o, ok := r.pulls[pull]; ok && pull > 0 {
		if !c.Merge() {
			// A pull request of several commits is undone as a whole.
			return o, true
		}
	}
	if len(r.titles) > 0 {
		if t := titleKey(c.Subject); t != "" {
			if o, ok := r.titles[t]; ok {
				delete(r.titles, t)
				return o, true
			}
		}
	}
	return open{}, false
}
