package loop

import "github.com/debriefhq/debrief/internal/tell"

// blind words what kept a metric or the logs from being asked.
func (l *Loop) blind(text string) string {
	return tell.UnreachableAs(text, func(provider string) string { return l.Config.Providers[provider].Kind })
}
