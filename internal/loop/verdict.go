package loop

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/tell"
)

// judge judges what was measured and words it: the one place where a
// judge.Result becomes a debrief.Verdict.
func (l *Loop) judge(x Exam, all []measured) Findings {
	leads := make([]bool, len(all))
	for i, m := range all {
		role := debrief.Role(m.metric.Role)
		leads[i] = role == debrief.Latency || role == debrief.Errors
	}
	weights := judge.Weights(leads)
	budget := judge.LookBudget(l.Config.Looks.Budget, x.Number, len(l.Config.Looks.After))
	results := make([]judge.Result, len(all))
	var memory judge.Memory
	for i, m := range all {
		if m.err == nil {
			m.q.Alpha = budget * weights[i]
			results[i] = memory.Judge(m.q)
		}
	}
	settled := judge.Settle(results, weights, budget)
	var f Findings
	for i, m := range all {
		v := l.verdict(x, m, results[i])
		v.Warnings = append(v.Warnings, m.notes...)
		switch {
		case m.err != nil:
			v.Word, v.Reason = debrief.CannotTell, debrief.ProviderFailed
			v.Warnings = append(v.Warnings, m.err.Error())
			// Every metric of a provider that is down says the same: once is enough.
			if blind := l.blind(m.metric.Name + ": " + m.err.Error()); !slices.Contains(f.Blind, blind) {
				f.Blind = append(f.Blind, blind)
			}
		case x.Final:
			v.Word, v.P = debrief.Word(settled[i].Word), settled[i].P
			v.Reason = reasons[settled[i].Why]
			l.when(&v, results[i])
		}
		if !x.Final {
			v = early(v)
		}
		v.Sentence = tell.Verdict(v, l.Location)
		f.Verdicts = append(f.Verdicts, v)
	}
	if blind := missing(x, f.Verdicts); blind != "" {
		f.Blind = append(f.Blind, blind)
	}
	return f
}

// reasons translates why the judge cannot tell.
var reasons = map[judge.Why]debrief.Reason{
	judge.CanTell: debrief.NoReason, judge.TooLittle: debrief.TooLittle, judge.NoBaseline: debrief.NoBaseline,
	judge.Missing: debrief.MetricsMissing, judge.Insensible: debrief.NotSensitive,
}

// when says when a change began and passed. What did not change did neither.
func (l *Loop) when(v *debrief.Verdict, r judge.Result) {
	switch v.Word {
	case debrief.Worse, debrief.Better, debrief.Changed:
	default:
		return
	}
	v.Usual = r.Usual
	v.Since, v.Until = debrief.Instant(r.Since), debrief.Instant(r.Until)
	if !r.Earlier.IsZero() {
		v.Warnings = append(v.Warnings, "may have begun before the release, at "+r.Earlier.In(l.Location).Format("Mon 15:04:05"))
	}
}

// early strips a verdict to data and band: before the look ends there is no word.
func early(v debrief.Verdict) debrief.Verdict {
	return debrief.Verdict{Metric: v.Metric, Role: v.Role, Part: v.Part, Unit: v.Unit, Before: v.Before, After: v.After, N: v.N, Warnings: v.Warnings, Trace: v.Trace}
}

// missing says that not one metric had data: a check that saw nothing is an
// alarm, even where every provider answered.
func missing(x Exam, vs []debrief.Verdict) string {
	if !x.Final || len(vs) == 0 {
		return ""
	}
	for _, v := range vs {
		if v.Reason != debrief.MetricsMissing {
			return ""
		}
	}
	return "no configured metric has data after the release"
}

// verdict words one metric's result in its own unit.
func (l *Loop) verdict(x Exam, m measured, r judge.Result) debrief.Verdict {
	v := Worded(m.q.Kind, r, l.Config.Looks.Before, x.From.In(l.Location))
	v.Metric, v.Role, v.Part = m.metric.Name, debrief.Role(m.metric.Role), m.metric.Part
	if v.Unit == "" {
		v.Unit = m.metric.Unit
	}
	if m.beside == nil || r.Controls == 0 {
		return v
	}
	v.Beside = m.beside(r.Controls)
	v.Against = append([]string{v.Beside}, v.Against...)
	switch {
	case m.canary:
		v.Against, v.Trace.Shade = v.Against[:1], "the old version" // nothing earlier
	case v.Trace.Shade != "":
		v.Trace.Shade += ", moved as " + v.Beside // the band goes with its controls
	}
	return v
}

// Worded is a result's numbers and picture as a verdict shows them, without a
// word: shares in percent, their effects in points. Before is how much of the
// time before the release it was held against.
func Worded(kind judge.Kind, r judge.Result, before time.Duration, release time.Time) debrief.Verdict {
	by := 1.0
	v := debrief.Verdict{
		Relative: r.Relative, Effect: r.Effect, Low: r.Low, High: r.High,
		Shape: string(r.Shape), N: r.N, P: r.P, Smallest: r.Smallest, Needed: r.Coarse, Warnings: r.Warnings,
	}
	if kind == judge.Share {
		v.Unit, by = "%", 100
	}
	v.Before, v.After, v.Trace = r.Before*by, r.After*by, trace(release, r.Band, by)
	if !r.Relative {
		v.Effect, v.Low, v.High, v.Smallest, v.Needed = r.Effect*by, r.Low*by, r.High*by, r.Smallest*by, v.Needed*by
	}
	if r.Tell {
		v.Against = against(before, r)
	}
	return v
}

// against says in words what a result was held against.
func against(before time.Duration, r judge.Result) []string {
	out := []string{"the " + stretch(before) + " before the release"}
	if r.Null > 0 {
		text := fmt.Sprintf("the same comparison at %s", tell.Count(r.Null, "earlier moment", "earlier moments"))
		if past := r.Band.Past; past > 0 {
			text = fmt.Sprintf("the same comparison at %s of the last %s", tell.Count(r.Null, "moment", "moments"), stretch(past))
		}
		if r.Band.Seasonal {
			text += ", time of day taken out"
		}
		out = append(out, text)
	}
	if r.Null == 0 || r.Short && r.Weeks == 0 {
		out = append(out, "no earlier weeks yet")
	}
	if r.Releases > 0 {
		out = append(out, "the same look after "+tell.Count(r.Releases, "earlier release", "earlier releases"))
	}
	return out
}

// stretch is a length of time as it follows "the last": "hour", "14 days".
// Placements seldom begin where the past does: all but a few hours of four
// weeks are four weeks.
func stretch(d time.Duration) string {
	if week := 7 * 24 * time.Hour; d > 4*week-12*time.Hour {
		return tell.Count(int((d+week/2)/week), "week", "weeks")
	}
	return strings.TrimPrefix(tell.Length(d), "one ")
}

// trace is the picture, bounded: a page needs no more points than it has pixels.
func trace(release time.Time, b judge.Band, by float64) debrief.Trace {
	const most = 480
	t := debrief.Trace{Start: debrief.Instant(b.Start), Step: b.Step}
	every := (len(b.V) + most - 1) / most
	if every < 1 {
		return t
	}
	t.Step = b.Step * time.Duration(every)
	t.V, t.Low, t.High = thin(b.V, every, by), thin(b.Low, every, by), thin(b.High, every, by)
	if len(b.Low) == 0 {
		return t
	}
	t.Shade = "its own past"
	switch {
	case b.Weekly:
		t.Shade = "this service's weekdays"
		if day := release.Weekday(); day == time.Saturday || day == time.Sunday {
			t.Shade = "this service's weekends"
		}
	case b.Seasonal:
		t.Shade = "its own past at this time of day"
	}
	return t
}

// thin averages runs of points; a run without any stays missing.
func thin(vs []float64, every int, by float64) debrief.Numbers {
	if len(vs) == 0 {
		return nil
	}
	out := make(debrief.Numbers, 0, len(vs)/every+1)
	for i := 0; i < len(vs); i += every {
		sum, n := 0.0, 0
		for _, v := range vs[i:min(i+every, len(vs))] {
			if v == v {
				sum += v
				n++
			}
		}
		out = append(out, sum/float64(n)*by) // 0/0 is NaN: missing
	}
	return out
}
