package notice

import (
	"fmt"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// notShipped: merged changes waited longer than UnshippedFactor times the usual
// gap between two deployments while this release was the newest, or nobody
// repeated a deployment that failed for as long. The longest of the gaps that
// the usual one comes from must be passed too: where five releases go out each
// day, a weekend is nothing to notice.
func notShipped() Detector {
	return Detector{
		ID:       "merged-not-shipped",
		Question: "What holds finished work back?",
		Why:      "Merged work that waits grows into a larger release, in which a fault is harder to find.",
		Find:     findNotShipped,
		Again: func(in Input) time.Time {
			patience, _, ok := patience(in)
			since := waitingSince(in)
			if !ok || since.IsZero() || !in.Next.IsZero() {
				return time.Time{}
			}
			return sooner(time.Time{}, since.Add(patience).Add(time.Second), in.Now)
		},
	}
}

func findNotShipped(in Input) []debrief.Surprise {
	patience, usual, ok := patience(in)
	since := waitingSince(in)
	if !ok || since.IsZero() {
		return nil
	}
	until := in.Now
	if !in.Next.IsZero() {
		until = in.Next
	}
	waited := until.Sub(since)
	if waited <= patience {
		return nil
	}
	still := ""
	if in.Next.IsZero() {
		still = " so far"
	}
	evidence := []string{fmt.Sprintf("the usual time from one deployment to the next is %s, the median of the last %d", lasted(usual), len(gaps(in)))}
	if in.Story.Release.Kind == debrief.ReleaseAttempt {
		return []debrief.Surprise{{
			Subject:  "attempt",
			Sentence: fmt.Sprintf("The deployment failed and nobody repeated it for %s%s.", lasted(waited), still),
			Evidence: evidence,
			At:       since,
		}}
	}
	for _, c := range in.Merged[:min(len(in.Merged), 10)] {
		evidence = append(evidence, fmt.Sprintf("%s, merged at %s", named(c), clock(c.Landed())))
	}
	return []debrief.Surprise{{
		Subject:  "merged",
		Sentence: fmt.Sprintf("%s merged after %s waited up to %s%s to be shipped.", plural(len(in.Merged), "change", "changes"), in.Story.Release.Version, lasted(waited), still),
		Evidence: evidence,
		At:       since,
	}}
}

// waitingSince is when what waits began to.
func waitingSince(in Input) time.Time {
	if r := in.Story.Release; r.Kind == debrief.ReleaseAttempt {
		var ended time.Time
		for _, d := range in.Story.Deployments {
			if d.State == debrief.Failed && d.Times.Finished.After(ended) {
				ended = d.Times.Finished
			}
		}
		return ended
	}
	var first time.Time
	for _, c := range in.Merged {
		if first.IsZero() || c.Landed().Before(first) {
			first = c.Landed()
		}
	}
	return first
}

// patience is how long what is merged may wait before that is noticed.
func patience(in Input) (limit, usual time.Duration, ok bool) {
	all := gaps(in)
	if len(all) < in.T.SlowMinHistory {
		return 0, 0, false
	}
	usual = all[len(all)/2]
	if n := len(all); n%2 == 0 {
		usual = (all[n/2-1] + all[n/2]) / 2
	}
	limit = max(time.Duration(in.T.UnshippedFactor*float64(usual)), all[len(all)-1], in.T.SlowAtLeast)
	return limit, usual, true
}

// gaps are the times between successful deployments before this one, sorted.
func gaps(in Input) []time.Duration {
	var at []time.Time
	for _, d := range in.Story.Recent {
		if t := d.Times.Live(); !t.IsZero() {
			at = append(at, t)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	var all []time.Duration
	for i := 1; i < len(at); i++ {
		all = append(all, at[i].Sub(at[i-1]))
	}
	slices.Sort(all)
	return all
}

func named(c debrief.Change) string {
	if c.Title != "" {
		return "“" + c.Title + "”"
	}
	return "change " + c.ID
}

// lasted writes what may take days: 4 days, 1:30:00.
func lasted(d time.Duration) string {
	if d < 48*time.Hour {
		return took(d)
	}
	return trim(d.Hours()/24) + " days"
}
