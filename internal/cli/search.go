package cli

import (
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// hit is one answer of GET /api/v1/search.
type hit struct {
	Kind    string    `json:"kind"`
	ID      string    `json:"id"`
	Service string    `json:"service"`
	Title   string    `json:"title"`
	At      time.Time `json:"at"`
}

func searchCmd(e *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "search WORDS…",
		Short: "Search releases, changes and surprises",
		Long: `Searches everything debrief remembers, best answer first.

Exit codes: 0, found or not; 1 the server does not answer.`,
		Args: between(1, 0, "the words to search for"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			var page struct {
				Hits []hit `json:"hits"`
			}
			raw, err := r.get(cmd.Context(), "/api/v1/search", url.Values{"q": {strings.Join(args, " ")}}, &page)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(e.Stdout, raw)
			}
			if len(page.Hits) == 0 {
				fmt.Fprintf(e.Stdout, "Nothing found for %q.\n", strings.Join(args, " "))
				return nil
			}
			w := tabwriter.NewWriter(e.Stdout, 0, 0, 2, ' ', 0)
			for _, h := range page.Hits {
				at := ""
				if !h.At.IsZero() {
					at = h.At.In(e.Now().Location()).Format("2006-01-02 15:04")
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", at, clean(h.Kind), clean(h.Service), clean(h.ID), clean(h.Title))
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}
