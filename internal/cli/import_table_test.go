package cli

import (
	"strings"
	"testing"
	"time"
)

var tableNow = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

func readTable(t testing.TB, o importCSV, text string) ([]pastItem, string) {
	t.Helper()
	if o.zone == "" {
		o.zone = "UTC"
	}
	if o.env == "" {
		o.env = "production"
	}
	tab, err := o.reader(&Env{Now: func() time.Time { return tableNow }})
	if err != nil {
		t.Fatal(err)
	}
	items, wrong := tab.read([]byte(text))
	var lines []string
	for _, w := range wrong {
		lines = append(lines, w.String())
	}
	return items, strings.Join(lines, "\n")
}

func TestTables(t *testing.T) {
	t.Parallel()
	items, wrong := readTable(t, importCSV{kind: "deployments"}, "\xef\xbb\xbfService;Finished At;version;rollback\r\nshop;2026-03-03T14:02:11+01:00;v1;\r\n\r\n\"shop\";2026-03-04T14:02:11Z;\"v;2\";yes\r\n")
	if wrong != "" || len(items) != 2 {
		t.Fatalf("%d items, %s", len(items), wrong)
	}
	a, b := items[0].Deployment, items[1].Deployment
	if a.Times.Finished.Format(time.RFC3339) != "2026-03-03T13:02:11Z" || a.Environment != "production" || a.State != "succeeded" || b.Version != "v;2" || !b.Rollback || a.Keys[0] == b.Keys[0] {
		t.Errorf("%+v\n%+v", a, b)
	}
	items, wrong = readTable(t, importCSV{kind: "incidents", layout: "02.01.2006 15:04", zone: "Europe/Berlin"}, "key,title,service,detected_at,restored_at,people\nINC 7,\"carts\nwere lost\",shop,03.07.2025 14:02,03.07.2025 15:00,3\n")
	if wrong != "" || len(items) != 1 {
		t.Fatalf("%d items, %s", len(items), wrong)
	}
	if i := items[0].Incident; i.Detected.Format(time.RFC3339) != "2025-07-03T12:02:00Z" || i.People != 3 || !keyShape.MatchString(i.Keys[0]) || strings.Contains(i.Title, "\n") {
		t.Errorf("%+v", i)
	}
	items, wrong = readTable(t, importCSV{kind: "changes", layout: "unix"}, "service\tkind\ttitle\tlive_at\tcommit\tmerged_at\nshop\tflag\tfast cart on\t1772546531\t\t\nshop\t\tcart: sums\t\tabcdef1\t1772546531\n")
	if wrong != "" || len(items) != 2 || items[0].Change.Kind != "flag" || items[0].Change.ID == "" || items[1].Change.Merged.IsZero() {
		t.Errorf("%+v, %s", items, wrong)
	}
	items, wrong = readTable(t, importCSV{kind: "tickets"}, "key,title,text,opened_at,labels\n12,lost,\"one\ntwo, password=hunter22secret\",2026-03-03T14:02:11Z,cart | pay now\n")
	if wrong != "" || len(items) != 1 || len(items[0].Ticket.Labels) != 2 || strings.Contains(items[0].Ticket.Text, "hunter22secret") || !strings.Contains(items[0].Ticket.Text, "one\ntwo") {
		t.Errorf("%+v, %s", items[0].Ticket, wrong)
	}
}

func TestTablesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	const head = "service,version,finished_at\n"
	for _, tc := range []struct{ kind, text, want string }{
		{"deployments", "", "1: the file is empty"},
		{"deployments", head, "1: no rows below"},
		{"deployments", "service,versoin,finished_at\nshop,v1,x\n", `1: "versoin": unknown column; known are key, service,`},
		{"deployments", "service,version\nshop,v1\n", "1: finished_at: this column is missing"},
		{"deployments", "service,service,finished_at\n", "1: service: named twice"},
		{"deployments", head + "shop,v1,2026-03-03T14:02:11Z\nshop,v2\nshop,v3,yesterday\n", "3: 2 columns where the first line names 3; is a separator or a quote missing?\n4: finished_at: \"yesterday\" is no time written as 2026-03-03T14:02:11Z (RFC 3339); --time-format names another way"},
		{"deployments", head + "shop,,2026-03-03T14:02:11Z\n", "2: version: missing"},
		{"deployments", head + "shop,v1,2027-03-03T14:02:11Z\n", "2: finished_at: future-dated"},
		{"deployments", head + "shop,v1,1996-03-03T14:02:11Z\n", "2: finished_at: 1996-03-03T14:02:11Z is before the year 2000"},
		{"deployments", head + ",v1,2026-03-03T14:02:11Z\n", "2: service: empty; which service"},
		{"deployments", "service,version,finished_at,state\nshop,v1,2026-03-03T14:02:11Z,done\n", "2: state: "},
		{"deployments", "service,version,finished_at,started_at\nshop,v1,2026-03-03T14:02:11Z,2026-03-03T15:02:11Z\n", "2: finished_at: is before"},
		{"deployments", head + "shop,\"v1,2026-03-03T14:02:11Z\nshop,v2,x", "2: "},
		{"deployments", head + "shop,v1\xff,2026-03-03T14:02:11Z\n", "2: not UTF-8"},
		{"incidents", "key,title,detected_at\n7,lost,\n", "2: impact_at: missing"},
		{"incidents", "key,title,detected_at,people\n7,lost,2026-03-03T14:02:11Z,many\n", `2: people: "many" is no whole number`},
		{"incidents", "key,title,detected_at,alert\n7,lost,2026-03-03T14:02:11Z,maybe\n", `2: alert: "maybe" is neither yes nor no`},
		{"incidents", "key,title,detected_at,url\n7,lost,2026-03-03T14:02:11Z,javascript:x\n", "2: url: not an http"},
		{"changes", "service,title,kind,live_at\nshop,x,luck,2026-03-03T14:02:11Z\n", `2: kind: "luck" is none of`},
		{"changes", "service,title,kind,live_at\nshop,x,flag,\n", "2: live_at: empty; when did it take effect?"},
		{"changes", "service,title,committed_at\nshop,x,2026-03-03T14:02:11Z\n", "2: commit: empty; a change of code"},
		{"tickets", "key,opened_at\n,\n", "2: key: empty; a name of its own, such as the ticket's number\n2: opened_at: empty"},
	} {
		items, wrong := readTable(t, importCSV{kind: tc.kind}, tc.text)
		if !strings.HasPrefix(wrong, tc.want) || len(items) > 0 {
			t.Errorf("%q: %d items\ngot  %s\nwant %s", tc.text, len(items), wrong, tc.want)
		}
	}
}

func FuzzTable(f *testing.F) {
	f.Add("deployments", "service,version,finished_at\nshop,v1,2026-03-03T14:02:11Z\n")
	f.Add("tickets", "key;opened_at\n\"1\"\"\";2026-03-03T14:02:11Z")
	f.Add("incidents", "key\ttitle\tdetected_at\na\t\xe2\x80\xae\t2026-03-03T14:02:11Z")
	f.Add("changes", "service,title,kind,live_at\n,,,")
	f.Fuzz(func(t *testing.T, kind, text string) {
		o := importCSV{kind: kind, zone: "UTC", env: "production"}
		tab, err := o.reader(&Env{Now: func() time.Time { return tableNow }})
		if err != nil {
			return
		}
		items, wrong := tab.read([]byte(text))
		if len(wrong) > 0 && len(items) > 0 || len(wrong) == 0 && len(items) == 0 {
			t.Errorf("%d items beside %d mistakes", len(items), len(wrong))
		}
	})
}
