package story

import (
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/notice"
	"github.com/debriefhq/debrief/internal/store"
)

var tuesday = time.Date(2026, 11, 17, 14, 0, 0, 0, time.UTC)

func TestSampleIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	for _, s := range sampleServices() {
		a, b := samplePlan(s, SampleSeed, tuesday), samplePlan(s, SampleSeed, tuesday)
		if diff := cmp.Diff(a, b, cmp.AllowUnexported(sampleDeployment{})); diff != "" {
			t.Fatal(diff)
		}
		if c := samplePlan(s, SampleSeed+1, tuesday); cmp.Equal(a, c, cmp.AllowUnexported(sampleDeployment{})) {
			t.Fatal("another seed makes the same year")
		}
		for i, d := range a {
			at := d.report.Times.Started
			if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
				t.Errorf("%s releases on a %s", s.name, at.Weekday())
			}
			if !d.report.Sample || !d.report.State.Final() || !d.report.Times.Finished.After(at) {
				t.Errorf("%s %d: %+v", s.name, i, d.report)
			}
		}
	}
}

func TestSampleTellsOfAWholeYear(t *testing.T) {
	t.Parallel()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "d.db"), store.Options{Now: func() time.Time { return tuesday }, NewID: uuid.NewString, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	limits := notice.Thresholds{SlowFactor: 2, SlowMADs: 4, SlowAtLeast: time.Minute, SlowMinHistory: 5, StepFactor: 3, StepAtLeast: 30 * time.Second}
	n, err := WriteSample(t.Context(), st, tuesday, SampleSeed, limits)
	if err != nil {
		t.Fatal(err)
	}
	if n < 250 || n > 900 {
		t.Errorf("%d releases in a year of five services", n)
	}
	var all []debrief.Release
	for before := ""; ; {
		rs, next, err := st.Releases(t.Context(), store.Filter{Limit: 500, Before: before})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rs...)
		if before = next; next == "" {
			break
		}
	}
	if len(all) != n {
		t.Errorf("%d releases written, %d read", n, len(all))
	}
	words, kinds, surprises := map[debrief.Word]int{}, map[debrief.ReleaseKind]int{}, 0
	for _, r := range all {
		if !r.Sample {
			t.Fatalf("%s %s is not marked as sample", r.Service, r.Version)
		}
		if r.Headline == "" && r.Kind.Checked() {
			t.Errorf("%s %s has no headline", r.Service, r.Version)
		}
		if r.Open != 0 {
			t.Errorf("%s %s asks about the past", r.Service, r.Version)
		}
		words[r.Verdict]++
		kinds[r.Kind]++
		surprises += r.Surprises
	}
	for _, w := range []debrief.Word{debrief.Worse, debrief.Better, debrief.Steady, debrief.CannotTell} {
		if words[w] < 5 {
			t.Errorf("only %d are %q: %v", words[w], w, words)
		}
	}
	if kinds[debrief.ReleaseRollback] < 5 || kinds[debrief.ReleaseAttempt] < 3 || surprises < 20 {
		t.Errorf("kinds %v, %d surprises", kinds, surprises)
	}
	if words[debrief.Steady] < n/2 {
		t.Errorf("most releases are as usual, here %v of %d", words, n)
	}
	// It ends before today: nothing made up stands beside what is real.
	if newest := slices.MaxFunc(all, func(a, b debrief.Release) int { return a.Started.Compare(b.Started) }); newest.Started.After(tuesday.Add(-24 * time.Hour)) {
		t.Errorf("the newest is of %s", newest.Started)
	}
	t.Logf("%d releases, words %v, kinds %v, %d surprises", n, words, kinds, surprises)
}
