package record

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

// ledger keeps every fact with its source. Of one source and field the latest
// word stands, except that a moment keeps every value a source gave: what was
// restored, failed again and was restored anew was restored twice.
type ledger struct {
	at   map[[3]string]int
	list []debrief.Fact
}

func (l *ledger) say(e debrief.Event, name, value string) {
	if value != "" {
		l.put([3]string{e.Source, name}, e, name, value)
	}
}

func (l *ledger) put(k [3]string, e debrief.Event, name, value string) {
	if l.at == nil {
		l.at = map[[3]string]int{}
	}
	i, ok := l.at[k]
	if !ok {
		i = len(l.list)
		l.at[k] = i
		l.list = append(l.list, debrief.Fact{})
	} else if l.list[i].Value == value {
		return // said again: it was so since the first time
	}
	l.list[i] = debrief.Fact{Source: e.Source, Name: name, Value: value, At: e.At}
}

func (l *ledger) moment(e debrief.Event, name string, t time.Time) {
	if t.IsZero() {
		return
	}
	v := t.UTC().Format(time.RFC3339Nano)
	l.put([3]string{e.Source, name, v}, e, name, v)
}

func (l *ledger) count(e debrief.Event, name string, n int) {
	if n != 0 {
		l.say(e, name, strconv.Itoa(n))
	}
}

func (l *ledger) yes(e debrief.Event, name string, b bool) {
	if b {
		l.say(e, name, "yes")
	}
}

func (l *ledger) facts(e debrief.Event, prefix string, fs debrief.Facts) {
	for k, v := range fs {
		l.say(e, prefix+k, v)
	}
}

// mostSaid bounds what is kept of one object.
const mostSaid = 500

// all are the facts by name, then source.
func (l *ledger) all() []debrief.Fact {
	slices.SortFunc(l.list, func(a, b debrief.Fact) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Source, b.Source), a.At.Compare(b.At), cmp.Compare(a.Value, b.Value))
	})
	return l.list[:min(len(l.list), mostSaid)]
}

// named is a moment with the name its field has.
type named struct {
	name string
	at   time.Time
}

// skew names the neighbours among moments, given in the order in which they
// must come, that do not: some clock is wrong. They are kept and marked.
func skew(moments ...named) []string {
	var out []string
	for i, a := range moments {
		if a.at.IsZero() {
			continue
		}
		for _, b := range moments[i+1:] {
			if b.at.IsZero() {
				continue
			}
			if b.at.Before(a.at) {
				out = append(out, b.name+" lies before "+a.name)
			}
			break // the next one known
		}
	}
	return out
}

// skewed names the moments of a deployment that lie before the one they must
// follow. When it was queued or began to wait in relation to its start depends
// on the tool, and is no sign of anything.
func skewed(t debrief.Times) []string {
	return append(
		skew(named{"started_at", t.Started}, named{"first_exposure_at", t.FirstExposure}, named{"full_exposure_at", t.FullExposure}),
		skew(named{"started_at", t.Started}, named{"finished_at", t.Finished})...,
	)
}

// deploymentSaid is what each source says of a deployment.
func deploymentSaid(events []debrief.Event) []debrief.Fact {
	var said ledger
	for _, e := range events {
		r := e.Report
		for name, v := range map[string]string{
			"environment": r.Environment, "target": r.Target, "version": r.Version, "commit": r.Commit, "rollout": r.Rollout,
			"state": string(r.State), "url": r.URL,
		} {
			said.say(e, name, v)
		}
		said.moment(e, "queued_at", r.Times.Queued)
		said.moment(e, "waiting_since", r.Times.WaitingSince)
		said.moment(e, "approved_at", r.Times.Approved)
		said.moment(e, "started_at", r.Times.Started)
		said.moment(e, "first_exposure_at", r.Times.FirstExposure)
		said.moment(e, "full_exposure_at", r.Times.FullExposure)
		said.moment(e, "finished_at", r.Times.Finished)
		said.count(e, "attempt", r.Attempt)
		said.count(e, "people", r.People)
		said.yes(e, "manual", r.Manual)
		said.yes(e, "rollback", r.Rollback)
		if r.ExitCode != nil {
			said.say(e, "exit_code", strconv.Itoa(*r.ExitCode))
		}
		said.facts(e, "fact/", r.Facts)
		for _, s := range r.Stages {
			name := "stage/" + s.Name + "/"
			said.say(e, name+"state", string(s.State))
			said.moment(e, name+"started_at", s.Started)
			said.moment(e, name+"finished_at", s.Finished)
		}
	}
	return said.all()
}
