package api_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/debriefhq/debrief/internal/api"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

var (
	ingestFor     = flag.Duration("ingest", 0, "measure ingest for so long on each engine (make bench-ingest)")
	ingestSenders = flag.Int("ingest.senders", 64, "how many connections send at once")
	ingestBatch   = flag.Int("ingest.batch", 100, "events a request carries")
	// On a machine that is shared, turns beside others are taken again.
	ingestPatience = flag.Duration("ingest.patience", 2*time.Minute, "how long to wait for turns in which nobody else works, for each figure")
	ingestEvents   = flag.Int("ingest.events", 0, "send so many events and compare the live heap of the first and the last tenth")
)

// TestIngest measures what an event costs from a real HTTP connection to the
// durable row, held against the engine itself: the same rows, as many to a
// transaction, written by as many writers, to tables with the same indexes, in
// turns within the same run.
func TestIngest(t *testing.T) {
	if *ingestFor == 0 && *ingestEvents == 0 {
		t.Skip("measures for minutes: make bench-ingest")
	}
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			g := newGauge(t, engine)
			if *ingestEvents > 0 {
				g.heap(t, *ingestEvents)
				return
			}
			for _, batch := range []int{1, *ingestBatch} {
				g.compare(t, batch, *ingestFor)
			}
		})
	}
}

// gauge is a server with its database, and the bare engine beside it.
type gauge struct {
	store *store.Store
	srv   *httptest.Server
	wire  *wire
	bare  *sql.DB
	next  atomic.Int64
	rows  int // to a statement of the bare engine
}

func newGauge(t *testing.T, engine string) *gauge {
	t.Helper()
	ours, theirs, driver, dsn := "", "", "", ""
	if engine == "sqlite" {
		dir := t.TempDir()
		ours, theirs, driver = filepath.Join(dir, "debrief.db"), filepath.Join(dir, "bare.db"), "sqlite"
		dsn = (&url.URL{Scheme: "file", Path: theirs}).String() + "?_busy_timeout=10000&_foreign_keys=1&_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_pragma=cache_size(-8000)"
	} else {
		pg := storetest.Cluster(t, "fsync=on", "full_page_writes=on", "synchronous_commit=on")
		for _, name := range []string{"debrief", "bare"} {
			if err := pg.Exec(t.Context(), "postgres", "create database "+name); err != nil {
				t.Fatal(err)
			}
		}
		ours, theirs, driver = pg.DSN("debrief"), pg.DSN("bare"), "pgx"
		dsn = theirs
	}
	open := func(at string) *store.Store {
		s, err := store.Open(t.Context(), at, store.Options{Now: time.Now, NewID: storetest.IDs(), MaxBacklog: 1 << 40})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	schema := open(theirs) // the same tables and indexes
	if err := schema.Close(); err != nil {
		t.Fatal(err)
	}
	g := &gauge{store: open(ours), rows: 50}
	if engine == "sqlite" {
		g.rows = 1
	}
	t.Cleanup(func() { _ = g.store.Close() })
	var err error
	if g.bare, err = sql.Open(driver, dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.bare.Close() })
	g.bare.SetMaxOpenConns(16)
	if engine == "sqlite" {
		g.bare.SetMaxOpenConns(1) // one writer is all it has
	}
	g.bare.SetMaxIdleConns(16)
	a := api.New(api.Options{Store: g.store, Now: time.Now, Config: config.Default()})
	g.srv = httptest.NewServer(a.Main())
	t.Cleanup(g.srv.Close)
	g.wire = newWire(g.srv.URL, 4**ingestSenders)
	t.Cleanup(g.wire.hangUp)
	return g
}

// send posts one request of so many events, and says how long the answer took.
func (g *gauge) send(batch int) (time.Duration, error) {
	path := "/api/v1/deployments"
	head, tail, _ := strings.Cut(deployed, "ci-1")
	body := make([]byte, 0, batch*(len(deployed)+10)+20)
	one := func() {
		body = append(append(append(body, head...), fmt.Sprintf("ci-%d", g.next.Add(1))...), tail...)
	}
	if batch == 1 {
		one()
	} else {
		path += "/batch"
		body = append(body, `{"deployments":[`...)
		for i := range batch {
			if i > 0 {
				body = append(body, ',')
			}
			one()
		}
		body = append(body, `]}`...)
	}
	began := time.Now()
	status, answer, err := g.wire.post(path, body)
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("%d: %s", status, answer)
	}
	return time.Since(began), err
}

// together lets writers work for a while; each call of work does n events.
func together(t *testing.T, writers int, d time.Duration, work func() (int, error)) (perSecond float64) {
	t.Helper()
	var wg sync.WaitGroup
	var sum atomic.Int64
	began := time.Now()
	for range writers {
		wg.Go(func() {
			for time.Since(began) < d {
				n, err := work()
				if err != nil {
					t.Error(err)
					return
				}
				sum.Add(int64(n))
			}
		})
	}
	wg.Wait()
	return float64(sum.Load()) / time.Since(began).Seconds()
}

// Short turns, so that what else runs on the machine is unkind to both alike.
const rounds = 9

func (g *gauge) compare(t *testing.T, batch int, d time.Duration) {
	var ours, theirs, ratios []float64
	var size, o, b float64
	disturbed := 0
	until := time.Now().Add(*ingestPatience)
	for range rounds {
		quiet := alone(until, func() {
			accepts, txs := g.store.Grouped()
			o = together(t, *ingestSenders, d/rounds/2, func() (int, error) { _, err := g.send(batch); return batch, err })
			accepts2, txs2 := g.store.Grouped()
			if size = float64(batch); txs2 > txs { // requests share transactions
				size = float64(accepts2-accepts) / float64(txs2-txs)
			}
			b = together(t, *ingestSenders, d/rounds/2, func() (int, error) { return g.insert(t.Context(), max(1, int(size+0.5))) })
		})
		if !quiet {
			disturbed++
		}
		ours, theirs, ratios = append(ours, o), append(theirs, b), append(ratios, o/b)
	}
	t.Logf("%d senders, %d events a request, %.0f to a transaction: %.0f events/s, bare engine %.0f/s, ratio %.0f %% (%s)",
		*ingestSenders, batch, size, median(ours), median(theirs), 100*median(ratios), turns(disturbed))
	g.atHalf(t, batch, median(ours)/2, d/2)
}

func turns(disturbed int) string {
	if disturbed == 0 {
		return "nobody else at work"
	}
	return fmt.Sprintf("in %d of %d turns other programs had a fifth of a core or more", disturbed, rounds)
}

// atHalf sends at half the measured rate and reads the answers' times.
func (g *gauge) atHalf(t *testing.T, batch int, perSecond float64, d time.Duration) {
	if g.store.Engine() == "postgres" {
		// A cluster minutes old makes each file of its log anew; one that has been
		// running uses those before it again. From here on this one does.
		if _, err := g.bare.ExecContext(t.Context(), "checkpoint"); err != nil {
			t.Fatal(err)
		}
	}
	every := time.Duration(float64(time.Second) * float64(batch) / perSecond)
	var took []time.Duration
	disturbed := 0
	until := time.Now().Add(*ingestPatience)
	for range rounds {
		var turn []time.Duration
		if !alone(until, func() { turn = g.steadily(t, batch, every, d/rounds) }) {
			disturbed++
		}
		took = append(took, turn...)
	}
	slices.Sort(took)
	at := func(q float64) time.Duration { return took[int(q*float64(len(took)-1))].Round(100 * time.Microsecond) }
	t.Logf("at half that load, %d requests: median %v, p99 %v, slowest %v (%s)", len(took), at(0.5), at(0.99), at(1), turns(disturbed))
}

// steadily sends each request at its own time, whether or not those before it
// were answered.
func (g *gauge) steadily(t *testing.T, batch int, every, d time.Duration) (took []time.Duration) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	due := began
	slots := make(chan struct{}, 4**ingestSenders) // a server that stands still must not cost all memory
	for due.Sub(began) < d {
		due = due.Add(every)
		time.Sleep(time.Until(due)) // the load's own clock
		at := due
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if _, err := g.send(batch); err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			took = append(took, time.Since(at)) // waiting for its turn counts
			mu.Unlock()
		})
	}
	wg.Wait()
	return took
}

const (
	insertInbox = "insert into inbox (id, source, natural_key, received_at, header, body, digest, state, reason, settled_at, raw) values "
	insertWork  = "insert into work (id, kind, natural_key, service_id, payload, due_at, ready_at, again_at, attempts, token, problem, buried, created_at) values "
)

// insert is the bare engine's own: the same rows in one transaction, each way
// the engine likes best: SQLite a statement parsed once for single rows,
// PostgreSQL many rows to a statement.
func (g *gauge) insert(ctx context.Context, n int) (int, error) {
	tx, err := g.bare.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	now := time.Now().UnixMicro()
	var inboxOf, workOf *sql.Stmt
	if g.rows == 1 {
		if inboxOf, err = tx.PrepareContext(ctx, insertInbox+marks(0, 11)); err != nil {
			return 0, err
		}
		if workOf, err = tx.PrepareContext(ctx, insertWork+marks(0, 13)); err != nil {
			return 0, err
		}
	}
	for left := n; left > 0; left -= g.rows {
		var inbox, work strings.Builder
		var a, b []any
		for i := range min(left, g.rows) {
			k := g.next.Add(1)
			id := fmt.Sprintf("%036d", k)
			inbox.WriteString(marks(i, 11))
			a = append(a, id, "api", fmt.Sprintf("deployments/ci-%d", k), now, "{}", []byte(deployed), strings.Repeat("d", 64), "open", "", 0, true)
			work.WriteString(marks(i, 13))
			b = append(b, id, "record", id, "", "", now, now, 0, 0, "", "", false, now)
		}
		if g.rows == 1 {
			if _, err := inboxOf.ExecContext(ctx, a...); err != nil {
				return 0, err
			}
			if _, err := workOf.ExecContext(ctx, b...); err != nil {
				return 0, err
			}
			continue
		}
		if _, err := tx.ExecContext(ctx, insertInbox+inbox.String(), a...); err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, insertWork+work.String(), b...); err != nil {
			return 0, err
		}
	}
	return n, tx.Commit()
}

// marks is the ith row's "($1, $2)", with a comma before all but the first.
func marks(row, columns int) string {
	var b bytes.Buffer
	for c := range columns {
		fmt.Fprintf(&b, "%s$%d", cmp.Or(map[bool]string{true: "(", false: ", "}[c == 0]), row*columns+c+1)
	}
	b.WriteByte(')')
	if row > 0 {
		return ", " + b.String()
	}
	return b.String()
}

// heap sends so many events and compares what is live after the first tenth
// with what is live after the last.
func (g *gauge) heap(t *testing.T, events int) {
	batch := *ingestBatch
	var live []uint64
	for tenth := range 10 {
		began := time.Now()
		var left atomic.Int64
		left.Store(int64(events / 10))
		var wg sync.WaitGroup
		for range *ingestSenders {
			wg.Go(func() {
				for left.Add(-int64(batch)) >= 0 {
					if _, err := g.send(batch); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		g.wire.hangUp()
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		live = append(live, m.HeapAlloc)
		t.Logf("%d events, live heap %.1f MiB, %.0f events/s", (tenth+1)*(events/10), float64(m.HeapAlloc)/(1<<20), float64(events/10)/time.Since(began).Seconds())
	}
	first, last := float64(live[0])/(1<<20), float64(live[9])/(1<<20)
	t.Logf("%d events: live heap %.1f MiB after the first tenth, %.1f MiB after the last", events, first, last)
	if last > first*1.2+4 {
		t.Errorf("the live heap grows: %v", live)
	}
}
