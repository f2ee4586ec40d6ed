package cli

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

func incidentsCmd(e *Env) *cobra.Command {
	c, in := objectsCmd(e, func(ctx context.Context, r *reader, q url.Values, asJSON bool) error {
		var page struct {
			Incidents []debrief.Incident `json:"incidents"`
		}
		raw, err := r.get(ctx, "/api/v1/incidents", q, &page)
		if err != nil {
			return err
		}
		return printed(e, raw, asJSON, func() error { return tell.TerminalIncidents(terminal(e), page.Incidents) })
	})
	c.Use, c.Short = "incidents", "List incidents and alerts, newest first"
	c.Long = `Lists incidents and alerts, newest first: when, which services, what, how far.
With --json each comes with every fact and who said it.

Exit codes: 0; 1 the server does not answer; 2 wrong flags.`
	in.flags(c, "only this service's, and those that mention it")
	return c
}

// listing are the flags of a list of incidents or tickets.
type listing struct {
	service, before string
	open, asJSON    bool
	limit           int
}

func (l *listing) flags(c *cobra.Command, whose string) {
	fs := c.Flags()
	fs.StringVar(&l.service, "service", "", whose)
	fs.BoolVar(&l.open, "open", false, "only those that still run")
	fs.IntVar(&l.limit, "limit", 20, "how many, at most 1000")
	fs.StringVar(&l.before, "before", "", "go on from the \"next\" of an earlier --json answer")
	fs.BoolVar(&l.asJSON, "json", false, "print the API's answer")
}

func objectsCmd(e *Env, list func(ctx context.Context, r *reader, q url.Values, asJSON bool) error) (*cobra.Command, *listing) {
	l := &listing{}
	return &cobra.Command{
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if l.limit < 1 || l.limit > 1000 {
				return debrief.Errorf(debrief.Invalid, "--limit", "%d is not between 1 and 1000", l.limit)
			}
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			q := url.Values{"limit": {strconv.Itoa(l.limit)}}
			if l.open {
				q.Set("open", "true")
			}
			for k, v := range map[string]string{"service": l.service, "before": l.before} {
				if v != "" {
					q.Set(k, v)
				}
			}
			return list(cmd.Context(), r, q, l.asJSON)
		},
	}, l
}

func printed(e *Env, raw json.RawMessage, asJSON bool, words func() error) error {
	if asJSON {
		return printJSON(e.Stdout, raw)
	}
	return words()
}
