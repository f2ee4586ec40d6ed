package cli

import (
	"context"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/kinds"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/past"
)

// kindsTable is debrief's rules with those of the configuration, where there is one.
func kindsTable(e *Env, file string) (*kinds.Table, error) {
	cfg, err := loadConfig(e, file)
	if err != nil {
		return nil, err
	}
	return loop.KindsTable(cfg)
}

// diffOf sorts what differs between two commits of a work tree, or between one
// and the work tree.
func diffOf(ctx context.Context, g forge.Git, table *kinds.Table, base, head string, now time.Time) (workDiff, error) {
	var d workDiff
	at, err := g.Commit(ctx, "HEAD")
	if err != nil {
		return d, err
	}
	if head != "" {
		if at, err = g.Commit(ctx, head); err != nil || at == "" {
			return d, debrief.Errorf(debrief.Invalid, "--head", "%q is no commit of this repository", head)
		}
		d.Head = at
	}
	if d.Base, err = baseOf(ctx, g, base, at, &d); err != nil {
		return d, err
	}
	files, err := g.Diff(ctx, d.Base, d.Head)
	if err != nil {
		return d, err
	}
	in := kinds.Diff{Total: len(files)}
	d.Files = []workFile{}
	for _, f := range files {
		one := kinds.File{Path: f.Path, Added: f.Added, Deleted: f.Deleted, Sized: f.Sized, Lines: f.Lines, Read: f.Read}
		in.Files = append(in.Files, one)
		in.Added += f.Added
		in.Deleted += f.Deleted
		w := workFile{Path: f.Path, Added: f.Added, Deleted: f.Deleted}
		for _, r := range table.Sort(kinds.Diff{Files: []kinds.File{one}}, nil).Why {
			if r.Count > 0 {
				w.Kinds, w.Rules = append(w.Kinds, r.Kind), append(w.Rules, r.Rules...)
			}
		}
		d.Files = append(d.Files, w)
	}
	d.Added, d.Deleted = in.Added, in.Deleted
	when := now
	if d.Head != "" {
		if when, err = g.Committed(ctx, d.Head); err != nil {
			return d, err
		}
	}
	before, err := treePast(ctx, g, table, d.Base, at, in, when)
	if err != nil {
		return d, err
	}
	d.Kinds = table.Sort(in, before)
	return d, nil
}

// baseOf is the commit a diff begins at: what head and base have in common.
func baseOf(ctx context.Context, g forge.Git, base, at string, d *workDiff) (string, error) {
	if base != "" {
		from, err := g.Commit(ctx, base)
		if err != nil || from == "" {
			return "", debrief.Errorf(debrief.Invalid, "--base", "%q is no commit of this repository", base).WithHint("a shallow clone may lack it: fetch it first")
		}
		if common, err := g.MergeBase(ctx, from, at); err == nil && common != "" {
			return common, nil
		}
		return from, nil
	}
	if main, _, err := g.Main(ctx); err == nil && main != at {
		if common, err := g.MergeBase(ctx, main, at); err == nil && common != "" && common != at {
			return common, nil
		}
	}
	if d.Head == "" && g.Dirty(ctx) {
		return at, nil
	}
	// Nothing is ahead and nothing is changed: the last commit.
	d.Head = at
	parents, err := g.Parents(ctx, at)
	if err != nil {
		return "", err
	}
	if len(parents) == 0 {
		return "", debrief.Errorf(debrief.NotFound, "", "the repository has one commit only, so nothing differs").WithHint("--base names what it is held against")
	}
	return parents[0], nil
}

// askedModules bounds how many modules are asked when they were last touched.
const askedModules = 40

// treePast is what the history before a commit says of the modules a diff
// touches, and which tests stand beside their code.
func treePast(ctx context.Context, g forge.Git, table *kinds.Table, base, at string, d kinds.Diff, when time.Time) (*kinds.Past, error) {
	before := kinds.NewPast(table.Limits())
	var touches []kinds.Touch
	err := g.Log(ctx, forge.History{Tips: []string{base}, Since: when.AddDate(0, -table.Limits().Months, 0), Format: past.LogFormat, NoSizes: true}, func(r io.Reader) error {
		return past.Read(r, nil, func(c *past.Commit) error {
			if !c.Merge() {
				touches = append(touches, table.Remember(debrief.Change{ID: c.ID, Title: c.Subject, AuthorHash: c.Email, Paths: c.Paths, Bot: debrief.DependencyBot(c.Name) || debrief.DependencyBot(c.Email)}, c.Committed))
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(touches, func(a, b kinds.Touch) int { return a.At.Compare(b.At) })
	recent := map[string]bool{}
	for _, t := range touches {
		for _, m := range t.Modules {
			recent[m] = true
		}
	}
	asked := 0
	for _, m := range modulesOf(d) {
		if recent[m] || asked == askedModules {
			continue
		}
		asked++
		text, err := g.LastTouched(ctx, base, m)
		if err != nil {
			return nil, err
		}
		if sec, err := strconv.ParseInt(text, 10, 64); err == nil {
			before.Knew(m, time.Unix(sec, 0))
		}
	}
	for _, t := range touches {
		before.Advance(t.At)
		before.Add(t)
	}
	before.Advance(when)
	tree, err := g.Tree(ctx, at)
	if err != nil {
		return nil, err
	}
	for _, f := range d.Files { // those of the work tree too
		tree = append(tree, f.Path)
	}
	before.Beside(table.Tests(tree))
	return before, nil
}

func modulesOf(d kinds.Diff) []string {
	var all []string
	for _, f := range d.Files {
		if m := debrief.Module(f.Path); m != debrief.ModuleTop && !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}
