package learn

import (
	"fmt"
	"slices"

	"github.com/debriefhq/debrief"
)

// timeGrew: a step of a service's pipeline took longer in the last three months
// than in the nine before. Each step of each service is one test.
func timeGrew() Pattern {
	return Pattern{
		ID:       "time-grew",
		Question: "What does this step do now that it did not do before?",
		Why:      "A pipeline grows by seconds nobody notices, and everybody waits for them at every release.",
		Find:     findGrown,
	}
}

// What a step has to have grown by to be worth saying.
const (
	grownTimes   = 1.2
	grownSeconds = 15
)

// timed is how long a step of one service took, and in which release.
type timed struct {
	took   float64
	row    *row
	latest bool // in the last three months
}

func findGrown(r *reading) []candidate {
	lately := r.Month.Before(2).From.Unix()
	var out []candidate
	var steps buckets[timed]
	for rows := r.h.rows; len(rows) > 0; {
		end := 1
		for end < len(rows) && rows[end].service == rows[0].service {
			end++
		}
		earlier := 0 // releases before that had steps at all
		for i := range rows[:end] {
			x := &rows[i]
			if x.at < lately && x.nstage > 0 {
				earlier++
			}
			for _, s := range r.h.went(x) {
				if s.took > 0 {
					steps.add(s.name, timed{float64(s.took), x, x.at >= lately})
				}
			}
		}
		steps.empty(func(step int32, all []timed) {
			if c, ok := r.grown(step, all, earlier); ok {
				out = append(out, c)
			}
		})
		rows = rows[end:]
	}
	return out
}

// grown tests one step; a step nothing can be held against is a new one.
func (r *reading) grown(id int32, all []timed, earlier int) (candidate, bool) {
	var before, after []float64
	var now []*row
	for _, t := range all {
		if t.latest {
			after, now = append(after, t.took), append(now, t.row)
		} else {
			before = append(before, t.took)
		}
	}
	if len(before) == 0 && earlier >= Few && len(after) >= Few {
		return r.added(id, after, now)
	}
	if len(after) < Few || len(before) < Few {
		return candidate{}, false
	}
	c := candidate{tested: true}
	slices.Sort(before)
	slices.Sort(after)
	was, is := median(before), median(after)
	if is < grownTimes*was || is-was < grownSeconds {
		c.P = 1 // tested, and not worth saying whatever chance may be
		return c, true
	}
	c.P = larger(after, before)
	service, step := r.h.services.names[all[0].row.service], r.h.steps.names[id]
	c.ID = debrief.ID("finding", "time-grew", service, step)
	c.Subject, c.Services = step+" of "+r.name(service), []string{service}
	c.Sentence = fmt.Sprintf("%s took %s at the median of the last three months (%s), and %s at that of the nine months before (%s).",
		capital(c.Subject), length(is), plural(len(after), "release", "releases"), length(was), plural(len(before), "release", "releases"))
	c.Sure = surely(c.P) + "; medians"
	c.Saves = debrief.Seconds((is - was) * float64(len(after)) / 3)
	c.SavesHow = fmt.Sprintf("%s more at each of %s a month", length(is-was), plural(int(float64(len(after))/3+0.5), "release", "releases"))
	c.Evidence = r.latest(now)
	return c, true
}

// added tells of a step the pipeline has only since lately.
func (r *reading) added(id int32, after []float64, now []*row) (candidate, bool) {
	slices.Sort(after)
	is := median(after)
	if is < grownSeconds {
		return candidate{}, false
	}
	service, step := r.h.services.names[now[0].service], r.h.steps.names[id]
	return candidate{Finding: debrief.Finding{
		ID: debrief.ID("finding", "time-grew", service, step, "new"), Subject: step + " of " + r.name(service), Services: []string{service},
		Sentence: fmt.Sprintf("%s is new since %s and takes %s at the median of %s.", capital(step)+" of "+r.name(service), r.day(timeOf(now[0])),
			length(is), plural(len(after), "release", "releases")),
		Question: "Is what this step finds worth the wait at every release, or could it run beside the others?",
		Sure:     "known, not tested",
		Saves:    debrief.Seconds(is * float64(len(after)) / 3), SavesHow: fmt.Sprintf("%s at each of %s a month", length(is), plural(int(float64(len(after))/3+0.5), "release", "releases")),
		Evidence: r.latest(now),
	}}, true
}
