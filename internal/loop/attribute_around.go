package loop

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/store"
)

const (
	// A roll-out that began this long before an incident may have ended within the
	// 24 hours that count.
	longestRollout = 24 * time.Hour
	ofOneService   = 200    // changes of one service that are weighed
	ofAllServices  = 20_000 // and of all, where nothing says which it is about
	looked         = 60     // of the likeliest, everything that is known is weighed
)

// around loads every change that overlaps with a subject. Where there are many,
// those that are likely by service and time are looked into; the others are weighed
// by what their row says.
func (l *Loop) around(tx *store.Tx, s *delivery.Subject) (delivery.Around, error) {
	around := delivery.Around{Depends: l.depends}
	var err error
	if around.Said, err = l.answered(tx, s); err != nil {
		return around, err
	}
	from, to := s.At.Add(-24*time.Hour-longestRollout), s.At.Add(5*time.Minute)
	found := &suspects{byID: map[string]debrief.Release{}, name: map[string]string{}}
	if len(s.Services) == 0 {
		if found.name, err = tx.ServiceNames(); err != nil {
			return around, err
		}
	}
	for _, service := range l.concerning(s.Services) {
		if err := found.within(tx, l, service, from, to); err != nil {
			return around, err
		}
	}
	if err := found.linked(tx, s, around.Said, l.Config.Production); err != nil {
		return around, err
	}
	rough := around
	for _, r := range found.releases() {
		x, _ := delivery.OfDeployed(r, found.nameOf(tx, r.Service), nil, nil, nil)
		rough.Suspects = append(rough.Suspects, x)
	}
	deep := map[string]bool{}
	if len(rough.Suspects) > looked {
		for _, c := range delivery.Attribute(*s, rough).Candidates {
			deep[c.ID] = true
		}
	}
	undone, err := l.undoneAfter(tx, s)
	if err != nil {
		return around, err
	}
	for i, r := range found.releases() {
		x := rough.Suspects[i]
		if len(deep) == 0 || deep[r.ID] {
			d, err := tx.Detail(r.Service, r.ID)
			if err != nil {
				return around, err
			}
			var shifts []delivery.Shift
			x, shifts = delivery.OfDeployed(r, found.nameOf(tx, r.Service), d.Deployments, d.Changes, d.Looks)
			around.Shifts = append(around.Shifts, shifts...)
		}
		x.UndoneAt = undone[r.ID]
		around.Suspects = append(around.Suspects, x)
	}
	for _, f := range found.flips {
		around.Suspects = append(around.Suspects, delivery.OfFlip(f.Change, f.Service))
	}
	return around, nil
}

// answered is what a person said, with the id the release they meant has by now.
func (l *Loop) answered(tx *store.Tx, s *delivery.Subject) (*debrief.Correction, error) {
	said, err := tx.Answered(s.Service, s.ID)
	if err != nil || said == nil || said.Answer == debrief.NotADeployment {
		return said, err
	}
	r, found, err := tx.ReleaseNamed(said.Answer)
	if err == nil && found {
		said.Answer, said.AnswerService = r.ID, r.Service
	}
	return said, err
}

// concerning are the services whose changes a subject may have come from: its own,
// those it depends on, two steps far, those that depend on it, and what belongs to
// none. "" stands for all of them, where nothing says whose it is.
func (l *Loop) concerning(services []string) []string {
	if len(services) == 0 {
		return []string{""}
	}
	out := append([]string{debrief.Org}, services...)
	for _, s := range services {
		for _, d := range l.depends[s] {
			out = append(append(out, d), l.depends[d]...)
		}
		for user, list := range l.depends {
			if slices.Contains(list, s) {
				out = append(out, user)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// dependsOn is what each service depends on as configured, by id.
func (l *Loop) dependsOn() map[string][]string {
	ids := map[string]string{}
	for name, s := range l.Config.Services {
		for _, a := range append(slices.Clone(s.Aliases), name) {
			ids[strings.ToLower(a)] = debrief.ServiceID(name)
		}
	}
	out := map[string][]string{}
	for name, s := range l.Config.Services {
		for _, d := range s.DependsOn {
			out[debrief.ServiceID(name)] = append(out[debrief.ServiceID(name)], cmp.Or(ids[strings.ToLower(d)], debrief.ServiceID(d)))
		}
	}
	return out
}

// suspects gathers the changes around a subject.
type suspects struct {
	byID  map[string]debrief.Release
	flips []store.Flip
	name  map[string]string
}

func (f *suspects) within(tx *store.Tx, l *Loop, service string, from, to time.Time) error {
	most := ofOneService
	if service == "" {
		most = ofAllServices
	}
	rs, err := tx.Suspects(service, from, to, most)
	if err != nil {
		return err
	}
	for _, r := range rs {
		if service == "" && r.Sample {
			continue // made up: it hurt nobody
		}
		// An attempt that nobody ever saw changed nothing.
		if r.Live() || !r.FirstExposure.IsZero() || r.Kind == debrief.ReleaseRunning {
			f.byID[r.ID] = r
		}
	}
	flips, err := tx.FlipsWithin(service, to.Add(-24*time.Hour-5*time.Minute), to, most)
	for _, c := range flips {
		if c.Environment == "" || l.production(c.Environment) {
			f.flips = append(f.flips, c)
		}
	}
	return err
}

// linked adds what a person, a rollback or the incident itself names, however
// long ago it went out.
func (f *suspects) linked(tx *store.Tx, s *delivery.Subject, said *debrief.Correction, production []string) error {
	ids := slices.Concat(s.Undone, s.Blamed, []string{s.Replaced, s.Reverted})
	for _, name := range s.Names {
		ids = append(ids, name)
		for _, service := range s.Services {
			for _, env := range production {
				ids = append(ids, debrief.ID("deployment", service, env, "", name), debrief.ID("deployment", service, env, "", "api/"+name))
			}
		}
	}
	if said != nil && said.Answer != debrief.NotADeployment {
		ids = append(ids, said.Answer)
	}
	for _, id := range ids {
		if id == "" || f.byID[id].ID != "" {
			continue
		}
		r, found, err := tx.ReleaseNamed(id)
		if err != nil {
			return err
		}
		if found {
			f.byID[r.ID] = r
		}
	}
	for _, service := range s.Services {
		for _, v := range s.Versions {
			rs, err := tx.Versioned(service, v)
			if err != nil {
				return err
			}
			for _, r := range rs {
				if !r.Started.After(s.At) {
					f.byID[r.ID] = r
				}
			}
		}
	}
	if said == nil || said.AnswerService == "" || slices.ContainsFunc(f.flips, func(c store.Flip) bool { return c.ID == said.Answer }) {
		return nil
	}
	c, found, err := tx.Change(said.AnswerService, said.Answer)
	if found {
		f.flips = append(f.flips, store.Flip{Change: c, Service: said.AnswerService})
	}
	return err
}

func (f *suspects) releases() []debrief.Release {
	out := make([]debrief.Release, 0, len(f.byID))
	for _, id := range sorted(f.byID) {
		out = append(out, f.byID[id])
	}
	return out
}

// nameOf is a service's name; its id where none is known.
func (f *suspects) nameOf(tx *store.Tx, service string) string {
	if name, known := f.name[service]; known {
		return name
	}
	f.name[service] = service
	if sv, found, err := tx.FindService(service); err == nil && found {
		f.name[service] = sv.Name
	}
	return f.name[service]
}

// undoneAfter says which releases a rollback took away while the subject ran or
// shortly after.
func (l *Loop) undoneAfter(tx *store.Tx, s *delivery.Subject) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	if s.Kind != debrief.SubjectIncident {
		return out, nil
	}
	to := s.Until.Add(2 * time.Hour)
	if s.Until.IsZero() {
		to = s.At.Add(7 * 24 * time.Hour)
	}
	for _, service := range s.Services {
		rs, err := tx.Rollbacks(service, s.At, to, 50)
		if err != nil {
			return nil, err
		}
		for _, r := range rs {
			before, err := l.neighbours(tx, r)
			if err != nil {
				return nil, err
			}
			for _, id := range delivery.Undone(r, before) {
				out[id] = r.Started
			}
		}
	}
	return out, nil
}
