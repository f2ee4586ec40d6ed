package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// BenchmarkStory100k loads what a release's page tells, with 100,000 releases
// stored; the page's budget is 20 ms.
func BenchmarkStory100k(b *testing.B) {
	const n = 100_000
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) {
			s, _ := storetest.Open(b, engine)
			seed(b, s, n)
			b.Run("typical", func(b *testing.B) { stories(b, s, n, 977) })
			b.Run("large looks", func(b *testing.B) { stories(b, s, n, 1000) })
			b.Run("list", func(b *testing.B) {
				for b.Loop() {
					if rs, _, err := s.Releases(b.Context(), store.Filter{Limit: 50}); err != nil || len(rs) != 50 {
						b.Fatal(len(rs), err)
					}
				}
			})
		})
	}
}

func stories(b *testing.B, s *store.Store, n, step int) {
	i := n / 2 / step * step
	for b.Loop() {
		i = (i + step) % n
		st, err := s.Story(b.Context(), seedID(i))
		if err != nil {
			b.Fatal(err)
		}
		if len(st.Looks) != 3 || len(st.Deployments) != 1 || len(st.Changes) != 2 || len(st.Staging) == 0 {
			b.Fatalf("an incomplete story: %+v", st)
		}
	}
}

// BenchmarkAccept holds Accept against the same engine's own single durable
// insert, turn by turn, so that a noisy disk is equally unkind to both. The
// figure to read is "ratio"; its limit is 2.
func BenchmarkAccept(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) {
			s, bare := durable(b, engine)
			body := make([]byte, 2000)
			var ours, theirs time.Duration
			n := 0
			for b.Loop() {
				n++
				t0 := time.Now()
				if _, err := bare.ExecContext(b.Context(), `insert into bare (id, body) values ($1, $2)`, fmt.Sprint(n), body); err != nil {
					b.Fatal(err)
				}
				t1 := time.Now()
				if _, err := s.Accept(b.Context(), debrief.Envelope{Source: "api", Key: fmt.Sprint(n), Body: body}); err != nil {
					b.Fatal(err)
				}
				theirs, ours = theirs+t1.Sub(t0), ours+time.Since(t1)
			}
			b.ReportMetric(float64(theirs.Microseconds())/float64(n), "bare-µs")
			b.ReportMetric(float64(ours.Microseconds())/float64(n), "accept-µs")
			b.ReportMetric(float64(ours)/float64(theirs), "ratio")
		})
	}
}

// BenchmarkAcceptTogether is many senders at once.
func BenchmarkAcceptTogether(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) {
			s, _ := durable(b, engine)
			body := make([]byte, 2000)
			var n atomic.Int64
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := s.Accept(b.Context(), debrief.Envelope{Source: "api", Key: fmt.Sprint(n.Add(1)), Body: body}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkWork is the cost of one step of the queue: claim and finish.
func BenchmarkWork(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) {
			s, _ := durable(b, engine)
			work := store.Work{Kind: "look", Key: "next"}
			ok(b, s.Update(b.Context(), func(tx *store.Tx) error { return tx.Enqueue(work) }))
			for b.Loop() {
				w, err := s.Claim(b.Context(), []string{"look", "notice", "record"}, time.Minute)
				if err != nil || w == nil {
					b.Fatal(w, err)
				}
				ok(b, s.Finish(b.Context(), w, func(tx *store.Tx) error { return tx.Enqueue(work) }))
			}
		})
	}
}

// durable opens a store whose engine really writes to the disk, and the bare
// engine beside it.
func durable(b *testing.B, engine string) (*store.Store, *sql.DB) {
	b.Helper()
	var ours, theirs, driver string
	switch engine {
	case "sqlite":
		dir := b.TempDir()
		ours, driver = filepath.Join(dir, "debrief.db"), "sqlite"
		theirs = (&url.URL{Scheme: "file", Path: filepath.Join(dir, "bare.db")}).String() + "?_journal_mode=WAL&_synchronous=FULL"
	default:
		pg := storetest.Cluster(b, "fsync=on", "full_page_writes=on")
		ok(b, pg.Exec(b.Context(), "postgres", "create database debrief"))
		ours, theirs, driver = pg.DSN("debrief"), pg.DSN("postgres"), "pgx"
	}
	bare, err := sql.Open(driver, theirs)
	ok(b, err)
	b.Cleanup(func() { bare.Close() })
	bare.SetMaxOpenConns(1)
	_, err = bare.ExecContext(context.Background(), `create table bare (id text not null primary key, body bytea not null)`)
	ok(b, err)
	return storetest.Reopen(b, ours, storetest.NewClock()), bare
}

// BenchmarkOpen makes an empty database ready: a part of the time until the
// server serves.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "debrief.db"), store.Options{Now: storetest.NewClock().Now, NewID: storetest.IDs()})
		ok(b, err)
		ok(b, s.Close())
	}
}
