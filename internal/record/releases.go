package record

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// groupWithin is how far apart one version may reach its targets and still be
// one release.
const groupWithin = 6 * time.Hour

// Releases says what each deployment of one service and environment was: a
// release, a rollback, the same version again, a failed attempt, or still
// running. Deployments of one version to several targets, begun at most six
// hours apart, are one release. Made-up history stands apart from real.
//
// What ran before is known only from what is given: the first deployment of a
// target has no previous one. Changes is -1, to be filled from Shipped.
func Releases(ds []debrief.Deployment) []debrief.Release {
	var rs []debrief.Release
	for _, sample := range []bool{false, true} {
		var own []debrief.Deployment
		for _, d := range ds {
			if d.Sample == sample {
				own = append(own, d)
			}
		}
		rs = append(rs, releases(own)...)
	}
	slices.SortFunc(rs, func(a, b debrief.Release) int { return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID)) })
	return rs
}

// known is a deployment and what it was in its target.
type known struct {
	debrief.Deployment
	kind     debrief.ReleaseKind
	previous string // id of the deployment whose version ran before
}

func releases(ds []debrief.Deployment) []debrief.Release {
	list := make([]known, len(ds))
	for i, d := range ds {
		list[i] = known{Deployment: d}
	}
	classify(list)
	rows := rowsOf(list)
	rs := make([]debrief.Release, len(rows))
	byDeployment := map[string]int{}
	for i, row := range rows {
		rs[i] = release(row)
		for _, d := range row {
			byDeployment[d.ID] = i
		}
	}
	for i, row := range rows {
		for _, d := range row {
			p, ok := byDeployment[d.previous]
			if !ok || p == i {
				continue
			}
			rs[i].PreviousID, rs[i].PreviousVersion = rs[p].ID, rs[p].Version
			break
		}
	}
	follow(rs)
	return rs
}

// classify walks each target's deployments in the order they took over, which
// is not the order they began in: a slow one may end after a quick one that
// began later, and then it is what runs.
func classify(list []known) {
	slices.SortFunc(list, func(a, b known) int {
		return cmp.Or(tookOver(a).Compare(tookOver(b)), a.Times.First().Compare(b.Times.First()), cmp.Compare(a.ID, b.ID))
	})
	type target struct {
		running  *known   // what runs now, as the deployment that brought it
		versions []*known // every version that ran, in order of first arrival
	}
	targets := map[string]*target{}
	for i := range list {
		d := &list[i]
		t := targets[d.Target]
		if t == nil {
			t = &target{}
			targets[d.Target] = t
		}
		if t.running != nil {
			d.previous = t.running.ID
		}
		if !d.State.Final() {
			d.kind = debrief.ReleaseRunning
			continue
		}
		if d.State != debrief.Succeeded && d.State != debrief.Partial {
			d.kind = debrief.ReleaseAttempt
			continue
		}
		rank := slices.IndexFunc(t.versions, func(v *known) bool { return sameVersion(&v.Deployment, &d.Deployment) })
		switch {
		case t.running != nil && sameVersion(&t.running.Deployment, &d.Deployment):
			d.kind = debrief.ReleaseSame
			continue // the release that brought this version keeps running
		case d.Rollback:
			d.kind = debrief.ReleaseRollback
		case rank >= 0 && rank < slices.IndexFunc(t.versions, func(v *known) bool { return sameVersion(&v.Deployment, &t.running.Deployment) }):
			d.kind = debrief.ReleaseRollback // back to one that ran before what runs now
		default:
			d.kind = debrief.ReleaseNew // also one that lands again after a rollback
		}
		if rank < 0 {
			t.versions = append(t.versions, d)
		}
		t.running = d
	}
}

// tookOver is when a deployment's version began to serve everybody; of one
// that never did, when it ended or began.
func tookOver(d known) time.Time {
	if d.State.Final() {
		return d.Times.Live()
	}
	return d.Times.First()
}

// sameVersion compares what two deployments put into production. Where both
// name a version the names decide, unless they name a moving thing (latest,
// main): then different commits are different versions.
func sameVersion(a, b *debrief.Deployment) bool {
	commits := a.Commit != "" && b.Commit != ""
	switch {
	case a.Version != "" && b.Version != "":
		return a.Version == b.Version && (!commits || sameCommit(a.Commit, b.Commit))
	case commits:
		return sameCommit(a.Commit, b.Commit)
	}
	return false
}

// rowsOf groups deployments into releases. Attempts stand alone; of the others
// one target takes part only once, so that the same version again in a target
// is seen as such.
func rowsOf(list []known) [][]known {
	byStart := slices.Clone(list)
	slices.SortFunc(byStart, func(a, b known) int {
		return cmp.Or(a.Times.First().Compare(b.Times.First()), cmp.Compare(a.ID, b.ID))
	})
	var rows [][]known
next:
	for _, d := range byStart {
		for i := len(rows) - 1; i >= 0; i-- {
			if d.Times.First().Sub(rows[i][0].Times.First()) > groupWithin {
				break // and so are all rows before
			}
			if fits(rows[i], d) {
				rows[i] = append(rows[i], d)
				continue next
			}
		}
		rows = append(rows, []known{d})
	}
	return rows
}

func fits(row []known, d known) bool {
	if d.kind == debrief.ReleaseAttempt {
		return false
	}
	for i := range row {
		m := &row[i]
		if m.Target == d.Target || m.kind == debrief.ReleaseAttempt || !sameVersion(&m.Deployment, &d.Deployment) {
			return false
		}
		if m.kind != d.kind && m.kind != debrief.ReleaseRunning && d.kind != debrief.ReleaseRunning {
			return false
		}
	}
	return true
}

func release(row []known) debrief.Release {
	first := row[0]
	r := debrief.Release{
		ID:          first.ID,
		Service:     first.Service,
		Environment: first.Environment,
		Kind:        first.kind,
		Started:     first.Times.First(),
		Changes:     -1,
		Looks:       []debrief.Word{},
		Sample:      first.Sample,
	}
	if !first.Times.Started.IsZero() {
		r.Started = first.Times.Started
	} else if !first.Times.Queued.IsZero() {
		r.Started = first.Times.Queued
	}
	live := true
	for _, d := range row {
		r.DeploymentIDs = append(r.DeploymentIDs, d.ID)
		if r.Version == "" {
			r.Version = d.Version
		}
		if r.Rollout == "" {
			r.Rollout = d.Rollout
		}
		if d.kind == debrief.ReleaseRunning {
			r.Kind = debrief.ReleaseRunning // until the last target is done
		}
		exposed := d.Times.FirstExposure // a canary stopped at 5 % of users was exposed too
		if d.kind == debrief.ReleaseRunning || d.kind == debrief.ReleaseAttempt {
			live = false
		} else {
			exposed = d.Times.First()
		}
		earliest(&r.FirstExposure, exposed)
		latest(&r.FullExposure, d.Times.Live())
	}
	if !live {
		r.FullExposure = time.Time{}
	}
	if r.Version == "" {
		r.Version = short(first.Commit)
	}
	return r
}

// follow links each release that changed what runs to the one that took over
// after it. Where the next one already exposed some users before this one was
// fully live, it counts from that moment on: a span of time never ends before
// it begins.
func follow(rs []debrief.Release) {
	var order []int
	for i, r := range rs {
		if r.Kind.Checked() && r.Live() {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(rs[a].FullExposure.Compare(rs[b].FullExposure), rs[a].Started.Compare(rs[b].Started), cmp.Compare(rs[a].ID, rs[b].ID))
	})
	for k := 0; k+1 < len(order); k++ {
		r, next := &rs[order[k]], rs[order[k+1]]
		r.NextID, r.NextAt = next.ID, next.FirstExposure
		latest(&r.NextAt, r.FullExposure)
	}
}
