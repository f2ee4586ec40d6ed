package cli

import (
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

func releasesCmd(e *Env) *cobra.Command {
	var service, environment, before string
	var limit int
	var asJSON bool
	c := &cobra.Command{
		Use:   "releases",
		Short: "List releases, newest first, with what their looks found",
		Long: `Lists releases, newest first: when, what, one shape for each look, and the
headline.

Exit codes: 0; 1 the server does not answer; 2 wrong flags.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > 1000 {
				return debrief.Errorf(debrief.Invalid, "--limit", "%d is not between 1 and 1000", limit)
			}
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			r.settle(cmd.Context(), service)
			q := url.Values{"limit": {strconv.Itoa(limit)}}
			for k, v := range map[string]string{"service": service, "environment": environment, "before": before} {
				if v != "" {
					q.Set(k, v)
				}
			}
			var page struct {
				Releases []debrief.Release `json:"releases"`
			}
			raw, err := r.get(cmd.Context(), "/api/v1/releases", q, &page)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(e.Stdout, raw)
			}
			return tell.TerminalList(terminal(e), page.Releases)
		},
	}
	fs := c.Flags()
	fs.StringVar(&service, "service", "", "only this service's")
	fs.StringVar(&environment, "env", "", "only this environment's")
	fs.IntVar(&limit, "limit", 20, "how many, at most 1000")
	fs.StringVar(&before, "before", "", "go on from the \"next\" of an earlier --json answer")
	fs.BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}
