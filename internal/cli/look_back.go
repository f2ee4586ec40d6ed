package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/kinds"
	"github.com/debriefhq/debrief/internal/past"
)

// lookBackLimit ends a git that hangs; a large repository takes a minute.
const lookBackLimit = 30 * time.Minute

func lookBackCmd(e *Env) *cobra.Command {
	var since, by string
	var asJSON bool
	c := &cobra.Command{
		Use:   "look-back PATH",
		Short: "A first picture of a git repository's past: no server, no configuration",
		Long: `Reads a git repository and says what its past looks like: releases over time,
how long changes took to be released, what was undone and which releases look
like a repair, where those lie, and what would be worth asking. It needs no
server and no configuration, sends nothing anywhere, and names no person.

Releases are the tags that read like a version; where there are fewer than two,
every merge to the main branch stands in for one and is labelled so. A change
counts for the first release that holds it. docs/import.md tells the rules.

Exit codes: 0; 1 it is no repository, or git does not answer; 2 wrong input.`,
		Example: "  debrief look-back .\n  debrief look-back ../shop --since 2024-01-01 --json",
		Args:    between(1, 1, "the path of one git repository"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if by != "" && by != "tags" && by != "merges" {
				return debrief.Errorf(debrief.Invalid, "--by", "%q is neither tags nor merges", by)
			}
			pic, err := lookBack(cmd.Context(), e, args[0], since, by)
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(e.Stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(pic)
			}
			return printPicture(terminal(e), pic, args[0])
		},
	}
	fs := c.Flags()
	fs.StringVar(&since, "since", "", "first day, as in 2024-01-01 (default: the last 24 months)")
	fs.StringVar(&by, "by", "", "what stands for releases: tags or merges (default: tags where there are any)")
	fs.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// lookBack reads a repository's last months and paints them.
func lookBack(ctx context.Context, e *Env, path, since, by string) (past.Picture, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.Dir, path)
	}
	g := forge.Git{Dir: path, Timeout: lookBackLimit, Salt: "never kept"}
	h, err := historyOf(ctx, g)
	if err != nil {
		return past.Picture{}, err
	}
	now := debrief.Instant(e.Now())
	from := now.AddDate(-2, 0, 0)
	if h.last.Before(now.AddDate(0, -6, 0)) { // nothing new: its own last months
		from = h.last.AddDate(-2, 0, 0)
	}
	if since != "" {
		if from, err = time.Parse(time.DateOnly, since); err != nil {
			return past.Picture{}, debrief.Errorf(debrief.Invalid, "--since", "%q is no day", since).WithHint("for example --since 2024-01-01")
		}
	}
	bar := progress{w: e.Stderr, live: isTerminal(e.Stderr)}
	begun, seen := e.Now(), 0
	defer bar.done()
	step := func() {
		if seen++; bar.live && seen%500 == 0 && e.Now().Sub(begun) > time.Second {
			bar.show("reading", fmt.Sprintf("%d commits", seen))
		}
	}
	noSizes := g.Sizeless(ctx)
	rules, _ := kinds.New(kinds.Options{}) // debrief's own: it needs no configuration
	for {
		p := past.NewPainter(h.repository, from, now)
		p.Kinds = kindsOfCommit(rules)
		err = h.walk(ctx, g, from, by, noSizes, p.Sink(), step)
		if errors.Is(err, forge.ErrContents) && !noSizes {
			noSizes = true
			continue
		}
		if err != nil {
			return past.Picture{}, err
		}
		return p.Picture(h.known), nil
	}
}

// kindsOfCommit says what a commit is by its files alone.
func kindsOfCommit(rules *kinds.Table) func(*past.Commit) []string {
	return func(c *past.Commit) []string {
		k := rules.Sort(kinds.Of(debrief.Change{Paths: c.Paths, Files: c.Files, Added: c.Added, Deleted: c.Deleted}), nil)
		if k.Primary == debrief.KindCode {
			return append(k.Names, k.Primary)
		}
		return k.Names
	}
}

// history is what is known of a repository before its log is read.
type history struct {
	repository string
	main       string // commit
	branch     string
	last       time.Time // of the main branch
	known      past.Recognised
}

func historyOf(ctx context.Context, g forge.Git) (history, error) {
	var h history
	head, err := g.Head(ctx)
	if err != nil {
		return h, err
	}
	h.repository = cmp.Or(head.Repository, folderName(g.Dir))
	if h.main, h.branch, err = g.Main(ctx); err != nil {
		return h, err
	}
	if h.last, err = g.Committed(ctx, h.main); err != nil {
		return h, err
	}
	tags, err := g.Tags(ctx)
	if err != nil {
		return h, err
	}
	list := make([]past.Tag, len(tags))
	for i, t := range tags {
		list[i] = past.Tag{Name: t.Name, Commit: t.Commit, At: t.At}
	}
	h.known = past.Recognise(list, h.repository)
	for i, s := range h.known.Services {
		if s.Prefix != "" {
			h.known.Services[i].Dirs = g.Folders(ctx, h.main, s.Prefix)
		}
	}
	return h, nil
}

// folderName is what a repository without a remote is called.
func folderName(dir string) string {
	name := filepath.Base(dir)
	if name == ".git" {
		name = filepath.Base(filepath.Dir(dir))
	}
	return strings.TrimSuffix(name, ".git")
}

// walk reads the history from a moment on.
func (h history) walk(ctx context.Context, g forge.Git, from time.Time, by string, noSizes bool, sink past.Sink, step func()) error {
	log := forge.History{Tips: []string{h.main}, NoSizes: noSizes}
	var services []past.Service
	var before []*past.Release
	count := 0
	several := len(h.known.Services) > 1
	start := from
	if several {
		// What one service has released another may still wait for: nothing
		// can be left out by tags, so the time before is read as well.
		start = from.AddDate(-1, 0, 0)
		log.Since = start
	}
	for _, s := range h.known.Services {
		i, _ := slices.BinarySearchFunc(s.Tags, start, func(t past.Tag, at time.Time) int { return t.At.Compare(at) })
		var prev *past.Release
		for _, t := range s.Tags[:i] {
			if !several {
				log.Not = append(log.Not, t.Commit)
			}
			prev = &past.Release{Service: s.Name, Version: t.Name, Commit: t.Commit, At: t.At, Assumed: "tag"}
		}
		s.Tags = s.Tags[i:]
		for _, t := range s.Tags {
			log.Tips = append(log.Tips, t.Commit)
			if !t.At.Before(from) {
				count++
			}
		}
		services, before = append(services, s), append(before, prev)
	}
	merges := by == "merges" || by == "" && count < 2
	if merges {
		services, before = []past.Service{{Name: h.repository}}, nil
		log.Tips, log.Not = []string{h.main}, nil
	}
	if len(log.Not) == 0 && log.Since.IsZero() {
		log.Since = from
	}
	return walking{log: log, services: services, before: before, main: h.main, merges: merges}.run(ctx, g, sink, func(int) { step() })
}
