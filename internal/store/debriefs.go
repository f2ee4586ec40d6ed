package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// SaveDebrief writes a debrief over the version it was made from (0: there is
// none yet) and says which version it is now. Where somebody else wrote in
// between nothing is changed: the answer is a Conflict, and what stands there
// is returned for both texts to be kept.
func (tx *Tx) SaveDebrief(d debrief.Debrief, from int) (debrief.Debrief, error) {
	if err := tx.holdService(d.Service); err != nil {
		return d, err
	}
	d.Version = from + 1
	data, err := encode(d)
	if err != nil {
		return d, err
	}
	var n int64
	if from == 0 {
		n, err = tx.exec(`insert into debriefs (service_id, id, about, about_id, state, gap, at, finished_at, version, data)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (service_id, id) do nothing`,
			d.Service, d.ID, d.About, d.AboutID, d.State, string(d.Gap), micros(d.Created), micros(d.Finished), d.Version, data)
	} else {
		n, err = tx.exec(`update debriefs set state = $3, gap = $4, finished_at = $5, version = $6, data = $7
			where service_id = $1 and id = $2 and version = $8`,
			d.Service, d.ID, d.State, string(d.Gap), micros(d.Finished), d.Version, data, from)
	}
	if err != nil {
		return d, err
	}
	tx.shown(n)
	if n > 0 {
		if d.About == "release" { // it may say that the release failed
			err = tx.Enqueue(Work{Kind: WorkFacts, Key: d.AboutID, Service: d.Service})
		} else { // what it taught belongs to the releases its incident came from
			err = tx.askBlamed(d.AboutID)
		}
		return d, err
	}
	there, err := tx.debrief(d.ID)
	if err != nil {
		return d, err
	}
	return there, debrief.Errorf(debrief.Conflict, "version", "somebody saved version %d of this debrief since version %d was read", there.Version, from).
		WithHint("nothing was overwritten; both texts are there to be joined")
}

const (
	sqlDebrief      = `select data from debriefs where id = $1`
	sqlDebriefAbout = `select data from debriefs where service_id = $1 and about_id = $2 order by at, id limit 1`
	sqlAction       = `select data from actions where id = $1`
	sqlActionsOpen  = `select data from actions where team = $1 and state in ('in progress', 'waiting') order by at, id`
)

func (q querier) debrief(id string) (debrief.Debrief, error) {
	list, err := objects[debrief.Debrief](q, sqlDebrief, id)
	if err == nil && len(list) == 0 {
		err = debrief.Errorf(debrief.NotFound, "debrief", "no debrief %q", id).WithHint("debrief write lists them")
	}
	if err != nil {
		return debrief.Debrief{}, err
	}
	return list[0], nil
}

// Debrief finds one by its id.
func (s *Store) Debrief(ctx context.Context, id string) (debrief.Debrief, error) {
	return s.read(ctx).debrief(id)
}

// Debrief is Store.Debrief within a transaction.
func (tx *Tx) Debrief(id string) (debrief.Debrief, error) { return tx.debrief(id) }

// DebriefAbout finds what was written about a release or an incident.
func (s *Store) DebriefAbout(ctx context.Context, service, id string) (d debrief.Debrief, found bool, err error) {
	return debriefAbout(s.read(ctx), service, id)
}

// DebriefAbout is Store.DebriefAbout within a transaction.
func (tx *Tx) DebriefAbout(service, id string) (d debrief.Debrief, found bool, err error) {
	return debriefAbout(tx.querier, service, id)
}

func debriefAbout(q querier, service, id string) (d debrief.Debrief, found bool, err error) {
	list, err := objects[debrief.Debrief](q, sqlDebriefAbout, service, id)
	if err != nil || len(list) == 0 {
		return d, false, err
	}
	return list[0], true, nil
}

// Debriefs lists debriefs by when they were begun, newest first.
func (s *Store) Debriefs(ctx context.Context, f ObjectFilter) ([]debrief.Debrief, string, error) {
	return listRows(s.read(ctx), "debriefs", f, nil, func(d debrief.Debrief) (time.Time, string) { return d.Created, d.ID })
}

// SaveAction writes an action as it now is.
func (tx *Tx) SaveAction(a debrief.Action) error {
	if err := tx.holdService(a.Service); err != nil {
		return err
	}
	data, err := encode(a)
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into actions (service_id, id, team, debrief_id, state, at, due_at, data) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (service_id, id) do update set team = excluded.team, debrief_id = excluded.debrief_id, state = excluded.state, at = excluded.at,
			due_at = excluded.due_at, data = excluded.data where actions.data <> excluded.data`,
		a.Service, a.ID, a.Team, a.DebriefID, string(a.State), micros(a.Created), micros(a.Due), data)
	tx.shown(n)
	return err
}

// Action finds one by its id.
func (s *Store) Action(ctx context.Context, id string) (debrief.Action, error) {
	return s.read(ctx).action(id)
}

// Action is Store.Action within a transaction.
func (tx *Tx) Action(id string) (debrief.Action, error) { return tx.action(id) }

func (q querier) action(id string) (debrief.Action, error) {
	list, err := objects[debrief.Action](q, sqlAction, id)
	if err == nil && len(list) == 0 {
		err = debrief.Errorf(debrief.NotFound, "action", "no action %q", id).WithHint("debrief action lists them")
	}
	if err != nil {
		return debrief.Action{}, err
	}
	return list[0], nil
}

// OpenActions are a team's actions in progress and waiting, in the order they
// were decided. The team's line is held until the transaction ends: two
// debriefs finished at once must not both begin theirs.
func (tx *Tx) OpenActions(team string) ([]debrief.Action, error) {
	if err := tx.hold("team/" + team); err != nil {
		return nil, err
	}
	return objects[debrief.Action](tx.querier, sqlActionsOpen, team)
}

const sqlPromises = `select id, data from actions where service_id = $1 and at >= $2 and state = 'done' order by at desc, id desc limit 200`

// PromisesOf are a service's actions decided since then that are done and
// promised something.
func (tx *Tx) PromisesOf(service string, since time.Time) (ids []string, err error) {
	err = tx.each(sqlPromises, args(service, micros(since)), func(scan scanner) error {
		var id, data string
		if err := scan(&id, &data); err != nil {
			return err
		}
		if strings.Contains(data, `"promise":`) {
			ids = append(ids, id)
		}
		return nil
	})
	return ids, err
}

const sqlFactsAfter = `select data from release_facts where service_id = $1 and at > $2 order by at, id limit $3`

// FactsAfter are a service's facts that came later than a moment, oldest first.
func (tx *Tx) FactsAfter(service string, at time.Time, limit int) ([]debrief.ReleaseFacts, error) {
	if err := tx.holdService(service); err != nil {
		return nil, err
	}
	return objects[debrief.ReleaseFacts](tx.querier, sqlFactsAfter, service, micros(at), limit)
}

// Actions lists actions by when they were decided, newest first. States: none
// means all.
func (s *Store) Actions(ctx context.Context, f ObjectFilter, states ...debrief.ActionState) ([]debrief.Action, string, error) {
	return listRows(s.read(ctx), "actions", f, states, func(a debrief.Action) (time.Time, string) { return a.Created, a.ID })
}

// listRows lists the rows of one service's table, or of all services', with a
// cursor for the next page.
func listRows[T any](q querier, table string, f ObjectFilter, states []debrief.ActionState, place func(T) (time.Time, string)) (list []T, next string, err error) {
	limit := min(f.Limit, 1000)
	if limit <= 0 {
		limit = 50
	}
	var where []string
	var a []any
	add := func(cond string, v any) {
		a = append(a, v)
		where = append(where, strings.ReplaceAll(cond, "?", "$"+strconv.Itoa(len(a))))
	}
	if f.Service != "" {
		id, err := serviceID(q, f.Service)
		if err != nil {
			return nil, "", err
		}
		add("service_id = ?", id)
	}
	if !f.From.IsZero() {
		add("at >= ?", micros(f.From))
	}
	if !f.To.IsZero() {
		add("at < ?", micros(f.To))
	}
	if f.Before != "" {
		at, id, err := cursor(f.Before)
		if err != nil {
			return nil, "", err
		}
		a = append(a, at, id)
		where = append(where, "(at, id) < ($"+strconv.Itoa(len(a)-1)+", $"+strconv.Itoa(len(a))+")")
	}
	if len(states) > 0 {
		marked := make([]string, len(states))
		for i, s := range states {
			a = append(a, string(s))
			marked[i] = "$" + strconv.Itoa(len(a))
		}
		where = append(where, "state in ("+strings.Join(marked, ", ")+")")
	}
	text := `select data from ` + table
	if len(where) > 0 {
		text += ` where ` + strings.Join(where, " and ")
	}
	a = append(a, limit+1)
	list, err = objects[T](q, text+` order by at desc, id desc limit $`+strconv.Itoa(len(a)), a...)
	if len(list) > limit {
		list = list[:limit]
		at, id := place(list[limit-1])
		next = strconv.FormatInt(micros(at), 10) + "." + id
	}
	return list, next, err
}
