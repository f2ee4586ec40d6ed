package store_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// What one engine wrote, any engine reads, and writes again byte for byte.
func TestExportImportExport(t *testing.T) {
	t.Parallel()
	for _, from := range storetest.Engines() {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			s, clock := storetest.Open(t, from)
			seed(t, s, 450)
			everything(t, s, clock)
			first := export(t, s, true)
			for _, sh := range []string{"services", "inbox", "work", "events", "event_keys", "incidents", "mentions", "tickets", "log_counts", "chunks", "settings", "tokens", "terms", "outbox", "looks", "redirects"} {
				if !strings.Contains(first, `{"table":"`+sh+`"`) {
					t.Errorf("nothing of %s was written", sh)
				}
			}
			for _, to := range storetest.Engines() {
				t.Run("to "+to, func(t *testing.T) {
					t.Parallel()
					other, _ := storetest.Open(t, to)
					n, err := other.Import(t.Context(), strings.NewReader(first))
					ok(t, err)
					second := export(t, other, true)
					if first != second {
						t.Fatal(cmp.Diff(strings.Split(first, "\n"), strings.Split(second, "\n")))
					}
					if lines := strings.Count(first, "\n"); n != lines-2 {
						t.Errorf("%d rows of %d lines", n, lines)
					}
					if bare := export(t, other, false); bare != export(t, s, false) {
						t.Error("without receipts they differ")
					}
					// The queue goes on where it stood.
					w, err := other.Claim(t.Context(), []string{"record"}, time.Minute)
					if err != nil || w == nil {
						t.Fatal(w, err)
					}
					if _, err := other.Import(t.Context(), strings.NewReader(first)); debrief.KindOf(err) != debrief.Conflict {
						t.Errorf("into what is not empty: %v", err)
					}
				})
			}
		})
	}
}

// everything adds what seed does not: odd bytes, a lease, an absorbed id.
func everything(t *testing.T, s *store.Store, clock *storetest.Clock) {
	t.Helper()
	at := clock.Now()
	_, err := s.Accept(t.Context(), debrief.Envelope{Source: "github", Key: "1", Header: map[string]string{"X": "<é>"}, Body: []byte(`{"a":"<\u00e9>"}`), Digest: "d"},
		debrief.Envelope{Source: "odd", Key: "2", Body: []byte{0xff, 0, 1}}, debrief.Envelope{Source: "empty", Key: "3", Body: []byte("x\x00y")})
	ok(t, err)
	_, err = s.Setting(t.Context(), "salt", func() string { return "s" })
	ok(t, err)
	ok(t, s.SaveToken(t.Context(), store.Token{ID: "t", Name: "ci", Hash: "h", Scope: "read", Created: at}))
	ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
		for _, do := range []func() error{
			func() error {
				return tx.SaveEvents([]debrief.Event{{
					ID: "e1", Source: "api", Kind: debrief.EventDeployment, At: at, Received: at.Add(time.Second), Service: "service-1",
					Report: &debrief.Report{Keys: []string{"k"}, Output: "tail <&>\u2028", Command: "make"},
				}}, func(debrief.Event) []string { return []string{"k", "l"} })
			},
			func() error {
				return tx.SaveIncidents([]debrief.Incident{{ID: "i", Service: "service-1", Services: []string{"service-1", "service-2"}, Began: at, Title: "<b>"}}, map[string]string{"old": "i"})
			},
			func() error { _, err := tx.Service("Service 1", false); return err },
			func() error { return tx.SaveTickets([]debrief.Ticket{{ID: "t", Service: "org", Opened: at}}, nil) },
			func() error {
				return tx.SaveLogCounts("service-1", []store.LogCount{{ID: "p", Template: "x <*>", Level: "error", Example: "x 1", Bins: map[int64]int{at.Unix(): 2}, First: at, Last: at}})
			},
			func() error { return tx.SaveChunk("service-1", "m", at.Truncate(time.Hour), `["not","JSON" to us`) },
			func() error { return tx.Index("service-1", "release", "release-1", "checkout is slower") },
			func() error { return tx.SetAliases("service-1", []string{"one"}) },
			func() error {
				return tx.Post(debrief.Message{Key: "look/r/1", Channel: "chat", Text: "slower", State: debrief.MessageWaiting, Created: at})
			},
			func() error { return tx.SaveBacktest("service-1", debrief.Backtest{Measured: at}) },
		} {
			if err := do(); err != nil {
				return err
			}
		}
		return nil
	}))
}

func export(t testing.TB, s *store.Store, receipts bool) string {
	t.Helper()
	var b bytes.Buffer
	_, err := s.Export(t.Context(), &b, receipts)
	ok(t, err)
	return b.String()
}

// A column that was added and is not written would be lost without a word.
func TestEveryColumnIsExported(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		columns, tables := store.Shapes()
		var declared []string
		for _, table := range store.Tables() {
			declared = append(declared, table.Name)
		}
		slices.Sort(tables)
		if !slices.Equal(tables, declared) {
			t.Errorf("tables written or left out on purpose (shapes.go): %v\nthere are: %v", tables, declared)
		}
		text := `select m.name || '.' || c.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'`
		if s.Engine() == "postgres" {
			text = `select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'`
		}
		there, err := s.Strings(t.Context(), text)
		ok(t, err)
		for _, c := range there {
			if table, _, _ := strings.Cut(c, "."); table != "migrations" && table != "revision" && !slices.Contains(columns, c) {
				t.Errorf("%s is not in shapes.go: it would not be exported", c)
			}
		}
		if len(there) < 100 {
			t.Errorf("only %d columns: is the catalogue read rightly?", len(there))
		}
	})
}

func TestWhatIsNoExport(t *testing.T) {
	t.Parallel()
	s, _ := storetest.Open(t, "sqlite")
	good := export(t, s, true)
	head, tail, _ := strings.Cut(good, "\n")
	row := `{"table":"aliases","row":{"alias":"a","service_id":"s"}}` + "\n"
	for name, c := range map[string]struct{ text, want string }{
		"nothing":         {"", "line 1"},
		"something else":  {"key,service\n", "line 1"},
		"another format":  {`{"debrief_export":7,"schema":[],"receipts":true}` + "\n", "format 7"},
		"a newer schema":  {`{"debrief_export":1,"schema":["9999_x"],"receipts":true}` + "\n", "9999_x"},
		"no receipts":     {export(t, s, false), "--no-receipts"},
		"cut off":         {head + "\n" + row, "cut off"},
		"a row too few":   {head + "\n" + `{"end":true,"rows":1}`, "1 rows were announced"},
		"no JSON":         {head + "\n" + row + "x\n", "line 3"},
		"unknown table":   {head + "\n" + row + `{"table":"x","row":{}}` + "\n" + tail, `unknown table "x"`},
		"unknown column":  {head + "\n" + `{"table":"aliases","row":{"y":"a"}}` + "\n" + tail, `unknown column "y"`},
		"another type":    {head + "\n" + `{"table":"aliases","row":{"alias":7}}` + "\n" + tail, "aliases.alias"},
		"said twice":      {head + "\n" + row + row + `{"end":true,"rows":2}`, ""},
		"a broken moment": {head + "\n" + `{"table":"changes","row":{"at":"noon"}}` + "\n" + tail, "changes.at"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Import(t.Context(), strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if now := export(t, s, true); now != good {
				t.Errorf("something was kept:\n%s", now)
			}
		})
	}
	if _, err := s.Import(t.Context(), strings.NewReader(strings.TrimSuffix(good, "\n"))); err != nil {
		t.Errorf("the last line needs no end: %v", err)
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(`{"debrief_export":1,"schema":[],"receipts":true}` + "\n" + `{"table":"inbox","row":{"source":"a","body":{"base64":"AA=="},"header":{}},"receipt":{"id":"1","received_at":"2026-01-01T00:00:00Z"}}` + "\n" + `{"end":true,"rows":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, _ := storetest.Open(t, "sqlite")
		n, err := s.Import(t.Context(), bytes.NewReader(text))
		if err != nil {
			return
		}
		if got := strings.Count(export(t, s, true), "\n") - 2; got != n {
			t.Errorf("%d rows read, %d written", n, got)
		}
	})
}

// BenchmarkExport writes what 100,000 releases left behind.
func BenchmarkExport(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) {
			s, _ := storetest.Open(b, engine)
			seed(b, s, 100_000)
			for b.Loop() {
				var w counter
				rows, err := s.Export(b.Context(), &w, true)
				ok(b, err)
				b.SetBytes(int64(w))
				b.ReportMetric(float64(rows), "rows")
			}
		})
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
