package cli

import "github.com/spf13/cobra"

// commands lists every command, in the order of a release's life.
func commands(e *Env) []*cobra.Command {
	return []*cobra.Command{
		deployCmd(e),
		stageCmd(e),
		releasesCmd(e),
		showCmd(e),
		checkCmd(e),
		servicesCmd(e),
		searchCmd(e),
		answerCmd(e),
		sendCmd(e),
		passOnCmd(e),
	}
}
