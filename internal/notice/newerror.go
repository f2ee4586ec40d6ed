package notice

import (
	"fmt"
	"sort"
	"strings"

	"github.com/debriefhq/debrief"
)

// newError: a kind of log line of an error level that was never seen before
// this release. Where the logs are not known for long enough to say "new", the
// look says so itself and nothing is noticed.
func newError() Detector {
	return Detector{
		ID:       "new-error",
		Question: "What produces this line, and which path through the system was never tried before?",
		Why:      "A kind of error never seen before is the earliest sign of a fault, often before any number moves.",
		Find:     findNewErrors,
	}
}

// mostErrors is how many new kinds are told one by one; a release that brings
// more has one problem with many faces.
const mostErrors = 5

func findNewErrors(in Input) []debrief.Surprise {
	latest := map[string]debrief.LogPattern{} // by template: what a person recognises
	seenAt := map[string]int{}
	for _, l := range done(in.Story.Looks) {
		if l.Logs.Word == debrief.CannotTell {
			continue
		}
		for _, p := range l.Logs.Patterns {
			if !p.New || p.Count == 0 || !isError(p.Level) {
				continue
			}
			if before, ok := latest[p.Template]; ok && !before.First.IsZero() && (p.First.IsZero() || before.First.Before(p.First)) {
				p.First = before.First
			}
			latest[p.Template] = p
			seenAt[p.Template] = l.Number
		}
	}
	list := make([]debrief.LogPattern, 0, len(latest))
	for _, p := range latest {
		list = append(list, p)
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Count != list[j].Count {
			return list[i].Count > list[j].Count
		}
		return list[i].Template < list[j].Template
	})
	var found []debrief.Surprise
	for _, p := range list[:min(len(list), mostErrors)] {
		evidence := []string{
			fmt.Sprintf("%s at level %s since the release, first at %s (look %d)", plural(p.Count, "line", "lines"), p.Level, clock(p.First), seenAt[p.Template]),
			"never seen in the logs known before it",
		}
		if p.Example != "" {
			evidence = append(evidence, "for example: "+clip(p.Example, 300))
		}
		found = append(found, debrief.Surprise{
			Subject:  clip(p.Template, 200),
			Sentence: fmt.Sprintf("A new kind of error, %s: “%s”.", plural(p.Count, "line", "lines"), clip(p.Says(), 120)),
			Evidence: evidence,
			At:       p.First,
		})
	}
	if more := list[min(len(list), mostErrors):]; len(more) > 0 {
		s := debrief.Surprise{
			Subject:  "other new errors",
			Sentence: fmt.Sprintf("%s of error beside those.", plural(len(more), "more new kind", "more new kinds")),
			At:       more[0].First,
		}
		for _, p := range more[:min(len(more), 20)] {
			s.Evidence = append(s.Evidence, fmt.Sprintf("%s: %s", plural(p.Count, "line", "lines"), clip(p.Says(), 120)))
		}
		found = append(found, s)
	}
	return found
}

func isError(level string) bool {
	switch strings.ToLower(level) {
	case "error", "err", "fatal", "critical", "crit", "alert", "emergency", "emerg", "panic", "severe":
		return true
	}
	return false
}
