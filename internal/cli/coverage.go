package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/kinds"
	"github.com/debriefhq/debrief/internal/tell"
)

func coverageCmd(e *Env) *cobra.Command {
	var service, part string
	var strip []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "coverage FILE…",
		Short: "Say which files tests run, from what a coverage tool wrote",
		Long: `Reads coverage reports (a Go cover profile, LCOV, Cobertura XML, JaCoCo XML; which one
is told from how it begins) and tells the server which files of a service tests run.
Then a change that touches a module of which tests run nothing is known as such:
docs/kinds.md, "module without tests". Several files are added up. - reads standard
input.

In a work tree the paths in a report are matched with the repository's: what stands
before them (a folder of the machine that ran the tests, a Go module's name) is cut
off, and what JaCoCo leaves out (src/main/java) is put back. --strip cuts off more.
Only numbers per file are sent, no code.

Exit codes: 0; 1 the server does not answer; 2 a report cannot be read.`,
		Example: "  go test -coverprofile=cover.out ./... && debrief coverage cover.out --service shop\n  debrief coverage front/coverage/lcov.info --service shop --part front",
		Args:    between(1, 0, "the files a coverage tool wrote"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if service == "" {
				return debrief.Errorf(debrief.Invalid, "--service", "name the service").WithHint("for example --service shop")
			}
			var all []debrief.FileCoverage
			for _, a := range args {
				text, err := coverageText(e, a)
				if err != nil {
					return err
				}
				files, _, err := kinds.ReadCoverage(text)
				if err != nil {
					return fmt.Errorf("%s: %w", a, err)
				}
				all = append(all, files...)
			}
			find := func(file string) string { return file }
			g := forge.Git{Dir: e.Dir, Timeout: 30 * time.Second}
			if at, err := g.Commit(cmd.Context(), "HEAD"); err == nil {
				if tree, err := g.Tree(cmd.Context(), at); err == nil {
					find = kinds.NewPlaces(tree).Find
				}
			}
			all = kinds.Relocate(all, func(file string) string { return find(cutPrefixes(file, strip)) })
			c, err := newClient(e)
			if err != nil {
				return err
			}
			var raw json.RawMessage
			q := url.Values{"service": {service}}
			if part != "" {
				q.Set("part", part)
			}
			if err := c.do(cmd.Context(), "POST", "/api/v1/coverage?"+q.Encode(), map[string]any{"files": all}, &raw); err != nil {
				return err
			}
			if asJSON {
				return printJSON(e.Stdout, raw)
			}
			var kept struct{ Files, Tested int }
			if err := json.Unmarshal(raw, &kept); err != nil {
				return debrief.Errorf(debrief.Unavailable, "", "the answer is not what this debrief expects: %w", err)
			}
			_, err = fmt.Fprintf(e.Stdout, "%s: %s, tests run %d of them\n", service, tell.Count(kept.Files, "file", "files"), kept.Tested)
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&service, "service", "", "service whose files they are (needed)")
	f.StringVar(&part, "part", "", "tells several reports of one service apart: unit, front")
	f.StringArrayVar(&strip, "strip", nil, "what to cut off the beginning of paths; may be repeated")
	f.BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}

// coverageText reads a report, bounded.
func coverageText(e *Env, file string) ([]byte, error) {
	in := e.Stdin
	if file != "-" {
		if !filepath.IsAbs(file) {
			file = filepath.Join(e.Dir, file)
		}
		f, err := os.Open(file)
		if err != nil {
			return nil, debrief.Errorf(debrief.Invalid, "", "the report cannot be read: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, kinds.MaxCoverage+1))
	if err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "", "the report cannot be read: %w", err)
	}
	return text, nil
}

func cutPrefixes(file string, prefixes []string) string {
	for _, p := range prefixes {
		p = filepath.ToSlash(filepath.Clean("/" + p))[1:] + "/"
		if len(file) > len(p) && file[:len(p)] == p {
			return file[len(p):]
		}
	}
	return file
}
