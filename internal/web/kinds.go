package web

import (
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

// brought is what kinds of change a release brought, and why.
type brought struct {
	Words   string
	Why     []kindWhy
	Modules string
	Partly  bool
}

type kindWhy struct{ Name, Why, Rules string }

// broughtOf is nil where nothing is known of it.
func broughtOf(k debrief.Kinds) *brought {
	words := tell.KindWords(k)
	if words == "" {
		return nil
	}
	b := &brought{Words: "Kinds of change: " + words, Partly: k.Partly, Modules: tell.Modules(k.Modules)}
	for _, r := range k.Why {
		b.Why = append(b.Why, kindWhy{r.Kind, tell.KindWhy(r), tell.KindRules(r)})
	}
	return b
}

// kindsOf is what each change is, in a word or two.
func kindsOf(kinds map[string][]string) map[string]string {
	out := make(map[string]string, len(kinds))
	for id, names := range kinds {
		out[id] = strings.Join(names, ", ")
	}
	return out
}
