package notice

import (
	"fmt"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// unrecordedRelease: after this release was fully live and before the next
// one began, the running service showed a version that no recorded deployment
// explains. The version before it counts too: that is a rollback nobody recorded.
func unrecordedRelease() Detector {
	return Detector{
		ID:       "unrecorded-release",
		Question: "Which way into production leaves no record, and what else goes that way?",
		Why:      "What is not recorded cannot be suspected when something breaks.",
		Find:     findUnrecorded,
	}
}

// slack is how far a version label may lag behind (or run before) the moments
// a deployment reports: one scrape, one slow pod.
const slack = 5 * time.Minute

func findUnrecorded(in Input) []debrief.Surprise {
	r := in.Story.Release
	if !r.Live() {
		return nil
	}
	var found []debrief.Surprise
	for _, run := range in.Running {
		if run.Version == "" || run.Since.Before(r.FullExposure) || !r.NextAt.IsZero() && !run.Since.Before(r.NextAt.Add(-slack)) {
			continue // another release's story
		}
		if explained(in, run) {
			continue
		}
		what := "no deployment of it is recorded"
		if sameVersion(run.Version, r.PreviousVersion) {
			what = "the version before came back and no rollback is recorded"
		}
		evidence := []string{
			fmt.Sprintf("the version label showed %s from %s", run.Version, clock(run.Since)),
			fmt.Sprintf("the last recorded deployment put %s live at %s", r.Version, clock(r.FullExposure)),
		}
		if !r.NextAt.IsZero() {
			evidence = append(evidence, fmt.Sprintf("the next recorded release began at %s", clock(r.NextAt)))
		}
		found = append(found, debrief.Surprise{
			Subject:  run.Version,
			Sentence: fmt.Sprintf("%s has been running since %s, but %s.", run.Version, run.Since.UTC().Format("15:04 UTC"), what),
			Evidence: evidence,
			At:       run.Since,
		})
	}
	return found
}

// explained reports a version that a recorded deployment accounts for.
func explained(in Input, run RunningVersion) bool {
	r := in.Story.Release
	if sameVersion(run.Version, r.Version) {
		return true
	}
	for _, d := range in.Story.Deployments {
		if sameVersion(run.Version, d.Version) || sameVersion(run.Version, d.Commit) {
			return true
		}
	}
	if sameVersion(run.Version, r.PreviousVersion) || previous(in, run.Version) {
		return run.Since.Before(r.FullExposure.Add(slack)) // the last old instances are going
	}
	return false
}

func previous(in Input, version string) bool {
	p := in.Story.Previous
	if p == nil {
		return false
	}
	if sameVersion(version, p.Version) {
		return true
	}
	for _, d := range in.Story.Recent {
		for _, id := range p.DeploymentIDs {
			if d.ID == id && sameVersion(version, d.Commit) {
				return true
			}
		}
	}
	return false
}

// sameVersion compares a label with a recorded version or commit: people write
// v1.4.2 and 1.4.2, commits are shortened.
func sameVersion(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	a, b = bare(a), bare(b)
	if a == b {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	return len(a) >= 7 && hexadecimal(a) && hexadecimal(b) && strings.HasPrefix(b, a)
}

func bare(v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	if len(v) > 1 && v[0] == 'v' && v[1] >= '0' && v[1] <= '9' {
		return v[1:]
	}
	return v
}

func hexadecimal(s string) bool {
	return strings.Trim(s, "0123456789abcdef") == ""
}
