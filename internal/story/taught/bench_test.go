package taught

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/story/org"
)

var (
	benchReleases = flag.Int("taught.releases", 20_000, "how many releases BenchmarkReview looks back on")
	benchServices = flag.Int("taught.services", 40, "of how many services")
	benchYears    = flag.Int("taught.years", 3, "in how many years")
	benchMonth    = flag.String("taught.month", "2026-10", "which month BenchmarkReview looks back on")
	benchDB       = flag.String("taught.db", "", "keep the made-up organisation in this file, and use it where it is there")
)

// BenchmarkReview looks back on a month of a whole organisation, from the
// database to the findings: rows read, counted, tested and put in order.
func BenchmarkReview(b *testing.B) {
	ctx := b.Context()
	file := *benchDB
	if file == "" {
		file = filepath.Join(b.TempDir(), "org.db")
	}
	_, err := os.Stat(file)
	fresh := os.IsNotExist(err)
	now := func() time.Time { return ended.AddDate(0, 0, 1) }
	st, err := store.Open(ctx, file, store.Options{Now: now, NewID: uuid.NewString})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	if fresh {
		fill(ctx, b, st)
	}
	reviewer := loop.NewReviewer(st, now, time.UTC)
	var r debrief.Review
	for b.Loop() {
		if r, err = reviewer.Review(ctx, *benchMonth, "", true); err != nil {
			b.Fatal(err)
		}
	}
	if len(r.Findings) == 0 || r.Releases == 0 {
		b.Fatalf("%d releases taught nothing", r.Releases)
	}
	b.ReportMetric(float64(r.Tested), "tests")
	b.ReportMetric(float64(len(r.Findings)+r.More), "findings")
}

// fill writes the organisation as the loop would: facts, incidents, answers,
// debriefs and actions.
func fill(ctx context.Context, b *testing.B, st *store.Store) {
	b.Helper()
	o, err := org.New(org.Options{Services: *benchServices, Releases: *benchReleases, Years: *benchYears, Seed: 7, End: ended})
	if err != nil {
		b.Fatal(err)
	}
	var facts []debrief.ReleaseFacts
	var incidents []debrief.Incident
	var debriefs []debrief.Debrief
	var actions []debrief.Action
	save := func() error {
		defer func() { facts, incidents, debriefs, actions = facts[:0], incidents[:0], debriefs[:0], actions[:0] }()
		return st.Update(ctx, func(tx *store.Tx) error {
			if err := tx.AddFacts(facts); err != nil {
				return err
			}
			if err := tx.SaveIncidents(incidents, nil); err != nil {
				return err
			}
			for _, d := range debriefs {
				if _, err := tx.SaveDebrief(d, 0); err != nil {
					return err
				}
			}
			for _, a := range actions {
				if err := tx.SaveAction(a); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = o.Walk(func(i org.Item) error {
		switch {
		case i.Release != nil:
			facts = append(facts, i.Release.ReleaseFacts)
		case i.Incident != nil:
			incidents = append(incidents, i.Incident.Incident)
		case i.Debrief != nil:
			debriefs = append(debriefs, *i.Debrief)
		case i.Action != nil:
			actions = append(actions, *i.Action)
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

// ended is when made-up histories end.
var ended = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
