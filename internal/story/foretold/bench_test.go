package foretold_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/story/org"
)

var (
	benchReleases = flag.Int("foretold.releases", 20_000, "how many releases BenchmarkBrief is made over")
	benchServices = flag.Int("foretold.services", 40, "of how many services")
	benchDB       = flag.String("foretold.db", "", "keep the made-up organisation in this file, and use it where it is there")
)

// BenchmarkBrief makes one brief, from the database to the row that keeps it,
// for one service after the other.
func BenchmarkBrief(b *testing.B) {
	ctx := b.Context()
	file := *benchDB
	if file == "" {
		file = filepath.Join(b.TempDir(), "org.db")
	}
	_, err := os.Stat(file)
	fresh := os.IsNotExist(err)
	end := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	now := func() time.Time { return end.AddDate(0, 0, 1) }
	st, err := store.Open(ctx, file, store.Options{Now: now, NewID: uuid.NewString})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	if fresh {
		loadFacts(b, st, end)
	}
	services := servicesOf(b, st)
	briefs := loop.NewBriefs(st, config.Default(), now)
	var took []time.Duration
	n, past := 0, 0
	for b.Loop() {
		s := services[n*37%len(services)]
		n++
		began := time.Now()
		made, err := briefs.Make(ctx, debrief.Upcoming{
			Service: s.Service, Environment: "production", Head: uuid.NewString(), Kinds: []string{org.Dependency, org.Migration}, Modules: s.Modules,
			Titles: []string{"Index invoices by customer"}, Commits: 3, Files: 9, Added: 200, Deleted: 40,
		})
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		past += made.Past
	}
	if past == 0 {
		b.Fatal("no brief had a past")
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(past)/float64(n), "past/brief")
}

// loadFacts writes an organisation's facts.
func loadFacts(b *testing.B, st *store.Store, end time.Time) {
	b.Helper()
	o, err := org.New(org.Options{Services: *benchServices, Releases: *benchReleases, Years: 3, Seed: 7, End: end})
	if err != nil {
		b.Fatal(err)
	}
	var facts []debrief.ReleaseFacts
	save := func() error {
		defer func() { facts = facts[:0] }()
		return st.Update(b.Context(), func(tx *store.Tx) error { return tx.AddFacts(facts) })
	}
	err = o.Walk(func(i org.Item) error {
		if i.Release != nil {
			facts = append(facts, i.Release.ReleaseFacts)
		}
		if len(facts) < 5000 {
			return nil
		}
		return save()
	})
	if err == nil {
		err = save()
	}
	if err != nil {
		b.Fatal(err)
	}
}

// servicesOf are some services' latest facts.
func servicesOf(b *testing.B, st *store.Store) []debrief.ReleaseFacts {
	b.Helper()
	var out []debrief.ReleaseFacts
	seen := map[string]bool{}
	fs, _, err := st.Facts(b.Context(), store.FactFilter{From: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Limit: 10_000})
	for _, f := range fs {
		if !seen[f.Service] && len(f.Modules) > 0 {
			seen[f.Service] = true
			out = append(out, f)
		}
	}
	if err != nil || len(out) == 0 {
		b.Fatal("no services", err)
	}
	return out
}
