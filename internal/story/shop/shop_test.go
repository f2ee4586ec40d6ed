package shop

import (
	"bytes"
	"database/sql"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func seeded(t *testing.T, rows int) (*sql.DB, string) {
	t.Helper()
	dsn := filepath.Join(t.TempDir(), "shop.db")
	db, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := Seed(t.Context(), db, dsn, rows); err != nil {
		t.Fatal(err)
	}
	return db, dsn
}

func release(t *testing.T, version string) Release {
	t.Helper()
	r, err := Lookup(version)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func serve(t *testing.T, o Options) *httptest.Server {
	t.Helper()
	if o.Log == nil {
		o.Log = io.Discard
	}
	s := httptest.NewServer(New(o).Handler())
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, address string) string {
	t.Helper()
	res, err := http.Get(address)
	return answer(t, res, err, http.StatusOK)
}

func post(t *testing.T, address string, form url.Values, want int) string {
	t.Helper()
	res, err := http.PostForm(address, form)
	return answer(t, res, err, want)
}

func answer(t *testing.T, res *http.Response, err error, want int) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		t.Fatalf("%s: %v %s", res.Status, err, text)
	}
	return string(text)
}

// The migration changes where sold lines are kept and nothing a customer sees,
// also when it was stopped half way and is run again.
func TestEveryVersionChargesTheSame(t *testing.T) {
	t.Parallel()
	db, dsn := seeded(t, 40_000)
	old := serve(t, Options{DB: db, DSN: dsn, Release: release(t, "v1.41")})
	for range 12 {
		post(t, old.URL+"/checkout", url.Values{"cart": {"7"}}, http.StatusOK)
	}
	before := get(t, old.URL+"/checkout?cart=7")
	if strings.Contains(before, "€ 0.00 of it off") {
		t.Fatalf("bought twelve times and no discount: %s", before)
	}
	for _, version := range []string{"v1.42", "v1.42", "v1.42-twin", "v1.43"} {
		r := release(t, version)
		if err := Migrate(t.Context(), db, dsn, r, io.Discard); err != nil {
			t.Fatal(err)
		}
		now := serve(t, Options{DB: db, DSN: dsn, Release: r})
		if after := get(t, now.URL+"/checkout?cart=7"); after != before {
			t.Errorf("%s charges %s, v1.41 %s", version, after, before)
		}
		if v := get(t, now.URL+"/version"); strings.TrimSpace(v) != version {
			t.Errorf("version %s says it is %s", version, v)
		}
	}
}

// The fault is how the engine has to look for the rows, and nothing else.
func TestOnlyTheForgottenIndexDiffers(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"v1.42": "SCAN order_events", "v1.42-twin": "SEARCH order_events USING INDEX"} {
		db, dsn := seeded(t, 100)
		if err := Migrate(t.Context(), db, dsn, release(t, version), io.Discard); err != nil {
			t.Fatal(err)
		}
		rows, err := db.Query(`explain query plan `+boughtDocuments, "c1", "p1")
		if err != nil {
			t.Fatal(err)
		}
		var plan strings.Builder
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan.WriteString(detail + "\n")
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan.String(), want) || !strings.Contains(plan.String(), "SEARCH order_history USING INDEX") {
			t.Errorf("%s: want %s in\n%s", version, want, plan.String())
		}
	}
}

// What is sold under v1.42 grows the table that every checkout reads through,
// and when the limit is reached the cart is sold and an error logged.
func TestGrowsIntoItsOwnLimit(t *testing.T) {
	t.Parallel()
	db, dsn := seeded(t, 1000)
	r := release(t, "v1.42")
	if err := Migrate(t.Context(), db, dsn, r, io.Discard); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := serve(t, Options{DB: db, DSN: dsn, Release: r, Log: &log, Limit: time.Hour})
	post(t, s.URL+"/checkout", url.Values{"cart": {"40"}}, http.StatusOK)
	var n int
	if err := db.QueryRow(`select count(*) from order_events`).Scan(&n); err != nil || n != officeSize {
		t.Fatalf("%d rows, %v", n, err)
	}
	if strings.Contains(log.String(), "level=ERROR") {
		t.Fatalf("an error without a reason: %s", log.String())
	}
	tight := serve(t, Options{DB: db, DSN: dsn, Release: r, Log: &log, Limit: time.Nanosecond})
	post(t, tight.URL+"/checkout", url.Values{"cart": {"40"}}, http.StatusOK)
	if !strings.Contains(log.String(), `level=ERROR msg="loyalty discount not worked out in time" cart=40 lines=500`) {
		t.Errorf("no error line in %s", log.String())
	}
	if m := get(t, tight.URL+"/metrics"); !strings.Contains(m, "shop_discounts_given_up_total 1") || !strings.Contains(m, `shop_build_info{version="v1.42"} 1`) {
		t.Errorf("metrics say %s", m)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	db, dsn := seeded(t, 100)
	s := serve(t, Options{DB: db, DSN: dsn, Release: release(t, "v1.41")})
	order := strings.TrimSpace(post(t, s.URL+"/checkout", url.Values{"cart": {"3"}}, http.StatusOK))
	post(t, s.URL+"/refund", url.Values{"order": {order}}, http.StatusOK)
	post(t, s.URL+"/refund", url.Values{"order": {order}}, http.StatusConflict)
	post(t, s.URL+"/checkout", url.Values{"cart": {"no"}}, http.StatusBadRequest)
	post(t, s.URL+"/checkout", url.Values{"cart": {"99999"}}, http.StatusNotFound)
	if m := get(t, s.URL+"/metrics"); !strings.Contains(m, `http_request_duration_seconds_count{code="409",route="/refund",version="v1.41"} 1`) {
		t.Errorf("metrics say %s", m)
	}
	if _, err := Lookup("v9"); err == nil || !strings.Contains(err.Error(), "v1.41, v1.42") {
		t.Errorf("unknown version: %v", err)
	}
}
