package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

func importJSONLCmd(e *Env) *cobra.Command {
	var dsn string
	c := &cobra.Command{
		Use:   "jsonl FILE",
		Short: "Read an export back into an empty database",
		Long: `Reads what debrief export wrote into a database that holds nothing yet, all of
it or nothing. The database is then the same as the one that was exported,
whichever engine either uses. - reads standard input. No server may run on the
database meanwhile.

Exit codes: 0; 1 the file is no whole export, or the database holds something; 2 wrong flags.`,
		Example: `  debrief import jsonl debrief.jsonl --db postgres://debrief@db/debrief
  debrief export --db old.db | debrief import jsonl - --db new.db`,
		Args: between(1, 1, "the file debrief export wrote, or -"),
		RunE: func(cmd *cobra.Command, args []string) error {
			from := io.Reader(e.Stdin)
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return debrief.Errorf(debrief.Invalid, "", "cannot read the export: %w", err)
				}
				defer f.Close()
				from = f
			}
			s, err := storeAt(cmd.Context(), e, dsn)
			if err != nil {
				return err
			}
			defer s.Close()
			rows, err := s.Import(cmd.Context(), from)
			if err == nil {
				fmt.Fprintf(e.Stderr, "debrief: %d rows read in\n", rows)
			}
			return err
		},
	}
	c.Flags().StringVar(&dsn, "db", "", "database: a file or postgres://… (default: the one debrief serve would use here)")
	return c
}
