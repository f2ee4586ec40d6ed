// Command debrief learns from every release.
package main

import (
	"context"
	"os"
	_ "time/tzdata" // the team's time zone also where the system has no zone data

	"github.com/debriefhq/debrief/internal/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), cli.OS()))
}
