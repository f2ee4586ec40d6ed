package tell

import (
	"time"

	"github.com/debriefhq/debrief"
)

// held is what an earlier look found and no look since has denied.
type held struct {
	debrief.Verdict
	look debrief.Look
}

// standing are the metrics an earlier look called different and of which the
// current one knows nothing: what was seen does not vanish because it can no
// longer be looked at. The latest look that could tell decides.
func standing(s debrief.Story, now *debrief.Look) []held {
	told := map[string]bool{}
	for _, v := range now.Verdicts {
		told[v.Metric] = v.Word != debrief.CannotTell && v.Word != debrief.Pending
	}
	var out []held
	for _, l := range doneBefore(s, now) {
		for _, v := range notable(l) {
			if !told[v.Metric] {
				out = append(out, held{v, l})
			}
		}
		for _, v := range l.Verdicts {
			if v.Word != debrief.CannotTell && v.Word != debrief.Pending {
				told[v.Metric] = true
			}
		}
	}
	return out
}

// standingLogs is the latest earlier look that found new kinds of error, where
// no look since could read the logs.
func standingLogs(s debrief.Story, now *debrief.Look) *debrief.Look {
	if canTell(now.Logs) {
		return nil
	}
	for _, l := range doneBefore(s, now) {
		if !canTell(l.Logs) {
			continue
		}
		if logClause(l.Logs) == "" {
			return nil
		}
		return &l
	}
	return nil
}

func canTell(f debrief.LogFindings) bool {
	return f.Word != debrief.Pending && f.Word != debrief.CannotTell || len(newErrors(f)) > 0
}

// doneBefore are the looks done before a look, latest first.
func doneBefore(s debrief.Story, now *debrief.Look) []debrief.Look {
	var out []debrief.Look
	for i := len(s.Looks) - 1; i >= 0; i-- {
		if l := s.Looks[i]; l.State == debrief.LookDone && l.Number < now.Number {
			out = append(out, l)
		}
	}
	return out
}

// standingSentences tell of them with the look that saw them.
func standingSentences(s debrief.Story, hs []held, loc *time.Location) []string {
	var parts []string
	for i, h := range hs {
		if i == 2 {
			parts = append(parts, capital(Count(len(hs)-i, "more finding", "more findings"))+" of earlier looks could not be looked at again.")
			break
		}
		name := Clean(h.Metric)
		parts = append(parts, sentence(capital(name+wasWere(name)+Effect(h.Verdict)+since(h.Verdict, s.Release.Started, loc)+
			" "+Length(h.look.After)+" after the release; it could not be looked at again")))
	}
	return parts
}

func wasWere(name string) string {
	if isAre(name) == " are " {
		return " were "
	}
	return " was "
}
