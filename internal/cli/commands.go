package cli

import "github.com/spf13/cobra"

// commands lists every command: first what runs the server, then the order of
// a release's life.
func commands(e *Env) []*cobra.Command {
	return []*cobra.Command{
		serveCmd(e),
		demoCmd(e),
		sampleCmd(e),
		initCmd(e),
		tokenCmd(e),
		deployCmd(e),
		stageCmd(e),
		releasesCmd(e),
		showCmd(e),
		checkCmd(e),
		briefCmd(e),
		kindsCmd(e),
		coverageCmd(e),
		lookBackCmd(e),
		replayCmd(e),
		backtestCmd(e),
		judgeCmd(e),
		incidentsCmd(e),
		incidentCmd(e),
		ticketsCmd(e),
		metricsCmd(e),
		questionsCmd(e),
		reviewCmd(e),
		servicesCmd(e),
		searchCmd(e),
		sourceCmd(e),
		answerCmd(e),
		writeCmd(e),
		actionCmd(e),
		sourcesCmd(e),
		importCmd(e),
		exportCmd(e),
		followCmd(e),
		sendCmd(e),
		passOnCmd(e),
		shopCmd(e),
	}
}
