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
	"github.com/debriefhq/debrief/internal/tell"
)

func judgeLogsCmd(e *Env) *cobra.Command {
	var ids, asJSON, explain bool
	var release string
	c := &cobra.Command{
		Use:   "logs",
		Short: "Sort raw log lines into patterns, without a setting or an expression",
		Long: `Reads raw log lines of any system and sorts them into patterns: header, level and
time are found, JSON and logfmt are understood, lines of a stack trace belong to the
line before them. Prints the patterns with their counts, the most frequent first; with
--ids one pattern id for every line read.

With --release only what the release changed is printed: patterns that are new, and
error and warning patterns whose rate at least doubled or halved, the worst first, with
what happened to each, its count since, its level, and the count to be expected. The
lines' own times are read; a line without one was written with the line before it.

Secrets, mail addresses and tokens are masked.

Exit codes: 0; 1 the input cannot be read; 2 wrong flags, or a log without times.`,
		Example: "  debrief judge logs < app.log\n  kubectl logs deploy/shop --timestamps | debrief judge logs --release 2026-11-03T14:02:00Z --explain",
		Args:    fromStdin,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ids && (asJSON || explain || release != "") {
				return debrief.Errorf(debrief.Invalid, "--ids", "stands alone: without --json, --explain and --release")
			}
			if cmd.Flags().Changed("release") {
				return compareLogs(e, release, asJSON, explain)
			}
			m := judge.NewMiner(nil)
			var each []judge.Ref
			some := false
			err := m.Read(e.Stdin, func(ref judge.Ref, _ bool) {
				some = true
				if ids {
					each = append(each, ref)
				}
			})
			if err != nil {
				return debrief.Errorf(debrief.Unavailable, "stdin", "cannot be read: %w", err)
			}
			if !some {
				nothingRead(e, "line")
			}
			out := bufio.NewWriter(e.Stdout)
			switch {
			case ids:
				printIDs(out, m, each)
			case asJSON:
				err = printPatternsJSON(out, m.Patterns())
			case explain:
				return tell.ExplainPatterns(terminal(e), patternsOf(m.Patterns()))
			default:
				printPatterns(out, m.Patterns())
			}
			return errors.Join(err, out.Flush())
		},
	}
	f := c.Flags()
	f.BoolVar(&ids, "ids", false, "print the id of each line's pattern, one a line")
	f.BoolVar(&asJSON, "json", false, "print the patterns as JSON, one a line")
	f.BoolVar(&explain, "explain", false, "print them for a person, the worst first")
	f.StringVar(&release, "release", "", "when the release was: print what it changed")
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

func patternsOf(ps []judge.Pattern) []debrief.LogPattern {
	out := make([]debrief.LogPattern, 0, len(ps))
	for _, p := range ps {
		out = append(out, debrief.LogPattern{ID: p.ID, Template: debrief.Mask(p.Template), Level: p.Level, Count: p.Count})
	}
	return out
}

// compareLogs says what a release changed in a log.
func compareLogs(e *Env, release string, asJSON, explain bool) error {
	at, err := parseMoment(release)
	if err != nil {
		return debrief.Errorf(debrief.Invalid, "--release", "%q is no time that can be read", release).
			WithHint("for example 2026-11-03T14:02:00Z, or unix seconds")
	}
	at = at.In(e.Now().Location())
	log, err := readTimed(e.Stdin, at)
	if err != nil {
		return err
	}
	found, err := log.compare(at)
	switch {
	case err != nil:
		return err
	case explain:
		return tell.ExplainLogs(terminal(e), found, at)
	case asJSON:
		enc := json.NewEncoder(e.Stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(found)
	}
	for _, p := range found.Patterns {
		what := "new"
		if !p.New {
			what = "rate"
		}
		fmt.Fprintf(e.Stdout, "%-4s  %8d  %8.4g  %-5s  %s\n", what, p.Count, p.Before, p.Level, clean(p.Template))
	}
	return nil
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
		if err := enc.Encode(patternAnswer{p.ID, p.Count, p.Level, debrief.Mask(p.Template), debrief.MaskAddresses(debrief.Mask(p.Example))}); err != nil {
			return err
		}
	}
	return nil
}

func mostFrequent(ps []judge.Pattern) []judge.Pattern {
	slices.SortStableFunc(ps, func(a, b judge.Pattern) int { return b.Count - a.Count })
	return ps
}
