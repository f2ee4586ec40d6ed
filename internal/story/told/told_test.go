package told_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
	"github.com/debriefhq/debrief/internal/story/told"
)

// TestStories tells every story file on a store of its own.
func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../testdata/stories/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		for _, engine := range storetest.Engines() {
			t.Run(filepath.Base(file)+"/"+engine, func(t *testing.T) {
				t.Parallel()
				tell(t, file, storetest.DSN(t, engine))
			})
		}
	}
}

func tell(t *testing.T, file, dsn string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := told.Parse(data, config.Default())
	if err != nil {
		t.Fatal(err)
	}
	clock := &told.Clock{}
	clock.Set(s.Clock)
	st, err := store.Open(t.Context(), dsn, store.Options{Now: clock.Now, NewID: storetest.IDs()})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	failures, err := s.Run(t.Context(), st, clock)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		t.Error(f)
	}
}

func TestAWrongExpectationIsReported(t *testing.T) {
	t.Parallel()
	text := `-- story --
clock 2026-11-17T09:00:00Z
metric p95 latency ms 210
at 10:00 deploy shop production v1 took 2m
expect 10:10 look shop v1 1 worse
expect 10:10 look shop v1 1 worse p95
expect 10:10 look shop v1 9 steady
expect 10:10 surprise shop v1 slow-step
expect 10:10 release shop v1 rollback
expect 10:10 headline shop v1 "on fire"
expect 10:10 release shop v2 release
`
	s, err := told.Parse([]byte(text), config.Default())
	if err != nil {
		t.Fatal(err)
	}
	clock := &told.Clock{}
	clock.Set(s.Clock)
	st, err := store.Open(t.Context(), storetest.DSN(t, "sqlite"), store.Options{Now: clock.Now, NewID: storetest.IDs()})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	failures, err := s.Run(t.Context(), st, clock)
	if err != nil {
		t.Fatal(err)
	}
	if len(failures) != 7 {
		t.Errorf("seven expectations are wrong, reported: %q", failures)
	}
}

func TestParseSaysWhichLineIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"clock yesterday\n": "line 1",
		"clock 2026-11-17T09:00:00Z\nmetric p95 latency ms much\n": "line 2",
		"clock 2026-11-17T09:00:00Z\nat noon deploy shop x v1\n":   "line 2",
		"clock 2026-11-17T09:00:00Z\nsing a song\n":                "line 2",
		"clock 2026-11-17T09:00:00Z\n":                             "at least one line",
		"at 10:00 deploy \"shop\n":                                 "line 1",
	} {
		_, err := told.Parse([]byte("-- story --\n"+text), config.Default())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
