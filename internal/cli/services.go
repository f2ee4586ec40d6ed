package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

func servicesCmd(e *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "services",
		Short: "List the services debrief knows",
		Long: `Lists the services debrief knows: id, name, other names.

Exit codes: 0; 1 the server does not answer.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			var page struct {
				Services []debrief.Service `json:"services"`
			}
			raw, err := r.get(cmd.Context(), "/api/v1/services", nil, &page)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(e.Stdout, raw)
			}
			if len(page.Services) == 0 {
				fmt.Fprintln(e.Stdout, "No services yet. The first recorded deployment names one.")
				return nil
			}
			w := tabwriter.NewWriter(e.Stdout, 0, 0, 2, ' ', 0)
			for _, s := range page.Services {
				note := strings.Join(s.Aliases, ", ")
				if s.Sample {
					note = strings.TrimSpace(note + " (sample)")
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", clean(s.ID), clean(s.Name), clean(note))
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}
