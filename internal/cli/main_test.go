package cli

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// asCLI makes the test binary behave as debrief, for tests that look at
// processes, signals and exit codes.
const asCLI = "DEBRIEF_TEST_AS_CLI"

func TestMain(m *testing.M) {
	run := func() { os.Exit(Main(context.Background(), OS())) }
	if os.Getenv(asCLI) != "" {
		run()
	}
	testscript.Main(m, map[string]func(){"debrief": run})
}
