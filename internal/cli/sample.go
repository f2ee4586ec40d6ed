package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/story"
	"github.com/debriefhq/debrief/internal/story/org"
)

func sampleCmd(e *Env) *cobra.Command {
	s := sample{e: e}
	c := &cobra.Command{
		Use:   "sample",
		Short: "Fill an empty database with a made-up organisation",
		Long: `Makes up an organisation: services, teams, years of releases with pull requests,
pipelines, incidents, debriefs and actions, drawn from a seed. The same seed makes
the same organisation. What makes its releases fail, what grows and what helps is
planted; --truth writes down what. All of it is marked as sample, and never feeds the
verdict of a real release. docs/sample.md tells what there is to find.

The database must hold no service yet. debrief serve shows it afterwards.

With --out nothing is written into a database: the same organisation is written as
JSON Lines, one thing that happened a line. - is standard output.

Exit codes: 0; 1 the database holds something, or a file cannot be written; 2 wrong
flags.`,
		Example: `  debrief sample && debrief serve
  debrief sample --services 50 --releases 20000 --years 3 --seed 7 --db sample.db --truth truth.json
  debrief sample --out - | head`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd) },
	}
	f := c.Flags()
	f.IntVar(&s.o.Services, "services", 8, "how many services")
	f.IntVar(&s.o.Releases, "releases", 0, "how many planned releases over all of them; tries that failed, rollbacks and repairs come on top (default: one a week and service)")
	f.IntVar(&s.o.Years, "years", 1, "how many years")
	f.Uint64Var(&s.o.Seed, "seed", 7, "another number makes another organisation")
	f.StringVar(&s.end, "end", "", "the day it ends before, such as 2026-11-01 (default: yesterday)")
	f.BoolVar(&s.o.Shuffle, "shuffle", false, "deal out again what came of releases, within each service and quarter: nothing is left to be found")
	f.BoolVar(&s.facts, "facts", false, "write facts, incidents, debriefs and actions only, without the events behind them: for benchmarks over millions of releases")
	f.StringVar(&s.db, "db", "", "database: a file or postgres://… (default: the one debrief serve would use here)")
	f.StringVar(&s.out, "out", "", "write JSON Lines here and no database")
	f.StringVar(&s.truth, "truth", "", "write down here what was planted, as JSON")
	return c
}

type sample struct {
	e              *Env
	o              org.Options
	end            string
	facts          bool
	db, out, truth string
}

func (s *sample) run(cmd *cobra.Command) error {
	s.o.End = s.e.Now().UTC().AddDate(0, 0, -1)
	if s.end != "" {
		var err error
		if s.o.End, err = time.Parse(time.DateOnly, s.end); err != nil {
			return debrief.Errorf(debrief.Invalid, "--end", "%q is not a day such as 2026-11-01", s.end)
		}
		if s.o.End.After(s.e.Now()) {
			return debrief.Errorf(debrief.Invalid, "--end", "%s is still to come", s.end)
		}
	}
	o, err := org.New(s.o)
	if err != nil {
		return err
	}
	if s.out != "" {
		err = s.lines(o)
	} else {
		err = s.fill(cmd, o)
	}
	if err != nil || s.truth == "" {
		return err
	}
	return s.write(s.truth, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(o.Truth())
	})
}

// fill writes the organisation into a database.
func (s *sample) fill(cmd *cobra.Command, o *org.Org) error {
	cfg, err := loadConfig(s.e, "")
	if err != nil {
		return err
	}
	if s.db == "" {
		s.db = s.e.Getenv("DEBRIEF_DB")
	}
	if s.db != "" {
		cfg.DB = s.db
	}
	bar := progress{w: s.e.Stderr, live: isTerminal(s.e.Stderr)}
	services := len(o.Truth().Services)
	n, err := story.SampleOrg(cmd.Context(), cfg, s.e.Now(), o, s.facts, func(n story.Filled) {
		if bar.live {
			bar.show(fmt.Sprintf("%d of %d services", n.Services, services), "")
		}
	})
	bar.done()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.e.Stdout, "Made up: %s of %s, with %s and %s, until %s. All marked as sample, in %s.\n",
		counted(n.Releases, "release"), counted(n.Services, "service"), counted(n.Incidents, "incident"), counted(n.Debriefs, "debrief"),
		o.End.Format(time.DateOnly), cfg.DB)
	return nil
}

// lines writes the organisation as JSON Lines.
func (s *sample) lines(o *org.Org) error {
	return s.write(s.out, func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 64<<10)
		enc := json.NewEncoder(b)
		err := o.Walk(func(i org.Item) error {
			if err := enc.Encode(i); err != nil {
				return err
			}
			for _, ev := range i.Events() {
				if err := enc.Encode(map[string]debrief.Event{"event": ev}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return b.Flush()
	})
}

// write writes a whole file or none; - is standard output.
func (s *sample) write(file string, write func(io.Writer) error) error {
	if file == "-" {
		return write(s.e.Stdout)
	}
	return whole(file, write)
}
