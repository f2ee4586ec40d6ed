package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

func judgeLogsCmd(e *Env) *cobra.Command {
	var ids, asJSON bool
	c := &cobra.Command{
		Use:   "logs",
		Short: "Sort raw log lines into patterns, without a setting or an expression",
		Long: `Reads raw log lines of any system and sorts them into patterns: header, level and
time are found, JSON and logfmt are understood, lines of a stack trace belong to the
line before them. Prints the patterns with their counts, the most frequent first; with
--ids one pattern id for every line read.

Exit codes: 0; 1 the input cannot be read; 2 wrong flags.`,
		Example: "  debrief judge logs < app.log\n  kubectl logs deploy/shop | debrief judge logs",
		Args:    fromStdin,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ids && asJSON {
				return debrief.Errorf(debrief.Invalid, "--ids", "cannot be asked for together with --json")
			}
			m := judge.NewMiner(nil)
			var each []judge.Ref
			err := m.Read(e.Stdin, func(ref judge.Ref, _ bool) {
				if ids {
					each = append(each, ref)
				}
			})
			if err != nil {
				return debrief.Errorf(debrief.Unavailable, "stdin", "cannot be read: %w", err)
			}
			out := bufio.NewWriter(e.Stdout)
			switch {
			case ids:
				printIDs(out, m, each)
			case asJSON:
				err = printPatternsJSON(out, m.Patterns())
			default:
				printPatterns(out, m.Patterns())
			}
			return errors.Join(err, out.Flush())
		},
	}
	f := c.Flags()
	f.BoolVar(&ids, "ids", false, "print the id of each line's pattern, one a line")
	f.BoolVar(&asJSON, "json", false, "print the patterns as JSON, one a line")
	return c
}

// printIDs writes the lines' patterns as they are known in the end: patterns
// that turned out to be one have one id.
func printIDs(w *bufio.Writer, m *judge.Miner, each []judge.Ref) {
	var ids []string // by number, so that each is asked for once
	for _, ref := range each {
		for int(ref) >= len(ids) {
			ids = append(ids, m.ID(judge.Ref(len(ids))))
		}
		w.WriteString(ids[ref])
		w.WriteByte('\n')
	}
}

func printPatterns(w io.Writer, ps []judge.Pattern) {
	for _, p := range mostFrequent(ps) {
		fmt.Fprintf(w, "%8d  %s  %-5s  %s\n", p.Count, p.ID, p.Level, clean(debrief.Mask(p.Template)))
	}
}

// patternAnswer is a pattern as it is written.
type patternAnswer struct {
	ID      string `json:"id"`
	Count   int    `json:"count"`
	Level   string `json:"level,omitempty"`
	Pattern string `json:"pattern"`
	Example string `json:"example,omitempty"`
}

func printPatternsJSON(w io.Writer, ps []judge.Pattern) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, p := range mostFrequent(ps) {
		if err := enc.Encode(patternAnswer{p.ID, p.Count, p.Level, debrief.Mask(p.Template), debrief.Mask(p.Example)}); err != nil {
			return err
		}
	}
	return nil
}

func mostFrequent(ps []judge.Pattern) []judge.Pattern {
	slices.SortStableFunc(ps, func(a, b judge.Pattern) int { return b.Count - a.Count })
	return ps
}
