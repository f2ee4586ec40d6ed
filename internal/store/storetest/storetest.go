package storetest

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/debriefhq/debrief/internal/store"
)

// Engines are the engines every test of a store runs on.
func Engines() []string { return []string{"sqlite", "postgres"} }

// Each runs a test on both engines, side by side.
func Each(t *testing.T, test func(t *testing.T, s *store.Store, clock *Clock)) {
	t.Helper()
	for _, engine := range Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, clock := Open(t, engine)
			test(t, s, clock)
		})
	}
}

// Open returns an empty store of one engine, closed at the test's end.
func Open(t testing.TB, engine string) (*store.Store, *Clock) {
	t.Helper()
	clock := NewClock()
	return Reopen(t, DSN(t, engine), clock), clock
}

// Reopen opens a store of one's own address, once more or with another clock.
func Reopen(t testing.TB, dsn string, clock *Clock) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{Now: clock.Now, NewID: IDs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// DSN is the address of a database of the test's own: empty on SQLite, migrated
// on PostgreSQL.
func DSN(t testing.TB, engine string) string {
	t.Helper()
	if engine == "sqlite" {
		return filepath.Join(t.TempDir(), "debrief.db")
	}
	return database(t, templateName)
}

// Postgres is the address of a fresh, empty PostgreSQL database.
func Postgres(t testing.TB) string {
	t.Helper()
	return database(t, "template0")
}

const templateName = "debrief_template"

// shared is the one cluster of this test binary. It is the only state here
// that outlives a test: starting a cluster for each would take seconds.
var shared struct {
	sync.Mutex
	pg       *PG
	err      error
	template bool
	count    int
}

// database makes a database from a template and drops it at the test's end.
func database(t testing.TB, template string) string {
	t.Helper()
	pg, name, err := create(template)
	if err != nil {
		unavailable(t, err)
	}
	t.Cleanup(func() {
		if err := pg.Exec(context.Background(), "postgres", "drop database "+name+" with (force)"); err != nil {
			t.Errorf("drop: %v", err)
		}
	})
	return pg.DSN(name)
}

func create(template string) (*PG, string, error) {
	shared.Lock()
	defer shared.Unlock()
	ctx := context.Background() // the cluster outlives the test that starts it
	if shared.pg == nil && shared.err == nil {
		shared.pg, shared.err = start(ctx)
	}
	if shared.err != nil {
		return nil, "", shared.err
	}
	pg := shared.pg
	if template == templateName && !shared.template {
		if err := pg.Exec(ctx, "postgres", "create database "+templateName+" template template0"); err != nil {
			return nil, "", err
		}
		s, err := store.Open(ctx, pg.DSN(templateName), store.Options{Now: NewClock().Now, NewID: IDs()})
		if err != nil {
			return nil, "", err
		}
		if err := s.Close(); err != nil {
			return nil, "", err
		}
		shared.template = true
	}
	shared.count++
	name := fmt.Sprintf("test_%d", shared.count)
	return pg, name, pg.Exec(ctx, "postgres", "create database "+name+" template "+template)
}
