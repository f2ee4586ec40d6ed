package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

// maxTable bounds one file.
const maxTable = 256 << 20

type importCSV struct {
	kind   string
	layout string
	zone   string
	comma  string
	env    string
	dry    bool
	db     string
}

func importCSVCmd(e *Env) *cobra.Command {
	var o importCSV
	c := &cobra.Command{
		Use:   "csv KIND FILE…",
		Short: "Bring in deployments, incidents, changes or tickets from tables",
		Long: `Reads tables of one kind (` + strings.Join(tableKinds(), ", ") + `) and sends every row to the
server; with --db they go into a database that a server will record when it runs
on it, or does already. The first line names the columns; docs/import.md lists them. Commas,
semicolons and tabs are told apart by that line, a byte order mark is skipped,
quotes follow RFC 4180. A file named - is standard input.

Everything is checked before anything is sent: where one row is wrong, nothing of
its file is sent, and each mistake is told by line and column with what to do.
Sending the same rows again changes nothing.

Exit codes: 0; 1 the server does not answer; 2 a file is wrong.`,
		Example: "  debrief import csv deployments deployments.csv\n  debrief import csv incidents pager.csv --time-format '02.01.2006 15:04' --time-zone Europe/Berlin --dry-run",
		Args:    between(2, 0, "a kind ("+strings.Join(tableKinds(), ", ")+") and the files"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.kind = args[0]
			t, err := o.reader(e)
			if err != nil {
				return err
			}
			c, done, err := takerFor(cmd.Context(), e, o.db, o.dry)
			if err != nil {
				return err
			}
			defer done() //nolint:errcheck // what was confirmed is kept
			for _, file := range args[1:] {
				if err := o.one(cmd.Context(), e, c, t, file); err != nil {
					return err
				}
			}
			return nil
		},
	}
	fs := c.Flags()
	fs.StringVar(&o.layout, "time-format", "", "how times are written, as Go does (02.01.2006 15:04), or unix or unix-ms (default: RFC 3339)")
	fs.StringVar(&o.zone, "time-zone", "UTC", "zone of times that name none")
	fs.StringVar(&o.comma, "separator", "", "what separates columns (default: told by the first line: , ; or tab)")
	fs.StringVar(&o.env, "env", "production", "environment of deployments that name none")
	fs.StringVar(&o.db, "db", "", "put it into this database (a file or postgres://…) instead of sending it to a server")
	fs.BoolVar(&o.dry, "dry-run", false, "check everything, send nothing")
	return c
}

func (o importCSV) one(ctx context.Context, e *Env, c *client, t table, file string) error {
	in := e.Stdin
	if file != "-" {
		at := file
		if !filepath.IsAbs(at) {
			at = filepath.Join(e.Dir, at)
		}
		f, err := os.Open(at)
		if err != nil {
			return debrief.Errorf(debrief.Invalid, "", "the table cannot be read: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxTable+1))
	if err != nil {
		return debrief.Errorf(debrief.Invalid, file, "cannot be read: %w", err)
	}
	if len(text) > maxTable {
		return debrief.Errorf(debrief.TooLarge, file, "larger than %d MiB", maxTable>>20).WithHint("split it: each row stands for itself")
	}
	items, wrong := t.read(text)
	if len(wrong) > 0 {
		for _, w := range wrong[:min(len(wrong), maxWrong)] {
			fmt.Fprintf(e.Stderr, "%s:%s\n", clean(file), w)
		}
		if n := len(wrong) - maxWrong; n > 0 {
			fmt.Fprintf(e.Stderr, "and %d more\n", n)
		}
		return debrief.Errorf(debrief.Invalid, clean(file), "%s; nothing of the file was sent", things(len(wrong), "mistake", "mistakes"))
	}
	send := &importer{from: "csv"}
	if !o.dry {
		send.c = c
	}
	for _, it := range items {
		if err := send.add(ctx, it); err != nil {
			return err
		}
	}
	if err := send.flush(ctx); err != nil {
		return err
	}
	if o.dry {
		fmt.Fprintf(e.Stdout, "%s: %s right; nothing was sent\n", clean(file), things(len(items), "row is", "rows are"))
		return nil
	}
	fmt.Fprintf(e.Stdout, "%s: %s sent, %s of them new to the server\n", clean(file), things(len(items), "row", "rows"), thousands(send.news))
	later(e, send)
	return nil
}

// later says who goes on where no server took it.
func later(e *Env, send *importer) {
	if send.c != nil && send.c.db != "" && send.news > 0 {
		fmt.Fprintln(e.Stdout, "  kept in the database; debrief serve on it records them")
	}
}

// maxWrong mistakes of one file are told.
const maxWrong = 20
