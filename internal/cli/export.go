package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

func exportCmd(e *Env) *cobra.Command {
	var dsn, file string
	var bare bool
	c := &cobra.Command{
		Use:   "export",
		Short: "Write everything debrief knows as JSON Lines",
		Long: `Writes everything in the database as JSON Lines: one row a line, each table in
the order of its keys, so that two exports of the same knowledge are the same
file. When things came stands apart, in "receipt". debrief import jsonl reads it
back to an identical database, also on the other engine. It works on the
database itself, beside a running server too, and sees one state of it.

The file holds what the database holds: masked payloads, hashes of tokens, the
key that signs sessions. Keep it as you keep the database.

Exit codes: 0; 1 the database or the file cannot be used; 2 wrong flags.`,
		Example: `  debrief export --output debrief.jsonl
  debrief export --db postgres://debrief@db/debrief | zstd > debrief.jsonl.zst`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := storeAt(cmd.Context(), e, dsn)
			if err != nil {
				return err
			}
			defer s.Close()
			if file == "" {
				_, err := s.Export(cmd.Context(), e.Stdout, !bare)
				return err
			}
			var rows int
			err = whole(file, func(w io.Writer) (err error) {
				rows, err = s.Export(cmd.Context(), w, !bare)
				return err
			})
			if err == nil {
				fmt.Fprintf(e.Stderr, "debrief: %d rows in %s\n", rows, file)
			}
			return err
		},
	}
	c.AddCommand(exportMarkdownCmd(e))
	c.Flags().StringVar(&dsn, "db", "", "database: a file or postgres://… (default: the one debrief serve would use here)")
	c.Flags().StringVarP(&file, "output", "o", "", "write here, readable by you only, once all is written (default: standard output)")
	c.Flags().BoolVar(&bare, "no-receipts", false, "leave out when things came, the queue, tokens and settings: for comparing, not for reading back")
	return c
}

// whole writes a file beside its place and moves it there once it is whole.
func whole(file string, write func(io.Writer) error) error {
	f, err := os.OpenFile(file+".part", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return debrief.Errorf(debrief.Invalid, "--output", "cannot write the file: %w", err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(file+".part", file)
	}
	if err != nil {
		_ = os.Remove(file + ".part")
	}
	return err
}
