package cli

import (
	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief/internal/tell"
)

func showCmd(e *Env) *cobra.Command {
	var service string
	var asJSON bool
	c := &cobra.Command{
		Use:   "show RELEASE|latest",
		Short: "Show a release's story in the terminal",
		Long: `Shows what a release was, what its looks found, its stages, surprises and
changes. RELEASE is its id, or the id of one of its deployments. Right after
debrief deploy, latest waits (two seconds at most) until that one is recorded.

Exit codes: 0; 1 no such release, or the server does not answer.`,
		Args: oneRelease,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			s, raw, err := r.story(cmd.Context(), args[0], service)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(e.Stdout, raw)
			}
			return tell.Terminal(terminal(e), s)
		},
	}
	c.Flags().StringVar(&service, "service", "", "with latest: of this service")
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}
