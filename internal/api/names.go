package api

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
)

// names remembers the services' names and aliases for a moment: they are asked
// for with every report and change almost never.
type names struct {
	mu    sync.Mutex
	ids   map[string]string
	until time.Time
}

const namesLast = 5 * time.Second

// resolve gives a service's id: by id, name or alias; the id it will get where
// it is new.
func (n *names) resolve(ctx context.Context, a *API, name string) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := strings.ToLower(strings.TrimSpace(name))
	now := a.now()
	if id, ok := n.ids[key]; ok && now.Before(n.until) {
		return id, nil
	}
	if n.ids == nil || !now.Before(n.until) {
		services, err := a.store.Services(ctx)
		if err != nil {
			return "", err
		}
		n.ids, n.until = map[string]string{}, now.Add(namesLast)
		for _, s := range services {
			n.ids[strings.ToLower(s.ID)] = s.ID
			n.ids[strings.ToLower(s.Name)] = s.ID
		}
		for _, s := range services { // aliases win: a person gave them
			for _, alias := range s.Aliases {
				n.ids[strings.ToLower(alias)] = s.ID
			}
		}
		if id, ok := n.ids[key]; ok {
			return id, nil
		}
	}
	return debrief.ServiceID(name), nil
}
