package tell

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Verdict says what one metric's data say: "38 % up (31 to 46 %) since 14:21",
// "steady, a change above 0.06 % would show", "cannot tell: too few requests
// (n = 14)", "too early".
func Verdict(v debrief.Verdict, loc *time.Location) string {
	switch v.Word {
	case debrief.Worse, debrief.Better, debrief.Changed:
		return Effect(v) + since(v, v.Trace.Start, loc) + usual(v)
	case debrief.Steady:
		if s := smallest(v); s != "" {
			return "steady, a change above " + s + " would show"
		}
		return "steady"
	case debrief.CannotTell:
		return "cannot tell: " + why(v)
	default:
		return "too early"
	}
}

// usual says that a change is what this service's releases bring.
func usual(v debrief.Verdict) string {
	if v.Usual {
		return ", usual after a deployment"
	}
	return ""
}

// Effect says how much a metric changed, with its interval: "38 % up (31 to
// 46 %)", "2.4× as long (2.1 to 2.8×)", "0.41 points up (0.3 to 0.5)".
func Effect(v debrief.Verdict) string {
	if !finite(v.Effect) {
		if finite(v.After) {
			return "now " + Number(v.After, v.Unit)
		}
		return "different"
	}
	if v.Relative {
		return relative(v) + shape(v)
	}
	return difference(v) + shape(v)
}

func relative(v debrief.Verdict) string {
	if v.Effect >= 1 {
		text := digits(1+v.Effect, 0) + "× as much"
		if v.Role == debrief.Latency {
			text = digits(1+v.Effect, 0) + "× as long"
		}
		if hasInterval(v) {
			text += " (" + Range(1+v.Low, 1+v.High, "") + "×)"
		}
		return text
	}
	word := "up"
	if v.Effect < 0 {
		word = "down"
		if v.Role == debrief.Latency {
			word = "faster"
		}
	}
	text := Percent(math.Abs(v.Effect)) + " " + word
	if hasInterval(v) {
		low, high := away(v)
		text += " (" + Range(low*100, high*100, "%") + ")"
	}
	return text
}

func difference(v debrief.Verdict) string {
	word := "up"
	if v.Effect < 0 {
		word = "down"
	}
	size, unit := math.Abs(v.Effect), v.Unit
	low, high := away(v)
	switch unit {
	case "share", "ratio", "fraction":
		size, low, high, unit = size*100, low*100, high*100, "%"
	}
	if unit == "%" {
		// A difference of percentages is said in points: 2 % to 3 % is one
		// point up, not one per cent.
		text := points(size) + " " + word
		if hasInterval(v) {
			text += " (" + Range(low, high, "") + ")"
		}
		return text
	}
	text := Number(size, unit) + " " + word
	if hasInterval(v) {
		text += " (" + Range(low, high, unit) + ")"
	}
	return text
}

// away is the interval in the direction of the effect: 6 to 12 % for a fall of
// 9 %. An interval that crosses zero shows a minus sign.
func away(v debrief.Verdict) (low, high float64) {
	if v.Effect < 0 {
		return -v.High, -v.Low
	}
	return v.Low, v.High
}

func hasInterval(v debrief.Verdict) bool {
	return finite(v.Low) && finite(v.High) && v.Low < v.High
}

func shape(v debrief.Verdict) string {
	switch v.Shape {
	case "spike":
		return " in spikes"
	case "spread":
		return ", spread wider"
	}
	return ""
}

func since(v debrief.Verdict, beside time.Time, loc *time.Location) string {
	if v.Since.IsZero() {
		return ""
	}
	if v.Until.After(v.Since) {
		return " from " + clock(v.Since, beside, loc, fineStep(v)) + " to " + clock(v.Until, v.Since, loc, fineStep(v))
	}
	return " since " + clock(v.Since, beside, loc, fineStep(v))
}

// smallest is the smallest change that would have been seen; empty: not known.
func smallest(v debrief.Verdict) string {
	switch {
	case !finite(v.Smallest) || v.Smallest <= 0:
		return ""
	default:
		return Size(v, v.Smallest)
	}
}

// Size writes the size of a change as the verdict's effect is counted: "6 %",
// "×2.4", "0.3 points" where the metric is a share.
// A series that never moves would show any change at all, and nobody reads a
// thousandth of a per cent: what is smaller than a tenth is written as one.
func Size(v debrief.Verdict, x float64) string {
	if v.Relative {
		x = max(x, leastRatio)
	}
	switch {
	case v.Relative && x >= 1:
		return "×" + digits(1+x, 0)
	case v.Relative:
		return Percent(x)
	}
	switch v.Unit {
	case "%":
		return points(max(x, leastPoints))
	case "share", "ratio", "fraction":
		return points(max(x*100, leastPoints))
	}
	return Number(x, v.Unit)
}

const (
	leastRatio  = 0.001
	leastPoints = 0.001 // of a percentage
)

func points(x float64) string {
	if text := digits(x, 0); text != "1" {
		return text + " points"
	}
	return "1 point"
}

// why says why nothing can be told, in plain words.
func why(v debrief.Verdict) string {
	switch v.Reason {
	case debrief.TooLittle:
		thing := "too few requests"
		switch {
		case probed(v):
			thing = "too few answers"
		case v.Role == debrief.Other:
			thing = "too little data"
		}
		return thing + " (n = " + strconv.Itoa(v.N) + ")"
	case debrief.NotSensitive:
		if s := smallest(v); s != "" {
			text := "only a change above " + s + " would show"
			if finite(v.Needed) && v.Needed > 0 && v.Needed < v.Smallest {
				need := Size(v, v.Needed)
				if v.Relative && v.Smallest >= 1 { // said as what it is times, so this is too
					need = "×" + digits(1+v.Needed, 0)
				}
				text += ", we need " + need
			}
			return text
		}
		return "only a very large change would show"
	case debrief.MetricsMissing:
		if probed(v) {
			return "it has not answered once since the release"
		}
	}
	return Reason(v.Reason)
}

// probed reports the response time of a probe's target: of it, no data means
// that it did not answer.
func probed(v debrief.Verdict) bool {
	return v.Role == debrief.Latency && strings.HasPrefix(v.Metric, probeTime)
}

const (
	probeTime     = "response time of "
	probeFailures = "failures of "
)

// whyIn is why, with what the rest of the look knows.
func whyIn(l debrief.Look, v debrief.Verdict, loc *time.Location) string {
	if v.Reason != debrief.MetricsMissing || !probed(v) {
		return why(v)
	}
	target := strings.TrimPrefix(v.Metric, probeTime)
	for _, f := range l.Verdicts {
		if f.Metric == probeFailures+target && f.N > 0 {
			return "it has not answered once since " + clock(downSince(f, l), l.From, loc, fineStep(f))
		}
	}
	return "no answer is known since the release"
}

// downSince is when the last unbroken run of failures began.
func downSince(f debrief.Verdict, l debrief.Look) time.Time {
	t := f.Trace
	if t.Start.IsZero() || t.Step <= 0 || len(t.V) == 0 {
		return l.From
	}
	at := len(t.V)
	for at > 0 && !(t.V[at-1] < 99.9) { // a gap is no answer either
		at--
	}
	for at < len(t.V) && !finite(t.V[at]) {
		at++
	}
	if at >= len(t.V) {
		return l.From
	}
	return t.Start.Add(time.Duration(at) * t.Step)
}

// Reason puts a reason into plain words.
func Reason(r debrief.Reason) string {
	switch r {
	case debrief.TooLittle:
		return "too few requests"
	case debrief.NoBaseline:
		return "nothing earlier to hold it against"
	case debrief.LogsTooNew:
		return "logs are not known for long enough"
	case debrief.MetricsMissing:
		return "the metrics are missing"
	case debrief.ProviderFailed:
		return "the metrics could not be asked"
	case debrief.NothingToLookAt:
		return "no metric is configured for this service"
	case debrief.NotSensitive:
		return "only a very large change would show"
	case debrief.Overlap:
		return "releases overlap"
	case debrief.NoReason:
		return "no reason is known"
	default:
		return Clean(string(r))
	}
}
