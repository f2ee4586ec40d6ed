package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// key is how names are compared: without regard to case and outer space.
func nameKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Service finds a service by alias, id or name, and creates it where it is not
// known. An empty name is the reserved service "org".
func (tx *Tx) Service(name string, sample bool) (debrief.Service, error) {
	key := nameKey(name)
	if key == "" {
		return debrief.Service{ID: Org}, nil
	}
	sv, found, err := findService(tx.querier, name)
	if err != nil {
		return sv, err
	}
	id := debrief.ServiceID(name)
	if found {
		return sv, tx.settleName(&sv, id, strings.TrimSpace(name))
	}
	if id == "" {
		return debrief.Service{}, debrief.Errorf(debrief.Invalid, "service", "the name %q has no letter or digit", name)
	}
	sv = debrief.Service{ID: id, Name: strings.TrimSpace(name), Sample: sample}
	n, err := tx.exec(`insert into services (id, name, name_key, sample, created_at) values ($1, $2, $3, $4, $5) on conflict (id) do nothing`,
		sv.ID, sv.Name, key, sv.Sample, micros(tx.s.now()))
	if err != nil {
		return sv, err
	}
	tx.shown(n)
	if n == 0 { // another name with the same slug, or somebody else's at this moment
		sv, _, err = findService(tx.querier, id)
	}
	return sv, err
}

// settleName lets a service's spelling not depend on who came first: "My Shop"
// stands before "MY-SHOP" and that before "my-shop", which is its id; of equals
// the least.
func (tx *Tx) settleName(sv *debrief.Service, id, name string) error {
	if sv.ID != id || cmp.Or(cmp.Compare(spelling(sv.Name, id), spelling(name, id)), cmp.Compare(sv.Name, name)) <= 0 {
		return nil // an alias, or nothing better
	}
	sv.Name = name
	n, err := tx.exec(`update services set name = $2, name_key = $3 where id = $1`, sv.ID, name, nameKey(name))
	tx.shown(n)
	return err
}

func spelling(name, id string) int {
	switch name {
	case id:
		return 2
	case strings.ToUpper(name):
		return 1
	}
	return 0
}

// FindService finds a service as Service does, and creates none.
func (tx *Tx) FindService(name string) (debrief.Service, bool, error) {
	return findService(tx.querier, name)
}

// DropService forgets a service of which nothing is known any more; one of
// which anything is stays.
func (tx *Tx) DropService(id string) error {
	if err := tx.holdService(id); err != nil {
		return err
	}
	n, err := tx.exec(`delete from services where id = $1
		and not exists (select 1 from aliases where service_id = $1)
		and not exists (select 1 from events where service_id = $1)
		and not exists (select 1 from deployments where service_id = $1)
		and not exists (select 1 from changes where service_id = $1)
		and not exists (select 1 from log_patterns where service_id = $1)
		and not exists (select 1 from chunks where service_id = $1)`, id)
	tx.shown(n)
	return err
}

// findService looks a name up: an alias says what a person wanted, so it comes
// first; then the id; then the name.
func findService(q querier, name string) (debrief.Service, bool, error) {
	var sv debrief.Service
	key, slug := nameKey(name), debrief.Slug(name)
	found, err := q.one(`select s.id, s.name, s.sample from (
			select 1 as rank, service_id as id from aliases where alias = $1
			union all select 2, id from services where id = $2
			union all select 3, id from services where name_key = $1
		) as f join services s on s.id = f.id order by f.rank, s.id limit 1`,
		args(key, slug), &sv.ID, &sv.Name, &sv.Sample)
	return sv, found, err
}

// serviceID is the id reads go by: of a known service, or what the name's id
// would be.
func serviceID(q querier, name string) (string, error) {
	if nameKey(name) == "" {
		return "", nil
	}
	sv, found, err := findService(q, name)
	if err != nil {
		return "", err
	}
	if !found {
		return debrief.ServiceID(name), nil
	}
	return sv.ID, nil
}

// SetAliases replaces a service's other names. One that another service has
// already is a Conflict.
func (tx *Tx) SetAliases(service string, aliases []string) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	var old, keys []string
	for _, a := range aliases {
		if k := nameKey(a); k != "" {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	err := tx.each(`select alias from aliases where service_id = $1 order by alias`, args(service), func(scan scanner) error {
		var a string
		err := scan(&a)
		old = append(old, a)
		return err
	})
	if err != nil || slices.Equal(old, keys) {
		return err
	}
	if _, err := tx.exec(`delete from aliases where service_id = $1`, service); err != nil {
		return err
	}
	for _, k := range keys {
		n, err := tx.exec(`insert into aliases (alias, service_id) values ($1, $2) on conflict (alias) do nothing`, k, service)
		if err != nil {
			return err
		}
		if n == 0 {
			var owner string
			if _, err := tx.one(`select service_id from aliases where alias = $1`, args(k), &owner); err != nil {
				return err
			}
			return debrief.Errorf(debrief.Conflict, "aliases", "%q is an alias of %s already, and cannot be one of %s too", k, owner, service)
		}
	}
	tx.shown(1)
	return nil
}

// Services lists all services by name.
func (s *Store) Services(ctx context.Context) ([]debrief.Service, error) {
	var out []debrief.Service
	err := s.read(ctx).each(`select s.id, s.name, s.sample, coalesce(a.alias, '') from services s
		left join aliases a on a.service_id = s.id order by s.name_key, s.id, a.alias`, nil, func(scan scanner) error {
		var sv debrief.Service
		var alias string
		if err := scan(&sv.ID, &sv.Name, &sv.Sample, &alias); err != nil {
			return err
		}
		if len(out) == 0 || out[len(out)-1].ID != sv.ID {
			out = append(out, sv)
		}
		if alias != "" {
			l := &out[len(out)-1]
			l.Aliases = append(l.Aliases, alias)
		}
		return nil
	})
	return out, err
}
