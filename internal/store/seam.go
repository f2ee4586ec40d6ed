package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"hash/fnv"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/debriefhq/debrief"
)

// seam is all in which the engines differ.
type seam interface {
	engine() string
	// open returns the pool that writes and the pool that reads.
	open(ctx context.Context, dsn string) (write, read *sql.DB, err error)
	// schema words a migration for this engine.
	schema(ddl string) string
	// lockMigrations makes other servers wait until the transaction ends.
	lockMigrations(q querier) error
	// lock holds the names until the transaction ends.
	lock(q querier, names []string) error
	// skipLocked is what a claim adds to its select.
	skipLocked() string
	// groups says whether concurrent Accepts should share a transaction.
	groups() bool
	// acceptMany writes many envelopes and the work they ask for, given by
	// columns, and tells how many were new; "" where one by one costs less.
	acceptMany() string
	// together runs statements in one transaction and one round trip; nil
	// where the engine has nothing to gain from it.
	together(ctx context.Context, db *sql.DB, stmts ...stmt) ([]int64, error)
	// again says whether a transaction that failed with err should be run anew.
	again(err error) bool
	// unwell says whether err is trouble of the machine or the network that may
	// pass, and not a mistake of ours.
	unwell(err error) bool
	// foreign says whether err means that there is no database of this engine.
	foreign(err error) bool
	// explain prefixes a statement to ask for its plan.
	explain() string
	hasTable(q querier, name string) (bool, error)
}

// stmt is a statement with its arguments.
type stmt struct {
	text string
	args []any
}

// seamFor picks the engine a DSN speaks of.
func seamFor(dsn string) (seam, error) {
	switch scheme, _, ok := strings.Cut(dsn, "://"); {
	case strings.TrimSpace(dsn) == "":
		return nil, debrief.Errorf(debrief.Invalid, "db", "no database is named").
			WithHint("give a file name, or postgres://user@host/name")
	case dsn == ":memory:" || strings.HasPrefix(dsn, "file:"):
		return nil, debrief.Errorf(debrief.Invalid, "db", "%q is not a plain file name", dsn).
			WithHint("debrief keeps what it learns: give a file name such as ./debrief.db, or postgres://user@host/name")
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		return postgresSeam{}, nil
	case ok && !strings.ContainsAny(scheme, `/\.`):
		return nil, debrief.Errorf(debrief.Invalid, "db", "unknown kind of database %q", scheme).
			WithHint("known are: a file name (SQLite) and postgres://")
	}
	return sqliteSeam{}, nil
}

// ---- SQLite: one file, one writer, many readers.

type sqliteSeam struct{}

func (sqliteSeam) engine() string           { return "sqlite" }
func (sqliteSeam) schema(ddl string) string { return ddl }
func (sqliteSeam) skipLocked() string       { return "" }
func (sqliteSeam) groups() bool             { return true }
func (sqliteSeam) explain() string          { return "explain query plan " }

// Every write transaction begins by taking the one write lock.
func (sqliteSeam) lockMigrations(querier) error { return nil }
func (sqliteSeam) lock(querier, []string) error { return nil }

func (sqliteSeam) acceptMany() string { return "" }

func (sqliteSeam) together(context.Context, *sql.DB, ...stmt) ([]int64, error) { return nil, nil }

func (sqliteSeam) open(ctx context.Context, dsn string) (write, read *sql.DB, err error) {
	path, err := filepath.Abs(dsn)
	if err != nil {
		return nil, nil, debrief.Errorf(debrief.Invalid, "db", "cannot use the file %s: %w", dsn, err)
	}
	// Made here, so that it is readable by its owner only, and so that a
	// missing folder is an error a person understands.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, debrief.Errorf(debrief.Invalid, "db", "cannot open the database file: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, nil, err
	}
	uri := func(query string) string {
		// busy_timeout comes first, so that setting the others can wait.
		return (&url.URL{Scheme: "file", Path: path}).String() + "?_busy_timeout=10000&_foreign_keys=1&_dqs=0&" + query
	}
	if write, err = sql.Open("sqlite", uri("_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_pragma=cache_size(-8000)&_pragma=wal_autocheckpoint(16000)")); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	write.SetMaxIdleConns(1)
	if read, err = sql.Open("sqlite", uri("_query_only=1")); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	read.SetConnMaxIdleTime(time.Minute) // each keeps a cache of its own
	return write, read, nil
}

func (sqliteSeam) again(err error) bool {
	return sqliteCode(err, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
}

// A full disk is the one that happens.
func (sqliteSeam) unwell(err error) bool {
	return sqliteCode(err, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM)
}

func (sqliteSeam) foreign(err error) bool { return sqliteCode(err, sqlite3.SQLITE_NOTADB) }

func sqliteCode(err error, codes ...int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code()&0xff)
}

func (sqliteSeam) hasTable(q querier, name string) (bool, error) {
	return q.one(`select 1 from sqlite_master where type = 'table' and name = $1`, args(name), new(int))
}

// ---- PostgreSQL.

type postgresSeam struct{}

func (postgresSeam) engine() string     { return "postgres" }
func (postgresSeam) skipLocked() string { return " for update skip locked" }
func (postgresSeam) groups() bool       { return false } // it gathers commits itself
func (postgresSeam) explain() string    { return "explain " }

var textType = regexp.MustCompile(`\btext not null\b`)

// schema orders text by bytes, as SQLite does: pages and terms then come in
// the same order on both engines, whatever the database's locale.
func (postgresSeam) schema(ddl string) string {
	return textType.ReplaceAllString(ddl, `text collate "C" not null`)
}

func (postgresSeam) open(ctx context.Context, dsn string) (write, read *sql.DB, err error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		// The parser's error repeats the DSN; pgx redacts the password in it.
		return nil, nil, debrief.Errorf(debrief.Invalid, "db", "cannot read the database's address: %w", err)
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "debrief"
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16) // a connection closed is a process ended and started again
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, db, nil
}

// lockSpace keeps our advisory locks apart from those of other programs.
const lockSpace = 0x6465 // "de"

func (postgresSeam) lockMigrations(q querier) error {
	_, err := q.exec(`select pg_advisory_xact_lock($1, $2)`, lockSpace, -1)
	return err
}

// lock takes the names in one order, so that two transactions with the same
// names wait and do not deadlock. Names share a few thousand locks: sharing one
// costs a wait, never an error.
func (postgresSeam) lock(q querier, names []string) error {
	nums := make([]int, 0, len(names))
	for _, n := range names {
		h := fnv.New32a()
		h.Write([]byte(n))
		nums = append(nums, int(h.Sum32()%2048))
	}
	slices.Sort(nums)
	for _, n := range slices.Compact(nums) {
		if _, err := q.exec(`select pg_advisory_xact_lock($1, $2)`, lockSpace, n); err != nil {
			return err
		}
	}
	return nil
}

func (postgresSeam) acceptMany() string {
	return `with fresh as (
		insert into inbox (id, source, natural_key, received_at, header, body, digest, state, reason, settled_at, raw)
		select i.id, i.source, i.key, i.at, i.header, i.body, i.digest, 'open', '', 0, true
		from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::text[])
			as i (id, source, key, at, header, body, digest)
		on conflict (source, natural_key) do nothing returning id
	), todo as (` + sqlAcceptWorkHead + `
		select id, 'record', id, '', '', $8::bigint, $8::bigint, 0, 0, '', '', false, $8::bigint from fresh
	) select count(*) from fresh`
}

// together sends all at once: a pipeline up to one sync is one transaction.
func (postgresSeam) together(ctx context.Context, db *sql.DB, stmts ...stmt) ([]int64, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	touched := make([]int64, len(stmts))
	err = conn.Raw(func(raw any) error {
		var batch pgx.Batch
		for _, st := range stmts {
			batch.Queue(st.text, clean(st.args)...)
		}
		results := raw.(*stdlib.Conn).Conn().SendBatch(ctx, &batch)
		for i := range stmts {
			tag, err := results.Exec()
			if err != nil {
				return errors.Join(err, results.Close())
			}
			touched[i] = tag.RowsAffected()
		}
		return results.Close()
	})
	return touched, err
}

func (postgresSeam) again(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code {
		case "40001", "40P01", "55P03": // serialization failure, deadlock, lock not available
			return true
		}
		return false
	}
	return pgconn.SafeToRetry(err) // nothing was sent
}

func (postgresSeam) foreign(error) bool { return false }

// What the server did not say itself is trouble on the way to it.
func (postgresSeam) unwell(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code[:2] {
		case "08", "53", "57", "58": // connection, resources, shutting down, the system below
			return true
		}
		return false
	}
	var lost net.Error
	return pgconn.Timeout(err) || errors.As(err, &lost) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn)
}

func (postgresSeam) hasTable(q querier, name string) (bool, error) {
	return q.one(`select 1 from pg_catalog.pg_class where oid = to_regclass($1)`, args(name), new(int))
}
