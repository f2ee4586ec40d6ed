package store

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
)

// WorkKinds is the kind of work that sorts a service's changes; its key is the
// service. Whoever saves changes or says what a release carries asks for it.
const WorkKinds = "kinds"

const (
	sqlUnsorted    = `select at, id from changes where service_id = $1 and kinds = '' order by at, id limit 1`
	sqlAnyUnsorted = `select * from (select 1 as x from changes where service_id = $1 and kinds = '' limit 1) as c
		union all select * from (select 1 as x from releases where service_id = $1 and kinds = '' limit 1) as r`
	sqlUnsortedMany = `select count(*) from (select 1 as x from changes where service_id = $1 and kinds = '' limit $2) as k`
	sqlSortPage     = `select at, id, data, kinds from changes where service_id = $1 and (at > $2 or at = $2 and id > $3) order by at, id limit $4`
	sqlUnsortedOf   = `select id from releases where service_id = $1 and kinds = '' and id > $2 order by id limit $3`
	sqlKindsCarried = `select c.kinds from deployments d cross join deployment_changes l cross join changes c
		where d.service_id = $1 and d.release_id = $2 and l.service_id = d.service_id and l.deployment_id = d.id
			and c.service_id = l.service_id and c.id = l.change_id
		order by d.at, d.id, l.place`
	sqlNextChange = `update changes set kinds = '' where service_id = $1 and id = (select id from changes where service_id = $1 and at >= $2 order by at, id limit 1)`
)

// SortedChange is a change with the kinds it was found to be of, and its place.
type SortedChange struct {
	debrief.Change
	At    time.Time
	Kinds string // as it is stored: JSON; "" where it has to be worked out
	Data  string // as it is stored
}

// Unsorted is the first change of a service whose kinds have to be worked out,
// with all after it; found is false where there is none. many says that more
// than so many wait.
func (s *Store) Unsorted(ctx context.Context, service string, many int) (at time.Time, id string, found, more bool, err error) {
	q := s.read(ctx)
	var us int64
	if found, err = q.one(sqlUnsorted, args(service), &us, &id); err != nil || !found {
		return at, id, found, false, err
	}
	n := 0
	_, err = q.one(sqlUnsortedMany, args(service, many+1), &n)
	return instant(us), id, true, n > many, err
}

// SortPage reads a service's changes after one of them, in the order of their
// time.
func (s *Store) SortPage(ctx context.Context, service string, at time.Time, id string, limit int) ([]SortedChange, error) {
	var out []SortedChange
	err := s.read(ctx).each(sqlSortPage, args(service, micros(at), id, limit), func(scan scanner) error {
		var c SortedChange
		var us int64
		var changeID string
		if err := scan(&us, &changeID, &c.Data, &c.Kinds); err != nil {
			return err
		}
		if err := decode(c.Data, &c.Change); err != nil {
			return err
		}
		c.At, c.ID = instant(us), changeID
		out = append(out, c)
		return nil
	})
	return out, err
}

// SaveKinds writes what changes were found to be, where they are still what
// was looked at, and takes note of the releases that carry them.
func (tx *Tx) SaveKinds(service string, cs []SortedChange) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	for _, c := range cs {
		n, err := tx.again(stmt{`update changes set kinds = $3 where service_id = $1 and id = $2 and data = $4 and kinds <> $3`, args(service, c.ID, c.Kinds, c.Data)})
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := tx.again(stmt{`update releases set kinds = '' where service_id = $1 and kinds <> '' and id in (
			select deployment_id from deployment_changes where service_id = $1 and change_id = $2)`, args(service, c.ID)}); err != nil {
			return err
		}
	}
	return nil
}

// UnsortedReleases are releases whose kinds have to be worked out, after one
// of them.
func (tx *Tx) UnsortedReleases(service, after string, limit int) (ids []string, err error) {
	err = tx.each(sqlUnsortedOf, args(service, after, limit), func(scan scanner) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// CarriedKinds are the kinds of each change a release brought; those of changes
// that wait to be sorted are empty.
func (tx *Tx) CarriedKinds(service, releaseID string) (out []debrief.Kinds, err error) {
	err = tx.each(sqlKindsCarried, args(service, releaseID), func(scan scanner) error {
		var text string
		if err := scan(&text); err != nil {
			return err
		}
		var k debrief.Kinds
		if text != "" {
			if err := decode(text, &k); err != nil {
				return err
			}
		}
		out = append(out, k)
		return nil
	})
	return out, err
}

// SaveReleaseKinds writes what all that a release brought is.
func (tx *Tx) SaveReleaseKinds(service, releaseID string, k debrief.Kinds) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	data, err := encode(k)
	if err != nil {
		return err
	}
	n, err := tx.exec(`update releases set kinds = $3 where service_id = $1 and id = $2 and kinds <> $3`, service, releaseID, data)
	tx.shown(n)
	return err
}

// ReleaseKinds is what all that a release brought is; found is false where that
// is not worked out yet.
func (tx *Tx) ReleaseKinds(service, releaseID string) (k debrief.Kinds, found bool, err error) {
	return tx.releaseKinds(service, releaseID)
}

func (q querier) releaseKinds(service, releaseID string) (k debrief.Kinds, found bool, err error) {
	text := ""
	if _, err = q.one(`select kinds from releases where service_id = $1 and id = $2`, args(service, releaseID), &text); err != nil || text == "" {
		return k, false, err
	}
	return k, true, decode(text, &k)
}

// storyKinds adds to a story what it brought.
func (q querier) storyKinds(st *debrief.Story, service, release string) error {
	var err error
	if st.Kinds, _, err = q.releaseKinds(service, release); err != nil || len(st.Changes) == 0 {
		return err
	}
	at := 0
	return q.each(sqlKindsCarried, args(service, release), func(scan scanner) error {
		var text string
		if err := scan(&text); err != nil {
			return err
		}
		i := at
		at++
		if i >= len(st.Changes) || text == "" {
			return nil
		}
		var k debrief.Kinds
		if err := decode(text, &k); err != nil || len(k.Names) == 0 {
			return err
		}
		if st.ChangeKinds == nil {
			st.ChangeKinds = map[string][]string{}
		}
		st.ChangeKinds[st.Changes[i].ID] = k.Names
		return nil
	})
}

// resort asks for the change at or after a moment, and so for all after it, to
// be sorted again: what was there before it is no longer so.
func (tx *Tx) resort(service string, at int64) error {
	_, err := tx.again(stmt{sqlNextChange, args(service, at)})
	return err
}

// Resort asks for everything a service has to be sorted again.
func (tx *Tx) Resort(service string) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	return tx.resort(service, 0)
}

// ResortReleases asks for the kinds of all a service's releases to be worked
// out again.
func (tx *Tx) ResortReleases(service string) error {
	_, err := tx.exec(`update releases set kinds = '' where service_id = $1 and kinds <> ''`, service)
	return err
}

// AnyUnsorted reports whether a service has changes or releases to be sorted.
func (tx *Tx) AnyUnsorted(service string) (bool, error) {
	n := 0
	return tx.one(sqlAnyUnsorted, args(service), &n)
}

// ToSort lists the services that have changes or releases to be sorted.
func (tx *Tx) ToSort() (services []string, err error) {
	err = tx.each(`select distinct service_id from changes where kinds = '' union select distinct service_id from releases where kinds = '' order by service_id`, nil, func(scan scanner) error {
		var id string
		err := scan(&id)
		services = append(services, id)
		return err
	})
	return services, err
}

// ServiceIDs lists every service that has changes.
func (tx *Tx) ServiceIDs() (services []string, err error) {
	err = tx.each(`select distinct service_id from changes order by service_id`, nil, func(scan scanner) error {
		var id string
		err := scan(&id)
		services = append(services, id)
		return err
	})
	return services, err
}
