package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

func exportMarkdownCmd(e *Env) *cobra.Command {
	var dsn string
	c := &cobra.Command{
		Use:   "markdown DIR",
		Short: "Write finished debriefs as a folder of Markdown",
		Long: `Writes every finished debrief as a page of Markdown, by year, with an index by gap: a
folder that reads well in a git repository. The same debriefs give the same files, so a
repository shows only what is new. Nothing in the folder is removed.

Exit codes: 0; 1 the database or the folder cannot be used; 2 wrong flags.`,
		Example: "  debrief export markdown docs/learned",
		Args:    between(1, 1, "the folder to write into"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			s, err := storeAt(ctx, e, dsn)
			if err != nil {
				return err
			}
			defer s.Close()
			var all []debrief.Debrief
			actions := map[string]debrief.Action{}
			for f := (store.ObjectFilter{Limit: 1000}); ; {
				list, next, err := s.Debriefs(ctx, f)
				if err != nil {
					return err
				}
				for _, d := range list {
					if d.ActionID == "" {
						continue
					}
					if actions[d.ActionID], err = s.Action(ctx, d.ActionID); err != nil {
						return err
					}
				}
				all = append(all, list...)
				if f.Before = next; next == "" {
					break
				}
			}
			dir := args[0]
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(e.Dir, dir)
			}
			pages := tell.Knowledge(all, actions, e.Now().Location())
			for _, p := range pages {
				file := filepath.Join(dir, filepath.FromSlash(p.Path))
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					return debrief.Errorf(debrief.Invalid, "DIR", "%w", err)
				}
				if err := os.WriteFile(file, []byte(p.Text), 0o644); err != nil {
					return debrief.Errorf(debrief.Invalid, "DIR", "%w", err)
				}
			}
			fmt.Fprintf(e.Stdout, "%d debriefs in %s\n", len(pages)-1, dir)
			return nil
		},
	}
	c.Flags().StringVar(&dsn, "db", "", "database: a file or postgres://… (default: the one debrief serve would use here)")
	return c
}
