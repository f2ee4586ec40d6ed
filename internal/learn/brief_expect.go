package learn

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/debriefhq/debrief"
)

// StagedStage is a step as it ran in staging.
type StagedStage struct {
	Name  string
	Took  debrief.Seconds
	Facts debrief.Facts
	Same  bool // it was this very commit
}

// Shift is what one metric did after one past release.
type Shift struct {
	Metric   string
	Unit     string
	Relative bool
	Effect   float64 // a ratio − 1, else a difference in Unit
}

// Ranges are those in which four of five lie. Fewer than these many releases
// say none.
const (
	rangeShare    = 0.80
	fewRatios     = 3
	fewDurations  = 8
	fewShifts     = 8
	mostRatios    = 20
	mostDurations = 60
	widest        = 8.0 // a range from 1 to more than this says nothing
)

// expect is what to expect in numbers.
func expect(in BriefInput) []debrief.Expectation {
	var out []debrief.Expectation
	for _, s := range in.Staging {
		if x, ok := expectStage(in, s); ok {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b debrief.Expectation) int { return cmp.Compare(b.High, a.High) })
	out = out[:min(len(out), 3)]
	if x, ok := expectDeployment(in); ok {
		out = append(out, x)
	}
	return append(out, expectShifts(in)...)
}

// expectStage carries a step's time from staging over to production by what it
// took there in past releases.
func expectStage(in BriefInput, s StagedStage) (debrief.Expectation, bool) {
	var logs []float64
	rows := ""
	for _, f := range in.Past {
		for _, p := range f.Stages {
			if !strings.EqualFold(p.Name, s.Name) || p.Took <= 0 || p.Staging <= 0 || len(logs) == mostRatios {
				continue
			}
			logs = append(logs, math.Log(float64(p.Took/p.Staging)))
			if rows == "" {
				rows = p.Facts["rows"]
			}
		}
	}
	if len(logs) < fewRatios || s.Took < 1 || !s.Same && !runsIn(in, s.Name) {
		return debrief.Expectation{}, false
	}
	low, high := nextOf(logs)
	if math.Exp(high-low) > widest {
		return debrief.Expectation{}, false
	}
	staged := float64(s.Took)
	x := debrief.Expectation{What: "stage " + s.Name, Low: staged * math.Exp(low), High: staged * math.Exp(high), Unit: "s", N: len(logs)}
	if x.Low < 2*staged || x.Low < staged+30 {
		return debrief.Expectation{}, false // staging says it well enough
	}
	said := capitalised(s.Name) + ": " + lasts(staged) + " in staging"
	if !s.Same {
		said = capitalised(s.Name) + ": " + lasts(staged) + " in staging the last time"
	}
	if here, there := parsed(rows), parsed(s.Facts["rows"]); here > 0 && there > 0 {
		said += " on " + rough(there) + " rows; production has " + rough(here)
	}
	x.Sentence = fmt.Sprintf("%s; past ratio %s to %s (n = %d): expect %s.", said,
		trimmed(math.Exp(low)), trimmed(math.Exp(high)), len(logs), between(x.Low, x.High))
	return x, true
}

// runsIn: what ran in staging for another version will run for this one too
// where it ran in four of five of all releases, or of those of one of its kinds.
func runsIn(in BriefInput, name string) bool {
	ran := func(kind string) bool {
		n, with := 0, 0
		for _, f := range in.Past[:min(len(in.Past), mostDurations)] {
			if kind != "" && !slices.Contains(f.Kinds, kind) {
				continue
			}
			n++
			if slices.ContainsFunc(f.Stages, func(s debrief.StageFacts) bool { return strings.EqualFold(s.Name, name) }) {
				with++
			}
		}
		return n >= fewRatios && 5*with >= 4*n
	}
	return ran("") || slices.ContainsFunc(in.Change.Kinds, ran)
}

// nextOf is the range in which the next of these values lies, four times of
// five, where they are like draws from a normal distribution (Hahn and Meeker,
// Statistical Intervals, 1991, chapter 4).
func nextOf(xs []float64) (low, high float64) {
	n := float64(len(xs))
	var mean, sq float64
	for _, x := range xs {
		mean += x / n
	}
	for _, x := range xs {
		sq += (x - mean) * (x - mean)
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.5 + rangeShare/2)
	half := t * math.Sqrt(sq/(n-1)) * math.Sqrt(1+1/n)
	return mean - half, mean + half
}

func parsed(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0
	}
	return x
}

// expectDeployment is how long the deployment works: of releases of the
// change's kind where these differ from the others, else of all.
func expectDeployment(in BriefInput) (debrief.Expectation, bool) {
	var all []debrief.ReleaseFacts
	for _, f := range in.Past {
		if f.Worked > 0 && len(all) < mostDurations {
			all = append(all, f)
		}
	}
	if len(all) < fewDurations {
		return debrief.Expectation{}, false
	}
	whose, rest, does := all, []debrief.ReleaseFacts(nil), ""
	best := 0.01 / float64(max(len(in.Change.Kinds), 1))
	for _, kind := range in.Change.Kinds {
		var with, without []debrief.ReleaseFacts
		for _, f := range all {
			if slices.Contains(f.Kinds, kind) {
				with = append(with, f)
			} else {
				without = append(without, f)
			}
		}
		if len(with) < fewDurations || len(without) < fewDurations {
			continue
		}
		if p := differ(worked(with), worked(without)); p < best {
			best, whose, rest, does = p, with, without, kindPhrase(kind)
		}
	}
	xs := worked(whose)
	low, high := middle(xs)
	x := debrief.Expectation{What: "deployment", Low: low, High: high, Unit: "s", N: len(xs), Usual: true}
	x.Sentence = fmt.Sprintf("The deployment: %s of work (four of five of the last %d releases).", between(low, high), len(xs))
	if does != "" {
		usualLow, usualHigh := middle(worked(rest))
		x.Sentence = fmt.Sprintf("The deployment: %s of work (four of five of the last %d releases that %s; others %s).",
			between(low, high), len(xs), does, between(usualLow, usualHigh))
		x.Usual = halfway(xs) < 1.5*halfway(worked(rest)) || halfway(xs) < halfway(worked(rest))+60
	}
	return x, true
}

func worked(fs []debrief.ReleaseFacts) []float64 {
	out := make([]float64, len(fs))
	for i, f := range fs {
		out[i] = float64(f.Worked)
	}
	slices.Sort(out)
	return out
}

// middle is the range from the 10th to the 90th percentile of sorted values,
// as order statistics: no distribution is assumed.
func middle(sorted []float64) (low, high float64) {
	n := len(sorted)
	k := int(float64(n+1) * (1 - rangeShare) / 2)
	k = max(k, 1)
	return sorted[k-1], sorted[n-k]
}

func halfway(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// differ is the two-sided test of Mann and Whitney (1947) with the normal
// approximation and the correction for ties.
func differ(a, b []float64) float64 {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	rank := map[float64]float64{}
	var ties float64
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j] == all[i] {
			j++
		}
		rank[all[i]] = float64(i+j+1) / 2
		t := float64(j - i)
		ties += t*t*t - t
		i = j
	}
	var sum float64
	for _, x := range a {
		sum += rank[x]
	}
	m, n := float64(len(a)), float64(len(b))
	u := sum - m*(m+1)/2
	spread := math.Sqrt(m * n / 12 * (m + n + 1 - ties/((m+n)*(m+n-1))))
	if spread == 0 {
		return 1
	}
	return math.Erfc(max(math.Abs(u-m*n/2)-0.5, 0) / spread / math.Sqrt2)
}

// expectShifts are the metrics that usually move after a release, so that
// nobody is surprised by what is always so.
func expectShifts(in BriefInput) []debrief.Expectation {
	by := map[string][]Shift{}
	var names []string
	for _, s := range in.Shifts {
		if len(by[s.Metric]) == 0 {
			names = append(names, s.Metric)
		}
		by[s.Metric] = append(by[s.Metric], s)
	}
	slices.Sort(names)
	var out []debrief.Expectation
	for _, name := range names {
		var xs []float64
		up, unit := 0, "%"
		for _, s := range by[name] {
			x := s.Effect
			if s.Relative {
				x *= 100
			} else {
				unit = s.Unit
			}
			xs = append(xs, x)
			if x > 0 {
				up++
			}
		}
		n := len(xs)
		if n < fewShifts || !oneSided(up, n) || !sameWay(by[name]) {
			continue
		}
		slices.Sort(xs)
		low, high := middle(xs)
		if max(math.Abs(low), math.Abs(high)) < 1 && unit == "%" {
			continue // nobody would notice
		}
		way := "up"
		a, b := low, high
		if up*2 < n {
			way, a, b = "down", -high, -low
		}
		x := debrief.Expectation{What: "shift " + name, Low: low, High: high, Unit: unit, N: n, Usual: true}
		x.Sentence = fmt.Sprintf("%s: usually %s to %s %s %s in the first hour after a release (n = %d).", name, trimmed(max(a, 0)), trimmed(b), unit, way, n)
		out = append(out, x)
	}
	return out[:min(len(out), 2)]
}

// oneSided: so many on one side would be by chance less than once in twenty
// (the sign test).
func oneSided(up, n int) bool {
	k := max(up, n-up)
	p := 0.0
	for i := k; i <= n; i++ {
		p += math.Exp(lchoose(n, i) - float64(n)*math.Ln2)
	}
	return 2*p < 0.05
}

// sameWay: all effects are measured alike, so that they may stand in one range.
func sameWay(ss []Shift) bool {
	for _, s := range ss {
		if s.Relative != ss[0].Relative || s.Unit != ss[0].Unit {
			return false
		}
	}
	return true
}
