package loop

import (
	"maps"
	"slices"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/record"
	"github.com/debriefhq/debrief/internal/store"
)

// A forge names repositories, not services. What it tells of a deployment
// whose service nobody named is kept as belonging to none, and each time
// something connected with it arrives, it is decided anew whose it is (see
// owner). That depends on what is known and not on what came first.

// place finds where an event is kept.
func (l *Loop) place(tx *store.Tx, e debrief.Event) (debrief.Event, error) {
	if e.Assumed && e.Report == nil {
		// Only a project of a flag service or a tracker is known, which is a
		// service's where a person said so by an alias or by giving a service
		// that name in the configuration, and nobody's otherwise. Whether
		// somebody told of such a service before must not matter.
		sv, known, err := tx.FindService(e.Service)
		if known = known && (sv.ID != debrief.ServiceID(e.Service) || l.configured(sv.ID)); !known {
			sv.ID = store.Org
		}
		e.Service = sv.ID
		return e, err
	}
	if e.Assumed && e.Report != nil {
		sv, known, err := tx.FindService(e.Report.Service)
		if err != nil {
			return e, err
		}
		if !known || sv.ID == debrief.ServiceID(e.Report.Service) {
			e.Service = store.Org
			return e, nil
		}
		e.Assumed = false // a person said whose repository it is, by an alias
	}
	sv, err := tx.Service(e.Service, e.Report != nil && e.Report.Sample)
	e.Service = sv.ID
	return e, err
}

func (l *Loop) configured(id string) bool {
	for name := range l.Config.Services {
		if debrief.ServiceID(name) == id {
			return true
		}
	}
	return false
}

// owner is the service a deployment with an assumed one belongs to: the one
// with the repository as its alias; else the one service that told of the same
// pipeline run; else the one that told of the same commit there and then. Where several did, each told of its own deployment, and the
// forge's belongs to nobody ("") where they cover its environment. Where
// nobody did, a service called like the repository stands in.
func (l *Loop) owner(tx *store.Tx, e debrief.Event) (string, error) {
	own := debrief.ServiceID(e.Report.Service)
	if sv, known, err := tx.FindService(e.Report.Service); err != nil || known && sv.ID != own {
		return sv.ID, err
	}
	runs := record.Runs(e.Report.Keys)
	tellers, err := tx.ServicesOf(runs)
	if err != nil {
		return own, err
	}
	if len(tellers) == 0 {
		return l.met(tx, e, own)
	}
	if len(tellers) == 1 {
		return tellers[0], nil
	}
	for _, s := range tellers {
		told, err := tx.Linked(s, runs)
		if err != nil {
			return "", err
		}
		for _, t := range told {
			if t.Service == s && t.Report != nil && t.Report.Environment == e.Report.Environment {
				return "", nil
			}
		}
	}
	return own, nil
}

// met is the owner where no run tells: the one service of which another source
// tells that it was deployed there at that time, from the same commit. Where
// several were, each was told of by itself and this one is nobody's.
func (l *Loop) met(tx *store.Tx, e debrief.Event, own string) (string, error) {
	commits := record.Commits(record.Keys(e))
	tellers, err := tx.ServicesOf(commits)
	if err != nil || len(tellers) == 0 {
		return own, err
	}
	told, err := tx.Linked(store.Org, e.Report.Keys)
	if err != nil {
		return "", err
	}
	var mine []debrief.Event // all that is told of this deployment
	for _, o := range told {
		if o.Assumed && o.Report != nil && slices.ContainsFunc(o.Report.Keys, func(k string) bool { return slices.Contains(e.Report.Keys, k) }) {
			mine = append(mine, o)
		}
	}
	var there []string
	for _, s := range tellers {
		told, err := tx.Linked(s, commits)
		if err != nil {
			return "", err
		}
		told = slices.DeleteFunc(told, func(o debrief.Event) bool { return o.Assumed })
		if record.Met(mine, told) {
			there = append(there, s)
		}
	}
	switch len(there) {
	case 0:
		return own, nil
	case 1:
		return there[0], nil
	}
	return "", nil
}

// concerned extends what an arrival touches, its service and keys, by those it
// makes look different: the services that share a run or a commit with an event
// whose service is assumed.
func (l *Loop) concerned(tx *store.Tx, service string, keys []string) (services, all []string, err error) {
	search := links(keys)
	if service == store.Org {
		search = keys // said of a pipeline run, not of a service: it concerns those that share its keys
	} else {
		services = []string{service}
	}
	if len(search) == 0 {
		return services, keys, nil
	}
	floating, err := tx.Linked(store.Org, search)
	if err != nil {
		return nil, nil, err
	}
	assumed := false
	for _, e := range floating {
		if e.Assumed && e.Report != nil {
			assumed = true
			owner, err := l.owner(tx, e)
			if err != nil {
				return nil, nil, err
			}
			services = append(services, owner, debrief.ServiceID(e.Report.Service))
		}
		if e.Assumed && e.Report != nil || service == store.Org {
			keys = append(keys, record.Keys(e)...)
		}
	}
	keys = set(keys)
	if service == store.Org || assumed {
		sharing := keys
		if service != store.Org {
			sharing = links(keys)
		}
		more, err := tx.ServicesOf(sharing)
		if err != nil {
			return nil, nil, err
		}
		services = append(services, more...)
	}
	return set(services), keys, nil
}

// links are the keys by which services may tell of one deployment.
func links(keys []string) []string { return append(record.Runs(keys), record.Commits(keys)...) }

// claimed are the events that are a service's: all but those with an assumed
// service that turn out to be another one's.
type claimed struct {
	mine  []debrief.Event
	all   []debrief.Event   // with the others', as if they were its own
	moved map[string]string // ids those gave, or would have given, its deployments → whose they are now; "": nobody's
}

func (l *Loop) claim(tx *store.Tx, service string, events []debrief.Event) (claimed, error) {
	c := claimed{moved: map[string]string{}}
	for _, e := range events {
		if !e.Assumed || e.Report == nil {
			c.mine, c.all = append(c.mine, e), append(c.all, e)
			continue
		}
		owner, err := l.owner(tx, e)
		if err != nil {
			return c, err
		}
		e.Service = service
		c.all = append(c.all, e)
		if owner == service {
			if service == debrief.ServiceID(e.Report.Service) { // now it is one
				if _, err := tx.Service(e.Report.Service, false); err != nil {
					return c, err
				}
			}
			c.mine = append(c.mine, e)
			continue
		}
		for _, k := range e.Report.Keys {
			to := ""
			if owner != "" {
				to = debrief.ID("deployment", owner, e.Report.Environment, e.Report.Target, k)
			}
			c.moved[debrief.ID("deployment", service, e.Report.Environment, e.Report.Target, k)] = to
		}
	}
	return c, nil
}

// leave forgets a service's deployments that are another's after all, and
// returns them as they would be.
func (l *Loop) leave(tx *store.Tx, service string, c claimed, ds []debrief.Deployment, absorbed map[string]string) ([]debrief.Deployment, error) {
	if len(c.moved) == 0 {
		return nil, nil
	}
	with, more := record.Deployments(c.all)
	gone := maps.Clone(c.moved)
	for _, d := range with {
		if _, ok := gone[d.ID]; !ok {
			gone[d.ID] = ""
		}
	}
	for id := range more {
		if _, ok := gone[id]; !ok {
			gone[id] = ""
		}
	}
	for _, d := range ds {
		delete(gone, d.ID)
	}
	for id := range absorbed {
		delete(gone, id)
	}
	if err := l.suspectNoMore(tx, service, sorted(gone)); err != nil {
		return nil, err
	}
	if err := tx.DropDeployments(service, sorted(gone), gone); err != nil {
		return nil, err
	}
	if _, configured := l.Config.Services[service]; len(c.mine) == 0 && !configured {
		return with, tx.DropService(service) // it only stood in
	}
	return with, nil
}

func set(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}
