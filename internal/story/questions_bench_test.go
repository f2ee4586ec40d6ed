package story_test

import (
	"flag"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
	"github.com/debriefhq/debrief/internal/story"
	"github.com/debriefhq/debrief/internal/story/org"
)

var (
	askReleases = flag.Int("ask.releases", 10_000, "how many releases BenchmarkQuestions asks over")
	askServices = flag.Int("ask.services", 20, "of how many services")
	askDB       = flag.String("ask.db", "", "keep the made-up organisation in this file, and use it where it is there")
)

// BenchmarkQuestions works out what a service's questions page shows: rows read,
// changes of level sought in nineteen figures, each move taken apart. Another
// service each time. cpu-ms is the process's own time, whoever else is busy.
func BenchmarkQuestions(b *testing.B) {
	file := *askDB
	if file == "" {
		file = filepath.Join(b.TempDir(), "org.db")
	}
	_, err := os.Stat(file)
	fresh := os.IsNotExist(err)
	st, err := store.Open(b.Context(), file, store.Options{Now: time.Now, NewID: storetest.IDs()})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	end := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	if fresh {
		o, err := org.New(org.Options{Services: *askServices, Releases: *askReleases, Years: 3, Seed: 7, End: end})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := story.LoadOrg(b.Context(), st, o, nil); err != nil {
			b.Fatal(err)
		}
	}
	services, err := st.Services(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	releases, asked := 0, 0
	if err := st.EachFact(b.Context(), store.FactFilter{}, func(debrief.ReleaseFacts) error { releases++; return nil }); err != nil {
		b.Fatal(err)
	}
	i := 0
	before := used()
	for b.Loop() {
		a, err := loop.Questions(b.Context(), st, config.Default(), end, time.UTC, loop.MetricsAsk{Service: services[i%len(services)].ID})
		if err != nil {
			b.Fatal(err)
		}
		asked += len(a.Questions)
		i++
	}
	b.ReportMetric(float64((used()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(releases), "releases")
	b.ReportMetric(float64(asked)/float64(b.N), "questions/op")
}

func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
