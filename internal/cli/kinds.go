package cli

import (
	"encoding/json"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/tell"
)

func kindsCmd(e *Env) *cobra.Command {
	var base, head, file string
	var asJSON bool
	c := &cobra.Command{
		Use:   "kinds [PATH]",
		Short: "Say what kinds of change a diff is, and why",
		Long: `Looks at what differs in a git work tree and says which kinds of change that is (a
migration, a new dependency, a module nobody had touched for years…), by which rule
and because of which files. It needs no server, changes nothing and sends nothing.

With --base and --head it is what head brings on top of what it has in common with
base. Without --head it is the work tree, files git does not know yet included.
Without --base it is what is ahead of the main branch; on the main branch itself what
is not committed, and where that is nothing, the last commit. docs/kinds.md tells the
rules; a configuration file adds a team's own.

Exit codes: 0, whatever it is; 1 it is no repository, or git does not answer; 2 wrong
input.`,
		Example: "  debrief kinds\n  debrief kinds --base v1.4.1 --head HEAD\n  debrief kinds ../shop --json",
		Args:    between(0, 1, "at most one path"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := e.Dir
			if len(args) == 1 {
				if dir = args[0]; !filepath.IsAbs(dir) {
					dir = filepath.Join(e.Dir, dir)
				}
			}
			table, err := kindsTable(e, file)
			if err != nil {
				return err
			}
			d, err := diffOf(cmd.Context(), forge.Git{Dir: dir, Timeout: lookBackLimit}, table, base, head, e.Now())
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(e.Stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(d)
			}
			title := tell.Count(len(d.Files), "file", "files")
			return tell.SheetKinds(terminal(e), title, d.words(), d.Kinds, len(d.Files))
		},
	}
	f := c.Flags()
	f.StringVar(&base, "base", "", "commit, tag or branch it is held against (default: the main branch)")
	f.StringVar(&head, "head", "", "commit, tag or branch that is looked at (default: the work tree)")
	f.StringVar(&file, "config", "", "configuration file (YAML); default: ./debrief.yaml where it is")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// workDiff is what differs in a work tree, and what that is.
type workDiff struct {
	Base    string        `json:"base"`
	Head    string        `json:"head,omitempty"` // empty: the work tree
	Added   int           `json:"added"`
	Deleted int           `json:"deleted"`
	Files   []workFile    `json:"files"`
	Kinds   debrief.Kinds `json:"kinds"`
}

type workFile struct {
	Path    string   `json:"path"`
	Added   int      `json:"added"`
	Deleted int      `json:"deleted"`
	Kinds   []string `json:"kinds,omitempty"` // by itself
	Rules   []string `json:"rules,omitempty"`
}

func (d workDiff) words() string {
	to := "the work tree"
	if d.Head != "" {
		to = d.Head[:min(len(d.Head), 10)]
	}
	return tell.Count(d.Added, "line", "lines") + " added, " + tell.Count(d.Deleted, "line", "lines") + " deleted, from " + d.Base[:min(len(d.Base), 10)] + " to " + to
}
