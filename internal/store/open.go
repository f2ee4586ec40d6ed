package store

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/debriefhq/debrief"
)

// Options is what a store is given from outside.
type Options struct {
	Now        func() time.Time // the clock
	NewID      func() string    // UUIDv7: rows of the inbox and of the queue, lease tokens
	Log        *slog.Logger
	MaxBacklog int // open rows of the inbox above which Accept says Unavailable; 0: 100,000
}

// Store is everything debrief remembers. It is safe for use by many goroutines.
type Store struct {
	seam    seam
	writes  *sql.DB
	reads   *sql.DB
	clock   func() time.Time
	newID   func() string
	log     *slog.Logger
	wake    chan struct{}
	shard   atomic.Uint64
	parsed  map[string]*sql.Stmt // what the one writer runs over and over
	group   group
	backlog backlog
	life    context.Context // ends with Close
	end     context.CancelFunc
	running sync.WaitGroup
	logged  chan struct{} // something was committed; nil where no log is to be tended
	tending sync.WaitGroup
}

// Open opens the database a DSN names (a file for SQLite, or postgres://…),
// creating and migrating what is missing. Two servers may do so at once.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	sm, err := seamFor(dsn)
	if err != nil {
		return nil, err
	}
	if o.Now == nil || o.NewID == nil {
		return nil, debrief.Errorf(debrief.Internal, "", "store.Open needs a clock and a source of ids")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxBacklog == 0 {
		o.MaxBacklog = 100_000
	}
	w, r, err := sm.open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	s := &Store{seam: sm, writes: w, reads: r, clock: o.Now, newID: o.NewID, log: o.Log, wake: make(chan struct{}, 1)}
	s.life, s.end = context.WithCancel(context.WithoutCancel(ctx))
	s.backlog.max = int64(o.MaxBacklog)
	h := fnv.New64a()
	h.Write([]byte(o.NewID())) // so that two servers begin at different shards
	s.shard.Store(h.Sum64())
	err = s.migrate(ctx, migrations())
	if sm.foreign(err) {
		err = debrief.Errorf(debrief.Invalid, "db", "%s is not a SQLite database", dsn).
			WithHint("give the name of a file that does not exist yet, or of one that debrief made")
	}
	if err == nil && sm.groups() {
		err = s.parse(ctx, sqlAcceptInbox, sqlAcceptWork)
		s.logged = make(chan struct{}, 1)
		s.tending.Go(s.tend)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// parse keeps statements ready on the connection that writes.
func (s *Store) parse(ctx context.Context, texts ...string) error {
	s.parsed = make(map[string]*sql.Stmt, len(texts))
	for _, text := range texts {
		st, err := s.writes.PrepareContext(ctx, text)
		if err != nil {
			return s.read(ctx).wrap(err)
		}
		s.parsed[text] = st
	}
	return nil
}

// Close waits for what is being written and closes the database.
func (s *Store) Close() error {
	s.group.close()
	s.running.Wait()
	s.end()
	s.tending.Wait()
	err := s.writes.Close()
	if s.reads != s.writes {
		err = errors.Join(err, s.reads.Close())
	}
	return err
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.read(ctx).one(`select n from revision where shard = 0`, nil, new(int64))
	return err
}

// Engine is "sqlite" or "postgres".
func (s *Store) Engine() string { return s.seam.engine() }

// Wake receives when this process has committed new work. Several commits may
// wake once.
func (s *Store) Wake() <-chan struct{} { return s.wake }

func (s *Store) rouse() {
	select {
	case s.wake <- struct{}{}:
	default: // somebody is being woken already
	}
}

func (s *Store) now() time.Time { return debrief.Instant(s.clock()) }

// read runs single statements outside any transaction.
func (s *Store) read(ctx context.Context) querier { return querier{ctx, s.reads, s.seam} }

// snapshot runs several reads that see one state of the database.
func (s *Store) snapshot(ctx context.Context, fn func(querier) error) error {
	q := s.read(ctx)
	tx, err := s.reads.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return q.wrap(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	q.h = tx
	return fn(q)
}
