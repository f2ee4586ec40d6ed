package org

import (
	"slices"

	"github.com/debriefhq/debrief"
)

// told is a pull request as a forge tells it.
func (c *change) told(r *release, sim *simulation, d *dice) debrief.Change {
	x := debrief.Change{
		ID: c.id, Repository: r.s.repository(), Commit: c.commit, PullNumber: c.pull, Branch: "main", Commits: 1,
		AuthoredAt: c.committed, Committed: c.committed, Opened: c.opened, Reviewed: c.reviewed, Approved: c.approved, Merged: c.merged, Pushed: c.merged,
		Files: c.files, Added: c.added, Deleted: c.deleted, Paths: c.paths(r, d), Reverts: c.reverts, Bot: c.bot,
	}
	x.AuthorHash = debrief.ID("person", r.s.id, number(d.IntN(4+r.s.n%5)))
	x.Title = c.title(r, d)
	return x
}

// paths are the files a change touches.
func (c *change) paths(r *release, d *dice) []string {
	var out []string
	t := &r.s.tree
	add := func(path, module string) {
		for n := c.pull; ; n++ { // no two files of one name
			if p := fill(path, module, pick(d, pathWords), n); !slices.Contains(out, p) || n > c.pull+40 {
				out = append(out, p)
				return
			}
		}
	}
	modules := c.modules
	if len(modules) == 0 {
		modules = r.modules // what has to lie in some module lies in one of the release's
	}
	for _, m := range c.modules {
		word := pick(d, pathWords)
		for _, p := range t.code {
			out = append(out, fill(p, m, word, c.pull))
		}
	}
	for _, k := range c.kinds {
		m := pick(d, modules)
		for _, p := range t.kinds[k] {
			add(p, m)
		}
		if k == Large {
			m := pick(d, c.modules)
			for i := range largeFiles {
				out = append(out, fill(t.code[0], m, pathWords[i%len(pathWords)]+"_"+number(i), c.pull))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var (
	codeTitles = []string{"Handle empty %s", "Show more of %s", "Split %s in two", "Keep the order of %s", "Make %s faster", "Accept longer names in %s", "Log what %s decides", "Remove the old %s"}
	kindTitles = map[string][]string{
		Migration: {"Add a column to %s", "Index %s by customer", "Move %s to its own table"}, Dependency: {"Raise the versions of libraries", "Use the new client library"},
		Configuration: {"Raise the limit of %s", "Longer timeouts for %s"}, Infrastructure: {"Two more instances", "A bucket for %s"},
		APISchema: {"A field for %s in the API", "Deprecate the old %s call"}, Flag: {"Hide the new %s behind a flag", "Switch the new %s on"},
		UI: {"Show %s on small screens", "New colours for %s"}, CI: {"Cache the build", "Run tests side by side"}, Generated: {"Generate the client of %s anew"}, Large: {"Rewrite %s"},
	}
)

func (c *change) title(r *release, d *dice) string {
	module := r.modules[0]
	if len(c.modules) > 0 {
		module = c.modules[0]
	}
	text := ""
	switch {
	case c.reverts != "":
		return "Revert \"" + replaceModule(pick(d, codeTitles), module) + "\""
	case r.repairs != nil:
		return "Hotfix: mend " + module + " after " + r.repairs.version
	case c.bot:
		return "Bump the dependencies group with " + number(2+d.IntN(6)) + " updates"
	case len(c.kinds) > 0:
		text = pick(d, kindTitles[c.kinds[0]])
	default:
		text = pick(d, codeTitles)
	}
	return replaceModule(text, module)
}
