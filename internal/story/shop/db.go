package shop

import (
	"context"
	"database/sql"
	"net/url"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // postgres:// DSNs
	_ "modernc.org/sqlite"             // everything else is a file

	"github.com/debriefhq/debrief"
)

// Open opens the shop's database: a PostgreSQL URL or the path of an SQLite
// file, which is created where there is none.
func Open(ctx context.Context, dsn string) (*sql.DB, error) {
	driver, name := "pgx", dsn
	if !postgres(dsn) {
		driver = "sqlite"
		name = "file:" + (&url.URL{Path: dsn}).EscapedPath() +
			"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate"
	}
	db, err := sql.Open(driver, name)
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

func postgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}
