package delivery

import (
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// refusals are what nobody can ask of a metric, and why. There is no hidden way
// to it either: nothing is kept that could answer.
var refusals = []struct {
	names []string
	why   string
}{
	{
		[]string{"author", "authors", "person", "people", "user", "users", "developer", "developers", "engineer", "committer", "reviewer", "owner", "assignee", "by-author", "individual"},
		"debrief has no figure for a person: authors are kept only as salted hashes, to count how many took part. A number about a person changes what the person does, and says nothing about the system",
	},
	{
		[]string{"team", "teams", "group", "squad", "org-unit", "department", "compare", "versus", "vs", "rank", "ranking", "leaderboard", "top"},
		"debrief does not compare teams: services differ in what they are, so a comparison ranks their age and size and teaches people to look good in it. Ask one service at a time, and hold it against its own past",
	},
	{
		[]string{"target", "targets", "goal", "goals", "objective", "threshold", "slo", "budget", "quota"},
		"debrief has no targets for these metrics: a measure that becomes a target is served instead of the work (Goodhart 1975; the DORA guide warns of it). Ask what moved and why, with: debrief questions SERVICE",
	},
	{
		[]string{"band", "bands", "score", "scores", "grade", "level", "tier", "elite", "benchmark", "percentile", "industry", "rating"},
		"debrief gives no scores or bands: they are cut from surveys of other organisations and say nothing about what to do here. The service's own past is what its numbers are held against",
	},
	{
		[]string{"mean", "average", "avg"},
		"debrief shows medians and lists, never means: one change that waited a year would move a mean by weeks",
	},
}

// Refuse is the answer to asking metrics by something they are not told by; nil
// where the name is none of those. Field is the name as it was asked.
func Refuse(field string) error {
	name := strings.ToLower(strings.Trim(strings.ReplaceAll(field, "_", "-"), "- []"))
	for _, r := range refusals {
		if slices.Contains(r.names, name) {
			return debrief.Errorf(debrief.Invalid, field, "%s", r.why)
		}
	}
	return nil
}
