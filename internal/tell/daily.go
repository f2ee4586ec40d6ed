package tell

import (
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Daily is the one line said every day, also when nothing was released: "Tuesday
// 17 November: six releases: five as usual, one cannot tell." The caller
// chooses the releases; samples are left out.
func Daily(rs []debrief.Release, day time.Time, loc *time.Location) string {
	return in(day, loc).Format("Monday, 2 January") + ": " + Summary(rs) + "."
}

// Summary counts releases by what became of them: "six releases: five as usual,
// one cannot tell", "no releases".
func Summary(rs []debrief.Release) string {
	counts := map[string]int{}
	worse := []string{}
	releases, surprises := 0, 0
	for _, r := range rs {
		if r.Sample {
			continue
		}
		surprises += r.Open
		switch r.Kind {
		case debrief.ReleaseNew, "":
			releases++
			counts[dailyWord(r)]++
			if r.Verdict == debrief.Worse {
				worse = append(worse, strings.TrimSpace(Clean(r.Service)+" "+Clean(r.Version)))
			}
		default:
			counts[string(r.Kind)]++
		}
	}
	text := Count(releases, "release", "releases")
	if ws := releaseWords(counts, worse, releases); ws != "" {
		text += ": " + ws
	}
	for _, other := range []struct{ kind, one, many string }{
		{string(debrief.ReleaseRollback), "rollback", "rollbacks"},
		{string(debrief.ReleaseAttempt), "failed attempt", "failed attempts"},
		{string(debrief.ReleaseSame), "restart of the same version", "restarts of the same version"},
		{string(debrief.ReleaseRunning), "still running", "still running"},
	} {
		if n := counts[other.kind]; n > 0 {
			text += "; " + Count(n, other.one, other.many)
		}
	}
	if surprises > 0 {
		text += "; " + Count(surprises, "surprise", "surprises") + " to answer"
	}
	return text
}

var dailyOrder = []string{"worse", "as usual", "better", "changed", "cannot tell", "too early"}

func dailyWord(r debrief.Release) string { return Word(r.Verdict) }

func releaseWords(counts map[string]int, worse []string, releases int) string {
	var parts []string
	for _, w := range dailyOrder {
		n := counts[w]
		if n == 0 {
			continue
		}
		text := numeral(n) + " " + w
		if n == releases && n > 1 {
			text = "all " + w
		} else if n == 1 && releases == 1 {
			text = w
		}
		if w == "worse" && n <= 3 {
			text += " (" + strings.Join(worse, ", ") + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
