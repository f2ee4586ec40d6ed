package shop

import (
	"context"
	"database/sql"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // what is no postgres:// address is a file

	"github.com/debriefhq/debrief"
)

// Open opens the shop's database: a PostgreSQL URL or the path of an SQLite
// file, which is created where there is none.
func Open(ctx context.Context, dsn string) (*sql.DB, error) {
	open := file
	if postgres(dsn) {
		open = server
	}
	db, err := open(dsn)
	if err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "dsn", "cannot open the shop's database: %w", err)
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, debrief.Errorf(debrief.Unavailable, "dsn", "the shop's database does not answer: %w", err)
	}
	return db, nil
}

func file(path string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate")
}

// server has every statement planned for the table as it is now. A plan kept
// from when a new table was empty would read it whole, with an index or
// without, until PostgreSQL looks at the table again: v1.42 and its twin must
// differ in the index and in nothing else.
func server(dsn string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	return stdlib.OpenDB(*cfg), nil
}

func postgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}
