package cli

import (
	"cmp"
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the driver

	"github.com/debriefhq/debrief"
)

// sqliteSizes reads ANALYZE's estimates (sqlite_stat1), else the greatest
// rowid: both cost the same on any table.
func sqliteSizes(ctx context.Context, dsn, dir string, tables []string) ([]tableSize, error) {
	path := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(dsn, "sqlite://"), "sqlite:"), "file:")
	path, _, _ = strings.Cut(path, "?")
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, debrief.Errorf(debrief.NotFound, "DEBRIEF_FACTS_DSN", "neither a PostgreSQL address nor a SQLite file that is there")
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&_pragma=busy_timeout(500)&_pragma=query_only(1)"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, sqliteProblem()
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	there, err := strings1(ctx, db, `select name from sqlite_master where type = 'table' and name not like 'sqlite\_%' escape '\' order by name`)
	if err != nil {
		return nil, sqliteProblem()
	}
	var missing error
	if len(tables) > 0 {
		for _, t := range tables {
			if !slices.Contains(there, t) {
				missing = debrief.Errorf(debrief.NotFound, "--table", "%q is not a table there", t)
			}
		}
		there = tables
	}
	var sizes []tableSize
	for _, t := range there {
		if rows, ok := sqliteRows(ctx, db, t); ok {
			sizes = append(sizes, tableSize{Name: t, Rows: rows})
		}
	}
	slices.SortStableFunc(sizes, func(a, b tableSize) int { return cmp.Compare(b.Rows, a.Rows) })
	if len(tables) == 0 && len(sizes) > factsTables {
		sizes = sizes[:factsTables]
	}
	return sizes, missing
}

// sqliteRows is an estimate; false where there is none (never analysed, and no
// rowid).
func sqliteRows(ctx context.Context, db *sql.DB, table string) (int64, bool) {
	stats, _ := strings1(ctx, db, `select stat from sqlite_stat1 where tbl = $1`, table) // not there before ANALYZE
	most := int64(-1)
	for _, s := range stats {
		first, _, _ := strings.Cut(s, " ")
		if n, err := strconv.ParseInt(first, 10, 64); err == nil {
			most = max(most, n) // a partial index has fewer
		}
	}
	if most >= 0 {
		return most, true
	}
	var last sql.NullInt64
	err := db.QueryRowContext(ctx, `select max(rowid) from "`+strings.ReplaceAll(table, `"`, `""`)+`"`).Scan(&last)
	return last.Int64, err == nil
}

func strings1(ctx context.Context, db *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s sql.NullString
		if err := rows.Scan(&s); err != nil {
			return out, err
		}
		out = append(out, s.String)
	}
	return out, rows.Err()
}

func sqliteProblem() error {
	return debrief.Errorf(debrief.Unavailable, "DEBRIEF_FACTS_DSN", "the SQLite file cannot be read")
}
