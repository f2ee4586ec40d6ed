package store

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// SaveIncidents writes incidents as they are now known, each under its home
// service and mentioned by the others. absorbed says which ids they might have
// had before more was known: those rows go, and the ids lead on.
func (tx *Tx) SaveIncidents(list []debrief.Incident, absorbed map[string]string) error {
	for _, i := range list {
		o := object{kind: "incident", table: "incidents", home: i.Service, id: i.ID, at: micros(i.Began), until: micros(i.Ended())}
		for _, s := range i.Services {
			if s != i.Service {
				o.others = append(o.others, s)
			}
		}
		if err := tx.saveObject(o, i); err != nil {
			return err
		}
		if err := tx.leadOn("incidents", "incident", i.Service, i.ID, absorbed); err != nil {
			return err
		}
	}
	return nil
}

// SaveTickets writes tickets as they are now known, as SaveIncidents does.
func (tx *Tx) SaveTickets(list []debrief.Ticket, absorbed map[string]string) error {
	for _, t := range list {
		if err := tx.saveObject(object{kind: "ticket", table: "tickets", home: t.Service, id: t.ID, at: micros(t.Opened), until: micros(t.Closed)}, t); err != nil {
			return err
		}
		if err := tx.leadOn("tickets", "ticket", t.Service, t.ID, absorbed); err != nil {
			return err
		}
	}
	return nil
}

// object is a row over one or several services.
type object struct {
	kind, table string
	home, id    string
	at, until   int64
	others      []string // services beside the home
}

func (tx *Tx) saveObject(o object, value any) error {
	data, err := encode(value)
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into `+o.table+` (service_id, id, at, until_at, data) values ($1, $2, $3, $4, $5)
		on conflict (service_id, id) do update set at = excluded.at, until_at = excluded.until_at, data = excluded.data
		where `+o.table+`.data <> excluded.data`, o.home, o.id, o.at, o.until, data)
	if err != nil {
		return err
	}
	tx.shown(n)
	// It may have had another home until more was known.
	gone, err := tx.exec(`delete from `+o.table+` where id = $1 and service_id <> $2`, o.id, o.home)
	if err != nil {
		return err
	}
	if n+gone == 0 {
		return nil // as it was, its mentions too
	}
	if _, err := tx.exec(`delete from mentions where kind = $1 and id = $2`, o.kind, o.id); err != nil {
		return err
	}
	var rows [][]any
	for _, s := range o.others {
		rows = append(rows, args(s, o.kind, o.home, o.id, o.at))
	}
	_, err = tx.many(`insert into mentions (service_id, kind, home_id, id, at)`, rows, "")
	return err
}

// leadOn removes the rows of absorbed ids and lets those lead to id.
func (tx *Tx) leadOn(table, kind, home, id string, absorbed map[string]string) error {
	for _, old := range slices.Sorted(maps.Keys(absorbed)) {
		if absorbed[old] != id || old == id {
			continue
		}
		for _, stmt := range []struct {
			text string
			a    []any
		}{
			{`delete from ` + table + ` where id = $1`, args(old)},
			{`delete from mentions where kind = $1 and id = $2`, args(kind, old)},
			{`delete from redirects where id = $1 and service_id <> $2`, args(old, home)},
			{`insert into redirects (service_id, id, to_id) values ($1, $2, $3) on conflict (service_id, id) do update set to_id = excluded.to_id`, args(home, old, id)},
		} {
			n, err := tx.exec(stmt.text, stmt.a...)
			if err != nil {
				return err
			}
			if strings.HasPrefix(stmt.text, "delete") {
				tx.shown(n)
			}
		}
	}
	_, err := tx.exec(`delete from redirects where id = $1`, id) // an id that lives leads nowhere
	return err
}

// ObjectFilter says which incidents or tickets a list holds. Zero fields do
// not filter.
type ObjectFilter struct {
	Service  string    // id, name or alias: at home there or, for incidents, mentioned by it
	From, To time.Time // when it began; To is not included
	Open     bool      // only those that still run
	Limit    int       // 0: 50; at most 1000
	Before   string    // the cursor of the page before
}

// Incidents lists incidents, newest first.
func (s *Store) Incidents(ctx context.Context, f ObjectFilter) ([]debrief.Incident, string, error) {
	return listObjects(s.read(ctx), "incidents", "incident", f, func(i debrief.Incident) (time.Time, string) { return i.Began, i.ID })
}

// Tickets lists tickets, newest first.
func (s *Store) Tickets(ctx context.Context, f ObjectFilter) ([]debrief.Ticket, string, error) {
	return listObjects(s.read(ctx), "tickets", "", f, func(t debrief.Ticket) (time.Time, string) { return t.Opened, t.ID })
}

// IncidentsRunning are the incidents that touched a service at a moment, the
// newest first; those that began more than a week before are no part of it.
func (tx *Tx) IncidentsRunning(service string, at time.Time) ([]debrief.Incident, error) {
	if err := tx.holdService(service); err != nil {
		return nil, err
	}
	list, _, err := listObjects(tx.querier, "incidents", "incident", ObjectFilter{Service: service, From: at.Add(-7 * 24 * time.Hour), To: at.Add(time.Microsecond), Limit: watchedIncidents},
		func(i debrief.Incident) (time.Time, string) { return i.Began, i.ID })
	return slices.DeleteFunc(list, func(i debrief.Incident) bool { return !i.Open() && i.Ended().Before(at) }), err
}

func listObjects[T any](q querier, table, mentioned string, f ObjectFilter, place func(T) (time.Time, string)) (list []T, next string, err error) {
	limit := min(f.Limit, 1000)
	if limit <= 0 {
		limit = 50
	}
	text, a, err := q.objectListing(table, mentioned, f, limit+1)
	if err != nil {
		return nil, "", err
	}
	list, err = objects[T](q, text, a...)
	if len(list) > limit {
		list = list[:limit]
		at, id := place(list[limit-1])
		next = strconv.FormatInt(micros(at), 10) + "." + id
	}
	return list, next, err
}

func objects[T any](q querier, text string, a ...any) ([]T, error) {
	var list []T
	err := q.each(text, a, func(scan scanner) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		var v T
		if err := decode(data, &v); err != nil {
			return err
		}
		list = append(list, v)
		return nil
	})
	return list, err
}

// objectListing words the filter. What a service is only mentioned in is found
// by a second branch with its own index and its own limit.
func (q querier) objectListing(table, mentioned string, f ObjectFilter, limit int) (string, []any, error) {
	var a []any
	mark := func(v any) string { a = append(a, v); return "$" + strconv.Itoa(len(a)) }
	conds := func(t string) string {
		var b strings.Builder
		if !f.From.IsZero() {
			b.WriteString(" and " + t + ".at >= " + mark(micros(f.From)))
		}
		if !f.To.IsZero() {
			b.WriteString(" and " + t + ".at < " + mark(micros(f.To)))
		}
		return b.String()
	}
	at, id, err := int64(0), "", error(nil)
	if f.Before != "" {
		if at, id, err = cursor(f.Before); err != nil {
			return "", nil, err
		}
	}
	branch := func(from, t, where string) string {
		text := `select o.data, o.at, o.id from ` + from + ` where ` + where + conds(t)
		if f.Before != "" {
			text += ` and (` + t + `.at, ` + t + `.id) < (` + mark(at) + `, ` + mark(id) + `)`
		}
		if f.Open {
			text += ` and o.until_at = 0`
		}
		return text + ` order by ` + t + `.at desc, ` + t + `.id desc limit ` + mark(limit)
	}
	if f.Service == "" {
		return `select data from (` + branch(table+` o`, "o", "1 = 1") + `) as k order by at desc, id desc`, a, nil
	}
	service, err := serviceID(q, f.Service)
	if err != nil {
		return "", nil, err
	}
	home := branch(table+` o`, "o", `o.service_id = `+mark(service))
	if mentioned == "" {
		return `select data from (` + home + `) as k order by at desc, id desc`, a, nil
	}
	beside := branch(`mentions m cross join `+table+` o`, "m", `m.service_id = `+mark(service)+` and m.kind = `+mark(mentioned)+` and o.service_id = m.home_id and o.id = m.id`)
	return `select data from (select * from (` + home + `) as k union all select * from (` + beside + `) as k) as k order by at desc, id desc limit ` + mark(limit), a, nil
}

// Incident finds one incident, also by an id it had before.
func (s *Store) Incident(ctx context.Context, id string) (debrief.Incident, error) {
	return oneObject[debrief.Incident](s.read(ctx), "incidents", "incident", id)
}

// Ticket finds one ticket, also by an id it had before.
func (s *Store) Ticket(ctx context.Context, id string) (debrief.Ticket, error) {
	return oneObject[debrief.Ticket](s.read(ctx), "tickets", "ticket", id)
}

func oneObject[T any](q querier, table, kind, id string) (v T, err error) {
	list, err := objects[T](q, `select data from `+table+` where id = $1
		union all select o.data from redirects r cross join `+table+` o where r.id = $1 and o.service_id = r.service_id and o.id = r.to_id limit 1`, id)
	if err == nil && len(list) == 0 {
		err = debrief.Errorf(debrief.NotFound, kind, "no %s %q", kind, id).WithHint("debrief %s lists them", table)
	}
	if err != nil {
		return v, err
	}
	return list[0], nil
}
