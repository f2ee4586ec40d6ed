// Package past reads what a git repository remembers: which tags were
// releases, which changes each release brought first, which were undone, which
// releases look like a hotfix. It is given the output of one git log and never
// runs git itself.
//
// The log comes newest first and every child before its parents (git's
// --topo-order). So what is known of a commit (the first release that holds it,
// the merge that brought it) can be handed from child to parent: only the open
// ends of history are kept in memory, however long it is.
package past

import "time"

// Tag is a name for a commit, and when it was given.
type Tag struct {
	Name   string
	Commit string
	At     time.Time
}

// Commit is one commit as git log told it. Name and Email never leave this
// package's callers but as a salted hash and as "a bot did it".
type Commit struct {
	ID        string
	Parents   []string
	Authored  time.Time // in the author's own time zone
	Committed time.Time // in the committer's own time zone
	Name      string
	Email     string
	Subject   string
	Body      string

	Files, Added, Deleted int
	Sized                 bool     // the sizes are known
	Paths                 []string // at most MaxPaths
	Touches               []bool   // by service: whether one of its paths changed
}

// MaxPaths is how many paths of one commit are kept.
const MaxPaths = 50

// Merge reports a commit that joins two lines of history.
func (c *Commit) Merge() bool { return len(c.Parents) > 1 }

// Landing is what the walk found out about a commit.
type Landing struct {
	Merged   time.Time // when it reached the main branch; zero: not known
	Pull     int       // pull or merge request; 0: none known
	Branch   string    // the branch it came from, where the merge named it
	Squashed bool      // one commit stands for a whole pull request
	Bot      bool      // a dependency bot made it
	Hotfix   bool      // its words or its branch say hotfix

	Revert   bool     // it undoes another change
	Undoes   string   // the commit it names, as it names it; may be empty
	Undone   *Undoing // it was undone later, and not landed again since
	Relanded bool     // it was undone and landed again
}

// Undoing is how a change was undone.
type Undoing struct {
	Commit string
	At     time.Time
}

// Release is one version that went out.
type Release struct {
	Service  string
	Version  string
	Commit   string
	At       time.Time
	Assumed  string // what stands for a deployment nobody told of: "tag" or "merge"
	Subject  string // of the commit, where it is known
	Previous *Release
}
