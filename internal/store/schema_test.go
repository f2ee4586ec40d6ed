package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// The catalogues of both engines, asked for one text per thing:
// "table", "table kind column,column…" (kind: primary, unique, foreign).
var catalogue = map[string]struct{ tables, keys string }{
	"sqlite": {
		`select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name`,
		`select t.name || ' ' || case l.origin when 'pk' then 'primary' else 'unique' end || ' ' || group_concat(i.name)
			from sqlite_master t, pragma_index_list(t.name) l, pragma_index_info(l.name) i
			where t.type = 'table' and l."unique" = 1 group by t.name, l.name
		union all select t.name || ' foreign ' || group_concat(f."from") || ' references ' || group_concat(f."to")
			from sqlite_master t, pragma_foreign_key_list(t.name) f where t.type = 'table' group by t.name, f.id`,
	},
	"postgres": {
		`select table_name::text from information_schema.tables where table_schema = 'public' order by 1`,
		`select t.relname || ' ' || case when i.indisprimary then 'primary' else 'unique' end || ' ' ||
			(select string_agg(a.attname, ',' order by k.n) from unnest(i.indkey) with ordinality k(num, n)
				join pg_attribute a on a.attrelid = t.oid and a.attnum = k.num)
			from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace s on s.oid = t.relnamespace
			where s.nspname = 'public' and i.indisunique
		union all select t.relname || ' foreign ' ||
			(select string_agg(a.attname, ',' order by k.n) from unnest(c.conkey) with ordinality k(num, n)
				join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num) || ' references ' ||
			(select string_agg(a.attname, ',' order by k.n) from unnest(c.confkey) with ordinality k(num, n)
				join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.num)
			from pg_constraint c join pg_class t on t.oid = c.conrelid where c.contype = 'f'`,
	},
}

func TestEveryKeyOfADistributedTableStartsWithItsService(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		class := map[string]store.Class{}
		var declared []string
		for _, table := range store.Tables() {
			class[table.Name] = table.Class
			declared = append(declared, table.Name)
		}
		there, err := s.Strings(t.Context(), catalogue[s.Engine()].tables)
		ok(t, err)
		if !slices.Equal(there, declared) {
			t.Errorf("tables in the database: %v\ntables declared:         %v", there, declared)
		}
		keys, err := s.Strings(t.Context(), catalogue[s.Engine()].keys)
		ok(t, err)
		primary := map[string]bool{}
		foreign := 0
		for _, k := range keys {
			f := strings.Fields(k)
			primary[f[0]] = primary[f[0]] || f[1] == "primary"
			if f[1] == "foreign" {
				foreign++
			}
			if class[f[0]] != store.Distributed {
				continue
			}
			for _, columns := range f[2:] {
				if columns != "references" && !strings.HasPrefix(columns, "service_id,") {
					t.Errorf("a key does not start with service_id: %s", k)
				}
			}
		}
		for _, table := range declared {
			if !primary[table] {
				t.Errorf("%s has no primary key", table)
			}
		}
		if foreign < 7 {
			t.Errorf("only %d foreign keys were seen: is the catalogue read rightly?", foreign)
		}
	})
}

// Every statement of a hot path is answered by an index, and so is every
// listing.
func TestHotQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		seed(t, s, 2000)
		hot := s.HotQueries()
		for _, f := range []store.Filter{
			{},
			{Service: "service-7"},
			{Service: "service-7", Environment: "production"},
			{Before: "1735700000000000.x"},
			{Service: "service-7", Before: "1735700000000000.x"},
		} {
			text, a, err := s.Listing(t.Context(), f)
			ok(t, err)
			hot = append(hot, store.Hot{Name: fmt.Sprintf("list %+v", f), Text: text, Args: a})
		}
		for _, f := range []store.ObjectFilter{{}, {Service: "service-7"}, {Service: "service-7", Open: true, Before: "1735700000000000.x"}} {
			text, a, err := s.ObjectListing(t.Context(), f)
			ok(t, err)
			hot = append(hot, store.Hot{Name: fmt.Sprintf("list %+v", f), Text: text, Args: a})
		}
		for _, h := range hot {
			plan, err := s.Plan(t.Context(), false, h.Text, h.Args...)
			if err == nil && s.Engine() == "postgres" && !onSeeded(plan) {
				plan, err = s.Plan(t.Context(), true, h.Text, h.Args...)
			}
			ok(t, err)
			if line := scanned(plan); line != "" && !(ordered(h.Name, line) && strings.Contains(line, " USING ")) {
				t.Errorf("%s is not answered by an index: %s\n%s\n%s", h.Name, line, h.Text, strings.Join(plan, "\n"))
			}
		}
	})
}

// ordered says that a statement wants the first rows of all there are, or of
// all a service has, in the order of an index.
func ordered(name, line string) bool {
	ofService := strings.HasPrefix(line, "SEARCH ")
	return name == "open surprises" || name == "since when logs are known" && ofService ||
		strings.HasPrefix(name, "unsorted: ") && ofService && strings.Contains(line, "_unsorted ") || // an index of nothing else
		strings.HasPrefix(name, "list") && strings.Contains(name, "Service:service") == ofService
}

// onSeeded says that a table with rows is read from one end to the other.
func onSeeded(plan []string) bool {
	for _, table := range []string{"releases", "deployments", "changes", "deployment_changes", "looks", "surprises"} {
		if slices.ContainsFunc(plan, func(line string) bool { return strings.Contains(line, "Seq Scan on "+table+" ") }) {
			return true
		}
	}
	return false
}

// scanned is the line of a plan that reads more than it must.
func scanned(plan []string) string {
	for _, line := range plan {
		line = strings.TrimSpace(line)
		switch {
		case strings.Contains(line, "Seq Scan"),
			strings.HasPrefix(line, "SCAN ") && !strings.Contains(line, "SUBQUERY") && line != "SCAN k" && line != "SCAN CONSTANT ROW",
			strings.HasPrefix(line, "SEARCH ") && strings.HasSuffix(line, "(service_id=?)"):
			return line
		}
	}
	return ""
}
