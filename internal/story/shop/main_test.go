package shop

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"
)

// TestMain lets the test binary stand in for the program: a Host starts it as
// "shop serve".
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "shop" && os.Args[2] == "serve" {
		p := Process{Out: os.Stdout, Alive: os.Stdin}
		f := flag.NewFlagSet("serve", flag.ExitOnError)
		f.StringVar(&p.Listen, "listen", "", "")
		f.StringVar(&p.DSN, "dsn", "", "")
		f.StringVar(&p.Version, "version", "", "")
		f.StringVar(&p.Log, "log", "", "")
		f.DurationVar(&p.Limit, "limit", 150*time.Millisecond, "")
		_ = f.Parse(os.Args[3:])
		if err := Serve(context.Background(), p); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}
