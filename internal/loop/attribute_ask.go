package loop

import (
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/store"
)

const mostIncidents = 500 // of one service and day are attributed anew when a change is told late

// blameAround asks for everything that a release as it is now known, with its
// looks, may bear on: itself where it undid or repaired something, the incidents
// it may have led to, those it may have ended, and the rollbacks that may have
// undone it.
func (l *Loop) blameAround(tx *store.Tx, s debrief.Story) error {
	r := s.Release
	_, attributed, err := tx.Attribution(r.ID)
	if err != nil {
		return err
	}
	undoes := r.Kind == debrief.ReleaseRollback || slices.ContainsFunc(s.Changes, func(c debrief.Change) bool { return c.Reverts != "" }) || delivery.IsHotfix(r, s.Changes)
	if attributed || undoes {
		if err := l.wantAttribution(tx, ofRelease+r.ID, r.Service); err != nil {
			return err
		}
	}
	from, to := r.Started, r.FullExposure
	if to.IsZero() {
		to = r.Started
	}
	if err := l.blameIncidents(tx, r.Service, from, to.Add(delivery.Watch)); err != nil {
		return err
	}
	if r.Kind == debrief.ReleaseRollback {
		if err := l.blameIncidents(tx, r.Service, from.Add(-7*24*time.Hour), from); err != nil {
			return err
		}
	}
	after, err := tx.Rollbacks(r.Service, from, to.Add(7*24*time.Hour), 50)
	if err != nil {
		return err
	}
	for _, o := range after {
		if o.ID != r.ID {
			if err := l.wantAttribution(tx, ofRelease+o.ID, o.Service); err != nil {
				return err
			}
		}
	}
	return nil
}

// suspectNoMore asks for what was held to come from releases that are about to
// go: it may come from what they are found to be part of.
func (l *Loop) suspectNoMore(tx *store.Tx, service string, releases []string) error {
	for _, id := range releases {
		blaming, err := tx.Blaming(service, id)
		if err != nil {
			return err
		}
		for _, a := range blaming {
			kind := ofRelease
			if a.Kind == debrief.SubjectIncident {
				kind = ofIncident
			}
			if err := l.wantAttribution(tx, kind+a.Subject, a.Service); err != nil {
				return err
			}
		}
	}
	return nil
}

// blameFlips asks for the incidents that changes which took effect by themselves may
// have led to.
func (l *Loop) blameFlips(tx *store.Tx, service string, changes []debrief.Change) error {
	for _, c := range changes {
		if c.Kind == "" || c.Environment != "" && !l.production(c.Environment) {
			continue
		}
		if err := l.blameIncidents(tx, service, c.Live, c.Live.Add(delivery.Watch)); err != nil {
			return err
		}
	}
	return nil
}

// blameIncidents asks for the incidents of a service, of those that have to do with it, and
// of no service, that began within a window.
func (l *Loop) blameIncidents(tx *store.Tx, service string, from, to time.Time) error {
	concerned := append(l.concerning([]string{service}), l.usersOf(service)...)
	if service == debrief.Org {
		concerned = []string{""} // it may concern any
	}
	slices.Sort(concerned)
	for _, id := range slices.Compact(concerned) {
		list, err := tx.IncidentsWithin(id, from.Add(-5*time.Minute), to.Add(5*time.Minute), mostIncidents)
		if err != nil {
			return err
		}
		for _, i := range list {
			if err := l.wantAttribution(tx, ofIncident+i.ID, i.Service); err != nil {
				return err
			}
		}
	}
	return nil
}

// usersOf are the services that depend on one, one or two steps away.
func (l *Loop) usersOf(service string) []string {
	var out []string
	for user, list := range l.depends {
		for _, d := range list {
			if d == service || slices.Contains(l.depends[d], service) {
				out = append(out, user)
			}
		}
	}
	return out
}

// outcome is what came of a release, from the attributions that name it and all
// those that may tell of the same faults.
func (l *Loop) outcome(tx *store.Tx, r debrief.Release) (delivery.Outcome, error) {
	h := delivery.History{Now: distant}
	releases := map[string]debrief.Release{r.ID: r}
	seen := map[string]bool{}
	add := func(list []debrief.Attribution) {
		for _, a := range list {
			if !seen[a.Subject] {
				seen[a.Subject] = true
				h.Attributions = append(h.Attributions, a)
			}
		}
	}
	own, found, err := tx.Attribution(r.ID)
	if err != nil {
		return delivery.Outcome{}, err
	}
	if found {
		add([]debrief.Attribution{own})
	}
	blaming, err := tx.Blaming(r.Service, r.ID)
	if err != nil {
		return delivery.Outcome{}, err
	}
	add(blaming)
	for _, a := range blaming {
		for _, c := range a.Suspects() {
			if c.Kind != debrief.CandidateRelease || c.ID == r.ID {
				continue
			}
			others, err := tx.Blaming(c.Service, c.ID)
			if err != nil {
				return delivery.Outcome{}, err
			}
			add(others)
		}
	}
	written, found, err := tx.DebriefAbout(r.Service, r.ID)
	if err != nil {
		return delivery.Outcome{}, err
	}
	if found {
		h.Debriefs = append(h.Debriefs, written)
	}
	closed := time.Time{}
	for _, a := range h.Attributions {
		if a.Kind != debrief.SubjectIncident {
			o, found, err := tx.ReleaseNamed(a.Subject)
			if err != nil {
				return delivery.Outcome{}, err
			}
			if found {
				releases[o.ID] = o
			}
			continue
		}
		i, found, err := tx.Incident(a.Subject)
		if err != nil {
			return delivery.Outcome{}, err
		}
		if found {
			h.Incidents = append(h.Incidents, i)
			if end := i.Ended(); end.After(closed) {
				closed = end
			}
		}
	}
	if !closed.IsZero() && r.Live() {
		after, err := tx.Suspects(r.Service, r.Started, closed, ofOneService)
		if err != nil {
			return delivery.Outcome{}, err
		}
		for _, o := range after {
			releases[o.ID] = o
		}
	}
	for _, id := range sorted(releases) {
		if o := releases[id]; o.Environment == r.Environment {
			h.Releases = append(h.Releases, o)
		}
	}
	return delivery.Failures(h)[r.ID], nil
}
