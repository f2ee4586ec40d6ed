package cli

import (
	"context"
	"database/sql"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func factsEnv(t *testing.T, dsn string) *Env {
	t.Helper()
	return &Env{Dir: t.TempDir(), Now: time.Now, Getenv: func(k string) string {
		if k == "DEBRIEF_FACTS_DSN" {
			return dsn
		}
		return ""
	}}
}

func TestSQLiteFacts(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a shop?.db")
	db, err := sql.Open("sqlite", "file:"+strings.ReplaceAll(file, "?", "%3F"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`create table analysed (id integer primary key, x text)`,
		`create index analysed_x on analysed (x)`,
		`insert into analysed (x) with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) select i % 10 from n`,
		`analyze`,
		`create table "odd ""name" (x)`,
		`insert into "odd ""name" (rowid, x) values (7, 1)`,
		`create table empty (x)`,
		`create table keyed (k text primary key) without rowid`,
		`insert into keyed values ('a')`,
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file, filepath.Join(filepath.Dir(file), "shop.db")); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(filepath.Dir(file), "shop.db")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, dsn := range []string{file, "file:" + file, "sqlite://" + file + "?mode=rwc"} {
		got, err := readFacts(t.Context(), factsEnv(t, dsn), nil)
		want := debrief.Facts{"rows": "1007", "rows.analysed": "1000", `rows.odd "name`: "7", "rows.empty": "0"}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", dsn, err, diff)
		}
	}
	got, err := readFacts(t.Context(), factsEnv(t, file), []string{"analysed", "nosuch"})
	if got["rows"] != "1000" || debrief.KindOf(err) != debrief.NotFound {
		t.Errorf("named tables: %v, %v", got, err)
	}
	after, err := os.ReadFile(file)
	if err != nil || string(before) != string(after) {
		t.Errorf("the file was written to: %v", err)
	}
	if _, err := readFacts(t.Context(), factsEnv(t, "nowhere.db"), nil); debrief.KindOf(err) != debrief.NotFound {
		t.Errorf("no file: %v", err)
	}
	if _, err := os.Stat("nowhere.db"); err == nil {
		t.Error("the file was made")
	}
}

func TestPostgresFacts(t *testing.T) {
	t.Parallel()
	dsn := storetest.Postgres(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `
		create table orders (id int); insert into orders select generate_series(1, 5000);
		create schema shop; create table shop.items (id int); insert into shop.items values (1);
		create table parts (id int) partition by range (id);
		create table parts_a partition of parts for values from (0) to (100);
		create table parts_b partition of parts for values from (100) to (200);
		insert into parts select generate_series(50, 149);
		create table fresh (id int);
		analyze orders; analyze shop.items; analyze parts_a; analyze parts_b`); err != nil {
		t.Fatal(err)
	}
	got, err := readFacts(t.Context(), factsEnv(t, dsn), nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := debrief.Facts{}
	for k, v := range got {
		if strings.HasPrefix(k, "rows") {
			rows[k] = v
		}
	}
	want := debrief.Facts{"rows": "5101", "rows.orders": "5000", "rows.shop.items": "1", "rows.parts": "100"}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got["bytes.orders"] == "" || got["bytes.orders"] == "0" {
		t.Errorf("no size: %v", got)
	}
	got, err = readFacts(t.Context(), factsEnv(t, dsn), []string{"shop.items", "nosuch"})
	if got["rows"] != "1" || debrief.KindOf(err) != debrief.NotFound {
		t.Errorf("named tables: %v, %v", got, err)
	}
}

// A database that does not answer, or refuses, is a warning without its address.
func TestFactsKeepTheAddress(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, dsn := range []string{
		"postgres://user:hunter2@" + l.Addr().String() + "/secretdb?sslmode=disable",
		"postgres://user:hunter2@127.0.0.1:1/secretdb",
		"postgres://user:hunter2@127.0.0.1:notaport/secretdb",
		"host=/nowhere user=hunter2 dbname=secretdb",
		"/secretdb/hunter2",
	} {
		started := time.Now()
		facts, err := readFacts(t.Context(), factsEnv(t, dsn), nil)
		if err == nil || facts != nil {
			t.Errorf("%s: %v, %v", dsn, facts, err)
			continue
		}
		if s := err.Error(); strings.Contains(s, "hunter2") || strings.Contains(s, "secretdb") {
			t.Errorf("the address is told: %s", s)
		}
		if took := time.Since(started); took > 2*factsLimit {
			t.Errorf("%s took %s", dsn, took)
		}
	}
}
