package delivery

import (
	"fmt"

	"github.com/debriefhq/debrief"
)

// Frequency is how often what runs changed.
type Frequency struct {
	Releases  int    `json:"releases"` // in the whole window
	Rollbacks int    `json:"rollbacks"`
	Attempts  int    `json:"failed_attempts"`
	Early     int    `json:"caught_early"` // of the failed attempts: stopped by themselves
	Same      int    `json:"same_version"`
	Running   int    `json:"running"`
	Events    int    `json:"events"`        // what took effect by itself
	PerPeriod Middle `json:"per_period"`    // of the periods that are over; events among them where the setting says so
	Gap       Middle `json:"gap_s"`         // between one release and the next
	Unit      string `json:"unit"`          // "releases per week"
	Text      string `json:"text"`          // "8 releases and 1 rollback"
	Assumed   string `json:"assumed_words"` // "" where every deployment was told of
}

func frequency(in MetricsInput, fs []debrief.ReleaseFacts, rows []MetricRow) Frequency {
	q := Frequency{Unit: "releases per " + string(in.Settings.By)}
	var per, gaps []float64
	assumed := 0
	for _, f := range fs {
		switch f.Kind {
		case debrief.ReleaseAttempt:
			q.Attempts++
		case debrief.ReleaseSame:
			q.Same++
		case debrief.ReleaseRunning:
			q.Running++
		case debrief.ReleaseRollback:
			q.Rollbacks++
		case debrief.ReleaseNew:
			q.Releases++
		}
		if f.CaughtEarly {
			q.Early++
		}
		if f.Assumed {
			assumed++
		}
	}
	var last *debrief.ReleaseFacts
	for i, f := range in.Facts { // a gap is the window's where it ends there
		if f.Kind != debrief.ReleaseNew {
			continue
		}
		if last != nil && !f.At.Before(in.From) && f.At.Before(in.To) {
			gaps = append(gaps, f.At.Sub(last.At).Seconds())
		}
		last = &in.Facts[i]
	}
	for _, r := range rows {
		q.Events += r.Events
		if !r.Current && !r.To.After(in.Now) { // what is not over yet is never extrapolated
			n := r.Releases
			if in.Settings.Events {
				n += r.Events
			}
			per = append(per, float64(n))
		}
	}
	q.PerPeriod, q.Gap = MiddleOf(per), MiddleOf(gaps)
	q.Text = count(q.Releases, "release", "releases")
	if q.Rollbacks > 0 {
		q.Text += " and " + count(q.Rollbacks, "rollback", "rollbacks")
	}
	if in.Settings.Events {
		q.Unit = "releases and changes by themselves per " + string(in.Settings.By)
		q.Text += ", " + count(q.Events, "change that took effect by itself", "changes that took effect by themselves")
	}
	if assumed > 0 {
		q.Assumed = fmt.Sprintf("%d of %d are assumed: nobody told of a deployment, a merge or a tag stands for it", assumed, len(fs))
	}
	return q
}

// inFrequency says where a deployment stands.
func inFrequency(f debrief.ReleaseFacts) Standing {
	before := behind(f.PreviousID)
	switch f.Kind {
	case debrief.ReleaseNew:
		rule := "it changed the version that runs"
		if f.Assumed {
			rule += "; assumed, a merge or a tag stands for the deployment"
		}
		return Standing{Counted, rule, before}
	case debrief.ReleaseRollback:
		return Standing{Apart, "a rollback: what it brought had run before", before}
	case debrief.ReleaseSame:
		return Standing{NotCounted, "the same version again: a restart or a scaling", before}
	case debrief.ReleaseAttempt:
		if f.CaughtEarly {
			return Standing{NotCounted, "caught early: it stopped before everybody had it", before}
		}
		return Standing{NotCounted, "a failed attempt: it never took over production", before}
	}
	return Standing{NotCounted, "it is not finished", nil}
}

func behind(ids ...string) []string {
	var out []string
	for _, id := range ids {
		if id != "" {
			out = append(out, id)
		}
	}
	return out
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
