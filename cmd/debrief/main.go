// Command debrief learns from every release.
package main

import (
	"context"
	"os"

	"github.com/debriefhq/debrief/internal/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), cli.OS()))
}
