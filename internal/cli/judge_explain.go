package cli

import (
	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/tell"
)

// explainSeries shows a result in the terminal, in the words the release pages
// use.
func explainSeries(e *Env, c *seriesCase, q *judge.Question, r judge.Result) error {
	release := q.From.In(e.Now().Location())
	v := loop.Worded(q.Kind, r, q.Before, release)
	v.Word, v.Reason = wordOf(r, q.Alpha)
	if r.Controls > 0 {
		v.Against = append(v.Against, tell.Count(r.Controls, "series", "series")+" that did not get it")
	}
	if v.Word == debrief.Changed {
		v.Since, v.Until = r.Since, r.Until
	}
	name := c.ID
	if c.Metric != "" && c.Metric != c.ID {
		name += " " + c.Metric
	}
	w := terminal(e)
	return tell.ExplainSeries(w, tell.Explained{Name: name, Verdict: v, Release: release, Counted: q.Kind == judge.Share, Null: r.Null})
}

// wordOf is a single series' word: the practical margin is the reader's to
// draw, so whatever is sure is changed.
func wordOf(r judge.Result, alpha float64) (debrief.Word, debrief.Reason) {
	switch {
	case !r.Tell:
		return debrief.CannotTell, debrief.Reason(r.Why)
	case r.P <= alpha:
		return debrief.Changed, debrief.NoReason
	case r.Smallest > r.Coarse:
		return debrief.CannotTell, debrief.NotSensitive
	}
	return debrief.Steady, debrief.NoReason
}
