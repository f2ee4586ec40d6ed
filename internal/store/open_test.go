package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func open(t *testing.T, dsn string) (*store.Store, error) {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{Now: storetest.NewClock().Now, NewID: storetest.IDs()})
	if s != nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

func TestTwoServersStartingTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			dsn := filepath.Join(t.TempDir(), "debrief.db")
			if engine == "postgres" {
				dsn = storetest.Postgres(t)
			}
			const servers = 4
			stores, errs := make([]*store.Store, servers), make([]error, servers)
			var wg sync.WaitGroup
			for i := range servers {
				wg.Go(func() { stores[i], errs[i] = open(t, dsn) })
			}
			wg.Wait()
			for _, err := range errs {
				ok(t, err)
			}
			applied, err := stores[0].Strings(t.Context(), `select name from migrations`)
			ok(t, err)
			files, err := filepath.Glob("migrations/*.sql")
			ok(t, err)
			if len(applied) != len(files) {
				t.Errorf("applied %v, there are %v", applied, files)
			}
			for _, s := range stores {
				ok(t, s.Ping(t.Context()))
			}
		})
	}
}

func TestADatabaseThatIsNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		for _, c := range []struct{ name, damage, want string }{
			{"changed", `update migrations set checksum = 'x' where number = 1`, "migration 0001_start was changed after it had been applied"},
			{"newer", `insert into migrations (number, name, checksum, applied_at) values (9000, '9000_future', 'x', 0)`, "made by a newer debrief"},
		} {
			t.Run(engine+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				dsn := storetest.DSN(t, engine)
				s, err := open(t, dsn)
				ok(t, err)
				ok(t, s.Exec(t.Context(), c.damage))
				_, err = open(t, dsn)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
			})
		}
	}
}

func TestAddressesThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	notOne := filepath.Join(dir, "picture.png")
	ok(t, os.WriteFile(notOne, []byte(strings.Repeat("not a database", 100)), 0o600))
	for dsn, want := range map[string]string{
		"":                                  "no database is named",
		":memory:":                          "not a plain file name",
		"file:x?mode=memory":                "not a plain file name",
		"mysql://root@localhost/x":          `unknown kind of database "mysql"`,
		filepath.Join(dir, "no", "such.db"): "no such file or directory",
		notOne:                              notOne + " is not a SQLite database",
		"postgres://u:geheim@127.0.0.1:1/x": "refused",
		"postgres://u:geheim@[::1/x":        "address",
	} {
		_, err := open(t, dsn)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", dsn, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: the error tells the password: %v", dsn, err)
		}
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain.db", "with space.db", "50%?mode=ro#x.db", "ümlaut:&.db"} {
		path := filepath.Join(t.TempDir(), name)
		s, err := open(t, path)
		ok(t, err)
		if s.Engine() != "sqlite" {
			t.Errorf("%q is opened by %s", name, s.Engine())
		}
		st, err := os.Stat(path)
		ok(t, err)
		if runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
			t.Errorf("%q can be read by others: %v", name, st.Mode())
		}
		if st.Size() == 0 {
			t.Errorf("%q is empty: another file was written", name)
		}
	}
}

func TestSQLiteIsOpenedDurably(t *testing.T) {
	t.Parallel()
	s, _ := storetest.Open(t, "sqlite")
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "10000"} {
		got, err := s.WriterStrings(t.Context(), "pragma "+pragma)
		ok(t, err)
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s is %v, want %s", pragma, got, want)
		}
	}
	if err := s.ReaderExec(t.Context(), `delete from work`); err == nil {
		t.Error("a reader can write")
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		boom := debrief.Errorf(debrief.Invalid, "x", "boom")
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Service("shop", false); err != nil {
				return err
			}
			return boom
		})
		kind(t, err, debrief.Invalid)
		func() {
			defer func() { _ = recover() }()
			_ = s.Update(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.Service("shop", false); err != nil {
					return err
				}
				panic("boom")
			})
		}()
		list, err := s.Services(t.Context())
		ok(t, err)
		if len(list) != 0 {
			t.Errorf("what failed was half written: %v", list)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Update(ctx, func(*store.Tx) error { return nil }); err == nil {
			t.Error("a cancelled caller was served")
		}
		ok(t, s.Update(t.Context(), func(*store.Tx) error { return nil })) // the writer is free again
	})
}

// The revision grows with what pages show, by however many writers, and not
// with what they do not.
func TestRevision(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		revision := func() int64 {
			t.Helper()
			n, err := s.Revision(t.Context())
			ok(t, err)
			return n
		}
		before := revision()
		d := debrief.Deployment{ID: "d", Service: "shop", Environment: "production", State: debrief.Running}
		save := func() {
			t.Helper()
			ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveDeployments("shop", []debrief.Deployment{d}, nil) }))
		}
		save()
		after := revision()
		if after <= before {
			t.Errorf("a new deployment: %d, then %d", before, after)
		}
		save()
		if again := revision(); again != after {
			t.Errorf("saving the same again: %d, then %d", after, again)
		}
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.Enqueue(store.Work{Kind: "look", Key: "1"}) }))
		if again := revision(); again != after {
			t.Errorf("work: %d, then %d", after, again)
		}
		var wg sync.WaitGroup
		const writers = 20
		for i := range writers {
			wg.Go(func() {
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					_, err := tx.Service("service"+string(rune('a'+i)), false)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := revision(); got != after+writers {
			t.Errorf("%d writers: %d, then %d", writers, after, got)
		}
	})
}

// A database that went away is trouble that passes: Unavailable, so that
// senders keep what they have and try again.
func TestADatabaseThatWentAway(t *testing.T) {
	t.Parallel()
	pg := storetest.Cluster(t)
	ok(t, pg.Exec(t.Context(), "postgres", "create database debrief"))
	s, err := open(t, pg.DSN("debrief"))
	ok(t, err)
	pg.Stop()
	for i := 0; err == nil; i++ { // until the server is really gone
		_, err = s.Accept(t.Context(), envelope(strings.Repeat("k", i+1), "x"))
	}
	kind(t, err, debrief.Unavailable)
	var own *debrief.Error
	if !errors.As(err, &own) || !strings.HasPrefix(own.Message, "the database") || strings.ContainsAny(own.Message, "=:/") {
		t.Errorf("what strangers may see: %+v", own)
	}
	kind(t, s.Ping(t.Context()), debrief.Unavailable)
	kind(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.Enqueue(store.Work{Kind: "x", Key: "y"}) }), debrief.Unavailable)
}

// Closing waits for those who are being served, and what they were told is
// true: everything that was accepted is there when the store is opened again.
func TestClosingWhileAccepting(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			dsn := storetest.DSN(t, engine)
			s, err := open(t, dsn)
			ok(t, err)
			var wg sync.WaitGroup
			var mu sync.Mutex
			var kept []string
			for i := range 20 {
				wg.Go(func() {
					got, err := s.Accept(t.Context(), envelope(strings.Repeat("k", i+1), "x"))
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						kept = append(kept, got[0].ID)
					}
				})
				if i == 10 {
					wg.Go(func() {
						if err := s.Close(); err != nil {
							t.Error(err)
						}
					})
				}
			}
			wg.Wait()
			if _, err := s.Accept(t.Context(), envelope("late", "x")); err == nil {
				t.Error("a closed store accepts")
			}
			again, err := open(t, dsn)
			ok(t, err)
			there, err := again.Strings(t.Context(), `select id from inbox`)
			ok(t, err)
			for _, id := range kept {
				if !slices.Contains(there, id) {
					t.Errorf("%s was accepted and is not there", id)
				}
			}
		})
	}
}
