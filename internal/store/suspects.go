package store

import (
	"time"

	"github.com/debriefhq/debrief"
)

const (
	sqlSuspects        = `select ` + releaseColumns + ` from releases where service_id = $1 and started_at >= $2 and started_at < $3 order by started_at desc, id desc limit $4`
	sqlSuspectsAll     = `select ` + releaseColumns + ` from releases where started_at >= $1 and started_at < $2 order by started_at desc, id desc limit $3`
	sqlRollbacks       = `select ` + releaseColumns + ` from releases where service_id = $1 and started_at >= $2 and started_at < $3 and kind = 'rollback' order by started_at desc, id desc limit $4`
	sqlFlipsAll        = `select data, service_id from changes where kind <> '' and at >= $1 and at < $2 order by at desc, id desc limit $3`
	sqlFlipsOf         = `select data, service_id from changes where service_id = $1 and kind in ('flag', 'configuration', 'manual') and at >= $2 and at < $3 order by at desc, id desc limit $4`
	sqlChange          = `select data from changes where service_id = $1 and id = $2`
	sqlVersioned       = `select release_id from deployments where service_id = $1 and version = $2 and release_id <> '' order by at desc, id desc limit 20`
	sqlOrgIncidents    = `select data from incidents where service_id = $1 and at >= $2 and at < $3 order by at desc, id desc limit $4`
	sqlPlainDeployment = `select data, '', '', '' from deployments where service_id = $1 and release_id = $2 order by at, id`
)

// Suspects are the releases of a service that began within [from, to), the
// newest first; of all services where none is named.
func (tx *Tx) Suspects(service string, from, to time.Time, limit int) ([]debrief.Release, error) {
	if service == "" {
		return tx.releases(sqlSuspectsAll, micros(from), micros(to), limit)
	}
	return tx.releases(sqlSuspects, service, micros(from), micros(to), limit)
}

// Rollbacks are the rollbacks of a service that began within [from, to), the newest
// first.
func (tx *Tx) Rollbacks(service string, from, to time.Time, limit int) ([]debrief.Release, error) {
	return tx.releases(sqlRollbacks, service, micros(from), micros(to), limit)
}

// Flip is a change that took effect by itself, and whose it is.
type Flip struct {
	debrief.Change
	Service string
}

// FlipsWithin are the changes that took effect by themselves within [from, to), the
// newest first, of one service or of all.
func (tx *Tx) FlipsWithin(service string, from, to time.Time, limit int) ([]Flip, error) {
	text, a := sqlFlipsOf, args(service, micros(from), micros(to), limit)
	if service == "" {
		text, a = sqlFlipsAll, a[1:]
	}
	var out []Flip
	err := tx.each(text, a, func(scan scanner) error {
		var f Flip
		var data string
		if err := scan(&data, &f.Service); err != nil {
			return err
		}
		if err := decode(data, &f.Change); err != nil {
			return err
		}
		out = append(out, f)
		return nil
	})
	return out, err
}

// Change is one change of a service; found is false where there is none.
func (tx *Tx) Change(service, id string) (c debrief.Change, found bool, err error) {
	list, err := tx.changes(sqlChange, service, id)
	if err != nil || len(list) == 0 {
		return c, false, err
	}
	return list[0], true, nil
}

// Versioned are the releases that brought a version of a service.
func (tx *Tx) Versioned(service, version string) ([]debrief.Release, error) {
	var out []debrief.Release
	var ids []string
	err := tx.each(sqlVersioned, args(service, version), func(scan scanner) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, id := range unique(ids) {
		rs, err := tx.releases(sqlReleaseIDs, service, id, "")
		if err != nil {
			return nil, err
		}
		out = append(out, rs...)
	}
	return out, nil
}

// ReleaseNamed finds a release by its id, one of its deployments' or one that
// was absorbed.
func (tx *Tx) ReleaseNamed(id string) (r debrief.Release, found bool, err error) {
	service, release, err := tx.resolve(id)
	if debrief.KindOf(err) == debrief.NotFound && err != nil {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	rs, err := tx.releases(sqlReleaseIDs, service, release, "")
	if err != nil || len(rs) == 0 {
		return r, false, err
	}
	return rs[0], true, nil
}

// Detail is what else is known of a release that may be suspected.
type Detail struct {
	Deployments []debrief.Deployment
	Changes     []debrief.Change
	Looks       []debrief.Look
}

// Detail loads a release's deployments, changes and looks.
func (tx *Tx) Detail(service, release string) (d Detail, err error) {
	if d.Deployments, err = tx.deployments(sqlPlainDeployment, service, release); err != nil {
		return d, err
	}
	if d.Changes, err = tx.changes(sqlCarried, service, release); err != nil {
		return d, err
	}
	d.Looks, err = tx.looks(service, release)
	return d, err
}

// Incident finds one incident, also by an id it had before.
func (tx *Tx) Incident(id string) (i debrief.Incident, found bool, err error) {
	i, err = oneObject[debrief.Incident](tx.querier, "incidents", "incident", id)
	if err != nil && debrief.KindOf(err) == debrief.NotFound {
		return i, false, nil
	}
	return i, err == nil, err
}

// IncidentsWithin are a service's incidents that began within [from, to), the newest
// first, those that only mention it included; those of no service where Org is
// given, and all where nothing is.
func (tx *Tx) IncidentsWithin(service string, from, to time.Time, limit int) ([]debrief.Incident, error) {
	if service == Org { // a list by name would look for a service called so
		return objects[debrief.Incident](tx.querier, sqlOrgIncidents, Org, micros(from), micros(to), limit)
	}
	list, _, err := listObjects(tx.querier, "incidents", "incident", ObjectFilter{Service: service, From: from, To: to, Limit: limit},
		func(i debrief.Incident) (time.Time, string) { return i.Began, i.ID })
	return list, err
}

// ServiceNames are the names of all services, by id.
func (tx *Tx) ServiceNames() (map[string]string, error) {
	out := map[string]string{}
	err := tx.each(`select id, name from services`, nil, func(scan scanner) error {
		var id, name string
		err := scan(&id, &name)
		out[id] = name
		return err
	})
	return out, err
}
