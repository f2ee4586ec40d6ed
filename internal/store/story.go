package store

import (
	"context"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// How much of what is usual a story carries.
const (
	recentDeployments  = 20
	stagingDeployments = 5
	rolloutReleases    = 50
	watchedIncidents   = 50
	watchedFlips       = 50
)

const (
	// An id may be a release's, one of its deployments', or one absorbed long ago.
	sqlResolve = `select 1 as rank, service_id, id as found, '' as onward from releases where id = $1
		union all select 2, service_id, release_id, '' from deployments where id = $1 and release_id <> ''
		union all select 3, service_id, '', to_id from redirects where id = $1
		order by rank limit 1`
	sqlReleaseIDs = `select ` + releaseColumns + ` from releases where service_id = $1 and id in ($2, $3)`
	sqlOfRelease  = `select ` + deploymentColumns + ` from deployments where service_id = $1 and release_id = $2 order by at, id`
	// A cross join keeps SQLite to this order; from the other end it would read
	// every change the service ever had.
	sqlCarried = `select c.data from deployments d cross join deployment_changes l cross join changes c
		where d.service_id = $1 and d.release_id = $2 and l.service_id = d.service_id and l.deployment_id = d.id
			and c.service_id = l.service_id and c.id = l.change_id
		order by d.at, d.id, l.place`
	// What is usual needs neither git facts nor output.
	briefColumns = `data, '', '', ''`
	sqlRecent    = `select ` + briefColumns + ` from deployments
		where service_id = $1 and environment = $2 and state = 'succeeded' and at < $3 and release_id <> $4 order by at desc, id desc limit $5`
	sqlStagedVersion = `select ` + briefColumns + ` from deployments
		where service_id = $1 and version = $2 and release_id = '' and environment <> $3 order by at desc, id desc limit $4`
	sqlStagedCommit = `select ` + briefColumns + ` from deployments
		where service_id = $1 and commit_id = $2 and release_id = '' and environment <> $3 order by at desc, id desc limit $4`
	sqlStagedBefore = `select ` + briefColumns + ` from deployments
		where service_id = $1 and release_id = '' and environment <> $3 and at < $2 order by at desc, id desc limit $4`
	sqlRollout = `select ` + releaseColumns + ` from releases
		where rollout = $1 and service_id <> $2 order by started_at, id limit $3`
)

// Story loads everything a release's page tells. The id may be a release's,
// one of its deployments', or one that was absorbed.
func (s *Store) Story(ctx context.Context, id string) (st debrief.Story, err error) {
	err = s.snapshot(ctx, func(q querier) error {
		st, err = q.story(id)
		return err
	})
	return st, err
}

// Story is Store.Story within a transaction.
func (tx *Tx) Story(id string) (debrief.Story, error) { return tx.story(id) }

func (q querier) story(id string) (debrief.Story, error) {
	var st debrief.Story
	service, release, err := q.resolve(id)
	if err != nil {
		return st, err
	}
	rs, err := q.releases(sqlReleaseIDs, service, release, "")
	if err != nil {
		return st, err
	}
	if len(rs) == 0 {
		return st, noRelease(id)
	}
	st.Release = rs[0]
	r := st.Release
	for _, load := range []func() error{
		func() error {
			found, err := q.one(`select name from services where id = $1`, args(service), &st.ServiceName)
			if !found {
				st.ServiceName = service
			}
			return err
		},
		func() error { return q.around(&st, service) },
		func() (err error) { st.Deployments, err = q.deployments(sqlOfRelease, service, release); return },
		func() (err error) { st.Changes, err = q.changes(sqlCarried, service, release); return },
		func() (err error) { st.Looks, err = q.looks(service, release); return },
		func() (err error) { st.Surprises, err = q.surprises(sqlOfReleaseSurprises, service, release); return },
		func() (err error) {
			st.Recent, err = q.deployments(sqlRecent, service, r.Environment, micros(r.Started), release, recentDeployments)
			return
		},
		func() error { return q.staged(&st, service) },
		func() error { return q.meanwhile(&st, service) },
		func() (err error) {
			if r.Rollout != "" {
				st.Rollout, err = q.releases(sqlRollout, r.Rollout, service, rolloutReleases)
			}
			return
		},
	} {
		if err := load(); err != nil {
			return st, err
		}
	}
	if err := q.storyKinds(&st, service, release); err != nil {
		return st, err
	}
	st.Changes = firstOfEach(st.Changes)
	return st, nil
}

func (q querier) resolve(id string) (service, release string, err error) {
	asked := id
	for range 4 { // redirects are kept one step long; more would be a loop
		var rank int
		var onward string
		found, err := q.one(sqlResolve, args(id), &rank, &service, &release, &onward)
		if err != nil {
			return "", "", err
		}
		if !found {
			break
		}
		if onward == "" {
			return service, release, nil
		}
		id = onward
	}
	return "", "", noRelease(asked)
}

func noRelease(id string) error {
	return debrief.Errorf(debrief.NotFound, "release", "no release %q", id).WithHint("debrief releases lists them")
}

// around adds the releases before and after.
func (q querier) around(st *debrief.Story, service string) error {
	if st.Release.PreviousID == "" && st.Release.NextID == "" {
		return nil
	}
	rs, err := q.releases(sqlReleaseIDs, service, st.Release.PreviousID, st.Release.NextID)
	for _, r := range rs {
		switch r.ID {
		case st.Release.PreviousID:
			st.Previous = &r
		case st.Release.NextID:
			st.Next = &r
		}
	}
	return err
}

// watched is how long after full exposure what happens may be a release's.
const watched = 24 * time.Hour

// meanwhile adds what happened in the watch window: from first exposure until
// 24 hours after full exposure.
func (q querier) meanwhile(st *debrief.Story, service string) error {
	from, to := st.Release.FirstExposure, st.Release.FullExposure
	if from.IsZero() {
		from = st.Release.Started
	}
	if to.IsZero() {
		to = st.Release.Started
	}
	to = to.Add(watched)
	var err error
	st.Incidents, _, err = listObjects(q, "incidents", "incident", ObjectFilter{Service: service, From: from, To: to, Limit: watchedIncidents},
		func(i debrief.Incident) (time.Time, string) { return i.Began, i.ID })
	if err != nil {
		return err
	}
	slices.Reverse(st.Incidents)
	st.Flips, err = q.changes(sqlFlips, service, micros(from), micros(to), watchedFlips)
	slices.Reverse(st.Flips)
	return err
}

// staged adds the deployments of the same version, else of the same commit,
// else the latest before, to where no release is: staging.
func (q querier) staged(st *debrief.Story, service string) error {
	commit := ""
	for _, d := range st.Deployments {
		if d.Commit != "" {
			commit = d.Commit
		}
	}
	for _, try := range []struct {
		text string
		by   any
		ask  bool
	}{
		{sqlStagedVersion, st.Release.Version, st.Release.Version != ""},
		{sqlStagedCommit, commit, commit != ""},
		{sqlStagedBefore, micros(st.Release.Started), true},
	} {
		if !try.ask {
			continue
		}
		ds, err := q.deployments(try.text, service, try.by, st.Release.Environment, stagingDeployments)
		if err != nil || len(ds) > 0 {
			st.Staging = ds
			return err
		}
	}
	return nil
}

func firstOfEach(cs []debrief.Change) []debrief.Change {
	seen := make(map[string]bool, len(cs))
	out := cs[:0]
	for _, c := range cs {
		if !seen[c.ID] {
			seen[c.ID] = true
			out = append(out, c)
		}
	}
	return out
}
