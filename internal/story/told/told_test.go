package told_test

import (
	"os"
	"path/filepath"
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
