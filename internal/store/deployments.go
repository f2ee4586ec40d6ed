package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// SaveDeployments writes deployments as they are now known. Redirects say which
// ids were absorbed by which: the rows of absorbed deployments go, their
// releases move to the new id together with the looks taken and the answers
// given, and the old ids lead to the new ones from now on.
func (tx *Tx) SaveDeployments(service string, ds []debrief.Deployment, redirects map[string]string) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	for _, d := range ds {
		if err := tx.saveDeployment(service, d); err != nil {
			return err
		}
	}
	for _, old := range slices.Sorted(maps.Keys(redirects)) {
		if id := redirects[old]; id != old && id != "" {
			if err := tx.absorb(service, old, id); err != nil {
				return err
			}
		}
	}
	// An id that lives leads nowhere else.
	live := make([]string, len(ds))
	for i, d := range ds {
		live[i] = d.ID
	}
	return batches(live, func(ids []string) error {
		_, err := tx.exec(`delete from redirects where service_id = $1 and id in (`+marks(2, len(ids))+`)`, append(args(service), anys(ids)...)...)
		return err
	})
}

func (tx *Tx) saveDeployment(service string, d debrief.Deployment) error {
	at, live := began(d.Times), d.Times.Live()
	if live.IsZero() {
		live = at
	}
	git, output, command := "", d.Output, d.Command
	if d.Git != nil {
		var err error
		if git, err = encode(d.Git); err != nil {
			return err
		}
	}
	d.Git, d.Output, d.Command = nil, "", ""
	data, err := encode(d)
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into deployments
			(service_id, id, release_id, environment, target, version, commit_id, state, at, live_at, sample, data, git, output, command, raw)
		values ($1, $2, '', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		on conflict (service_id, id) do update set
			environment = excluded.environment, target = excluded.target, version = excluded.version, commit_id = excluded.commit_id,
			state = excluded.state, at = excluded.at, live_at = excluded.live_at, sample = excluded.sample,
			data = excluded.data, git = excluded.git, output = excluded.output, command = excluded.command, raw = excluded.raw
		where deployments.data <> excluded.data or deployments.git <> excluded.git
			or deployments.output <> excluded.output or deployments.command <> excluded.command`,
		service, d.ID, d.Environment, d.Target, d.Version, d.Commit, string(d.State), micros(at), micros(live), d.Sample,
		data, git, output, command, output != "" || command != "")
	tx.shown(n)
	return err
}

// began is what deployments are ordered by: the start, else the first thing known.
func began(t debrief.Times) time.Time {
	for _, at := range []time.Time{t.Started, t.FirstExposure, t.Queued, t.WaitingSince, t.Approved, t.FullExposure, t.Finished} {
		if !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

func (tx *Tx) absorb(service, old, id string) error {
	for _, stmt := range []string{
		`insert into redirects (service_id, id, to_id) values ($1, $2, $3) on conflict (service_id, id) do update set to_id = excluded.to_id`,
		// What led to the old id leads to the new one, in one step; what would lead to itself goes.
		`update redirects set to_id = $3 where service_id = $1 and to_id = $2`,
		`insert into releases (service_id, id, environment, kind, rollout, started_at, sample, data, verdict, headline, looks, surprises, unanswered)
			select service_id, $3, environment, kind, rollout, started_at, sample, data, verdict, headline, looks, surprises, unanswered
			from releases where service_id = $1 and id = $2 on conflict (service_id, id) do nothing`,
		`update looks set release_id = $3 where service_id = $1 and release_id = $2
			and number not in (select number from looks where service_id = $1 and release_id = $3)`,
		`update surprises set release_id = $3 where service_id = $1 and release_id = $2`,
		`update deployments set release_id = $3 where service_id = $1 and release_id = $2`,
	} {
		if _, err := tx.exec(stmt, service, old, id); err != nil {
			return err
		}
	}
	if err := tx.unship(service, []string{old}); err != nil {
		return err
	}
	for _, stmt := range []string{
		`delete from redirects where service_id = $1 and id = to_id and id <> $2`,
		`delete from release_facts where service_id = $1 and id = $2`,
		`delete from fact_lines where service_id = $1 and id = $2`,
		`delete from releases where service_id = $1 and id = $2`,
		`delete from deployments where service_id = $1 and id = $2`,
		`delete from docs where service_id = $1 and kind in ('release', 'deployment') and id = $2`,
	} {
		n, err := tx.exec(stmt, service, old)
		if err != nil {
			return err
		}
		tx.shown(n)
	}
	return nil
}

// DropDeployments forgets deployments that turned out to be another service's,
// with the releases that stood for them. Their ids lead to where onward says.
func (tx *Tx) DropDeployments(service string, ids []string, onward map[string]string) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.unship(service, []string{id}); err != nil {
			return err
		}
		for _, stmt := range []string{
			`update deployments set release_id = '' where service_id = $1 and release_id = $2`,
			`delete from docs where service_id = $1 and kind in ('release', 'deployment') and id = $2`,
			`delete from release_facts where service_id = $1 and id = $2`,
			`delete from fact_lines where service_id = $1 and id = $2`,
			`delete from releases where service_id = $1 and id = $2`,
			`delete from deployments where service_id = $1 and id = $2`,
			`delete from redirects where service_id = $1 and id = $2`,
		} {
			n, err := tx.exec(stmt, service, id)
			if err != nil {
				return err
			}
			tx.shown(n)
		}
		if to := onward[id]; to != "" && to != id {
			if _, err := tx.exec(`insert into redirects (service_id, id, to_id) values ($1, $2, $3) on conflict (service_id, id) do update set to_id = excluded.to_id`,
				service, id, to); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	deploymentColumns  = `data, git, output, command`
	sqlDeploymentsTo   = `select ` + deploymentColumns + ` from deployments where service_id = $1 and at <= $2 order by at desc, id desc limit $3`
	sqlDeploymentsFrom = `select ` + deploymentColumns + ` from deployments where service_id = $1 and at > $2 order by at, id limit $3`

	sqlDeploymentsToIn   = `select ` + deploymentColumns + ` from deployments where service_id = $1 and environment = $4 and at <= $2 order by at desc, id desc limit $3`
	sqlDeploymentsFromIn = `select ` + deploymentColumns + ` from deployments where service_id = $1 and environment = $4 and at > $2 order by at, id limit $3`
)

// Deployments returns up to before deployments that began at or before a
// moment, and up to after that began later, oldest first. No environment means
// all of them.
func (tx *Tx) Deployments(service, environment string, around time.Time, before, after int) ([]debrief.Deployment, error) {
	if err := tx.holdService(service); err != nil {
		return nil, err
	}
	to, from := sqlDeploymentsTo, sqlDeploymentsFrom
	extra := []any{}
	if environment != "" {
		to, from, extra = sqlDeploymentsToIn, sqlDeploymentsFromIn, args(environment)
	}
	old, err := tx.deployments(to, append(args(service, micros(around), before), extra...)...)
	if err != nil {
		return nil, err
	}
	slices.Reverse(old)
	young, err := tx.deployments(from, append(args(service, micros(around), after), extra...)...)
	return append(old, young...), err
}

// deployments reads rows of deploymentColumns.
func (q querier) deployments(text string, a ...any) ([]debrief.Deployment, error) {
	var out []debrief.Deployment
	err := q.each(text, a, func(scan scanner) error {
		var d debrief.Deployment
		var data, git, output, command string
		if err := scan(&data, &git, &output, &command); err != nil {
			return err
		}
		if err := decode(data, &d); err != nil {
			return err
		}
		if git != "" {
			d.Git = new(debrief.GitFacts)
			if err := decode(git, d.Git); err != nil {
				return err
			}
		}
		d.Output, d.Command = output, command
		out = append(out, d)
		return nil
	})
	return out, err
}

const sqlPrevious = `select ` + deploymentColumns + ` from deployments
	where service_id = $1 and environment = $2 and target = $3 and state = 'succeeded' order by live_at desc, id desc limit 1`

// Previous is the last successful deployment of a service to a place.
func (s *Store) Previous(ctx context.Context, service, environment, target string) (debrief.Deployment, bool, error) {
	q := s.read(ctx)
	id, err := serviceID(q, service)
	if err != nil {
		return debrief.Deployment{}, false, err
	}
	ds, err := q.deployments(sqlPrevious, id, environment, target)
	if err != nil || len(ds) == 0 {
		return debrief.Deployment{}, false, err
	}
	return ds[0], true, nil
}
