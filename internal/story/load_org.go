package story

import (
	"context"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/story/org"
)

// loadSome is how many releases one transaction writes.
const loadSome = 5000

// LoadOrg writes of a made-up organisation only what metrics, reviews and
// briefs read: its facts, incidents, debriefs and actions, as they would have
// come out. It is for benchmarks over more releases than anyone would wait for
// at the front door. Memory does not grow with the organisation.
func LoadOrg(ctx context.Context, st *store.Store, o *org.Org, said func(Filled)) (Filled, error) {
	l := loader{st: st}
	err := o.Walk(func(i org.Item) error {
		l.add(i)
		if len(l.facts) < loadSome && len(l.incidents)+len(l.learned) < loadSome {
			return nil
		}
		if err := l.flush(ctx); err != nil {
			return err
		}
		if said != nil {
			said(l.n)
		}
		return ctx.Err()
	})
	if err == nil {
		err = l.flush(ctx)
	}
	return l.n, err
}

// loader gathers rows, so that few transactions write many.
type loader struct {
	st        *store.Store
	n         Filled
	services  []string
	facts     []debrief.ReleaseFacts
	incidents []debrief.Incident
	learned   []org.Item
}

func (l *loader) add(i org.Item) {
	switch {
	case i.Service != nil:
		l.services = append(l.services, i.Service.ID)
		l.n.Services++
	case i.Release != nil:
		l.facts = append(l.facts, i.Release.ReleaseFacts)
		l.n.Releases++
	case i.Incident != nil:
		l.incidents = append(l.incidents, i.Incident.Incident)
		l.n.Incidents++
	case i.Debrief != nil:
		l.learned = append(l.learned, i)
		l.n.Debriefs++
	case i.Action != nil:
		l.learned = append(l.learned, i)
	}
}

func (l *loader) flush(ctx context.Context) error {
	err := l.st.Update(ctx, func(tx *store.Tx) error {
		for _, id := range l.services {
			if _, err := tx.Service(id, true); err != nil {
				return err
			}
		}
		if err := tx.AddFacts(l.facts); err != nil {
			return err
		}
		if err := tx.SaveIncidents(l.incidents, nil); err != nil {
			return err
		}
		for _, i := range l.learned {
			if i.Action != nil {
				if err := tx.SaveAction(*i.Action); err != nil {
					return err
				}
				continue
			}
			if _, err := tx.SaveDebrief(*i.Debrief, 0); err != nil {
				return err
			}
		}
		return nil
	})
	l.services, l.facts, l.incidents, l.learned = l.services[:0], l.facts[:0], l.incidents[:0], l.learned[:0]
	return err
}
