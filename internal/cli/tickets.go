package cli

import (
	"context"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

func ticketsCmd(e *Env) *cobra.Command {
	c, in := objectsCmd(e, func(ctx context.Context, r *reader, q url.Values, asJSON bool) error {
		var page struct {
			Tickets []debrief.Ticket `json:"tickets"`
		}
		raw, err := r.get(ctx, "/api/v1/tickets", q, &page)
		if err != nil {
			return err
		}
		return printed(e, raw, asJSON, func() error { return tell.TerminalTickets(terminal(e), page.Tickets) })
	})
	c.Use, c.Short = "tickets", "List support tickets and issues, newest first"
	c.Long = `Lists support tickets and issues, newest first: when, which service, what, how far.

Exit codes: 0; 1 the server does not answer; 2 wrong flags.`
	in.flags(c, "only this service's")
	return c
}
