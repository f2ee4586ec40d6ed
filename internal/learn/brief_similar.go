package learn

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// How much each thing in common counts; together 1. A word that few releases
// have counts more than one that most have.
const (
	weighKinds   = 0.30 // kinds of change, by how rare they are
	weighModules = 0.30 // the same for modules
	weighWords   = 0.20 // titles and paths, by BM25, against the change itself
	weighSize    = 0.10
	weighRecent  = 0.10
	halfRecent   = 365 * 24 * time.Hour // of a year ago: half as recent
	// ofOthers is what a release of another service counts: its modules and
	// steps are not this one's.
	ofOthers = 0.6
	// nearEnough is from when on a release is called similar at all.
	nearEnough = 0.45
	// nearest releases are a class of their own; see classes.
	nearest = 10
)

// nearness is past releases by how much they are like the change.
type nearness struct {
	list []near // the nearest first
}

type near struct {
	facts debrief.ReleaseFacts
	place int // in the past; -1: of another service
	score float64
	why   []string
}

func similar(in BriefInput) nearness {
	c := in.Change
	var n nearness
	kinds := rarity(in.Past, func(f debrief.ReleaseFacts) []string { return f.Kinds })
	modules := rarity(in.Past, func(f debrief.ReleaseFacts) []string { return f.Modules })
	words := newWording(in)
	for i, f := range in.Past {
		n.list = append(n.list, like(c, f, i, 1, in.Now, kinds, modules, len(in.Past), words))
	}
	if len(in.Past) < 2*fewPast {
		kinds = rarity(in.Others, func(f debrief.ReleaseFacts) []string { return f.Kinds })
		for _, f := range in.Others {
			n.list = append(n.list, like(c, f, -1, ofOthers, in.Now, kinds, nil, len(in.Others), words))
		}
	}
	slices.SortStableFunc(n.list, func(a, b near) int {
		return cmp.Or(cmp.Compare(b.score, a.score), b.facts.At.Compare(a.facts.At), cmp.Compare(b.facts.ReleaseID, a.facts.ReleaseID))
	})
	return n
}

func like(c debrief.Upcoming, f debrief.ReleaseFacts, place int, times float64, now time.Time, kinds, modules map[string]int, all int, words wording) near {
	n := near{facts: f, place: place}
	part, both := shared(c.Kinds, f.Kinds, kinds, all)
	n.score += weighKinds * part
	n.why = append(n.why, both...)
	part, both = shared(c.Modules, f.Modules, modules, all)
	n.score += weighModules * part
	n.why = append(n.why, both...)
	part, both = words.shared(f)
	n.score += weighWords * part
	if len(both) > 0 {
		n.why = append(n.why, "words: "+strings.Join(both[:min(len(both), 3)], ", "))
	}
	n.score += weighSize * size(c, f)
	n.score += weighRecent * math.Exp2(-float64(now.Sub(f.At))/float64(halfRecent))
	n.score *= times
	return n
}

// shared is Jaccard's index of two sets whose members count by how rare they
// are (Jaccard 1901, weighted), and what they share, the rarest first.
func shared(a, b []string, has map[string]int, all int) (float64, []string) {
	var in, union float64
	var both []string
	for _, w := range a {
		r := debrief.Rareness(has[w], all)
		union += r
		if slices.Contains(b, w) {
			in += r
			both = append(both, w)
		}
	}
	for _, w := range b {
		if !slices.Contains(a, w) {
			union += debrief.Rareness(has[w], all)
		}
	}
	slices.SortStableFunc(both, func(x, y string) int { return cmp.Compare(has[x], has[y]) })
	if union == 0 {
		return 0, nil
	}
	return in / union, both
}

// size is 1 where both changed as many lines, and 0 where one changed 64 times
// as many; files stand in where no lines are known.
func size(c debrief.Upcoming, f debrief.ReleaseFacts) float64 {
	a, b := c.Added+c.Deleted, f.Added+f.Deleted
	if a == 0 || b == 0 {
		a, b = c.Files, f.Files
	}
	if a == 0 || b == 0 {
		return 0
	}
	return max(1-math.Abs(math.Log2(float64(a)/float64(b)))/6, 0)
}

// top are the nearest, where they are near at all.
func (n nearness) top(most int) []debrief.SimilarRelease {
	var out []debrief.SimilarRelease
	for _, x := range n.list {
		if x.score < nearEnough || len(out) == most {
			break
		}
		out = append(out, debrief.SimilarRelease{
			ReleaseID: x.facts.ReleaseID, Service: x.facts.Service, Version: x.facts.Version, At: x.facts.At,
			Score: math.Round(x.score*1000) / 1000, Why: x.why[:min(len(x.why), 5)], Outcome: outcome(x.facts),
		})
	}
	return out
}

// class is the nearest releases of this service as a way of being alike.
func (n nearness) class(past []debrief.ReleaseFacts) *class {
	k := &class{in: make([]bool, len(past))}
	for _, x := range n.list {
		if x.score < nearEnough || k.n == nearest {
			break
		}
		if x.place >= 0 {
			k.put(x.place, x.facts)
		}
	}
	slices.SortStableFunc(k.members, func(a, b debrief.ReleaseFacts) int { return b.At.Compare(a.At) })
	if k.n < 3 || k.n == len(past) {
		return nil
	}
	k.like = "most similar"
	k.does = "are most like it in kinds, modules, words and size"
	return k
}

func (n nearness) of(release string) float64 {
	for _, x := range n.list {
		if x.facts.ReleaseID == release {
			return x.score
		}
	}
	return 0
}

// outcome is what came of a release, in a few words.
func outcome(f debrief.ReleaseFacts) string {
	var say []string
	switch f.Failure {
	case debrief.DidFail:
		s := "failed"
		if !f.ImpactAt.IsZero() && f.RestoredAt.After(f.ImpactAt) {
			s += ", restored after " + lasts(f.RestoredAt.Sub(f.ImpactAt).Seconds())
		}
		say = append(say, s)
	case debrief.MayFail:
		say = append(say, "may have failed: a question is open")
	case debrief.TooEarly:
		say = append(say, "still watched")
	}
	for _, s := range f.Surprises {
		if s != "usual-shift" {
			say = append(say, Topic(s))
		}
	}
	if len(say) == 0 {
		return "nothing was noticed"
	}
	return strings.Join(say, "; ")
}

// wording compares what releases say of themselves.
type wording struct {
	texts map[string]string
	query []string
	count map[string]map[string]int // by release
	long  map[string]int
	with  map[string]int
	mean  float64
	all   int
	whole float64 // what the change itself would score
}

// mostWords of a change are looked for, and of a text are read.
const (
	mostWords = 40
	mostText  = 400
)

func newWording(in BriefInput) wording {
	w := wording{texts: in.Texts, count: map[string]map[string]int{}, long: map[string]int{}, with: map[string]int{}}
	sum := 0
	for _, fs := range [][]debrief.ReleaseFacts{in.Past, in.Others} {
		for _, f := range fs {
			text, ok := in.Texts[f.ReleaseID]
			if !ok {
				continue
			}
			n := map[string]int{}
			ws := telling(text)
			for _, x := range ws {
				n[x]++
			}
			for x := range n {
				w.with[x]++
			}
			w.count[f.ReleaseID], w.long[f.ReleaseID] = n, len(ws)
			sum += len(ws)
			w.all++
		}
	}
	if w.all == 0 {
		return w
	}
	w.mean = max(float64(sum)/float64(w.all), 1)
	mine := telling(changeText(in.Change))
	n := map[string]int{}
	for _, x := range mine {
		n[x]++
	}
	w.query = sortedSet(mine)
	// The rarest words first: the others hardly count.
	slices.SortStableFunc(w.query, func(a, b string) int { return cmp.Compare(w.with[a], w.with[b]) })
	w.query = w.query[:min(len(w.query), mostWords)]
	for _, x := range w.query {
		if w.with[x] > 0 {
			w.whole += debrief.BM25(float64(n[x]), float64(len(mine)), w.mean, w.with[x], w.all)
		}
	}
	return w
}

// shared is the share of the change's own score that a release's words reach,
// and which they are.
func (w wording) shared(f debrief.ReleaseFacts) (float64, []string) {
	n := w.count[f.ReleaseID]
	if n == nil || w.whole == 0 {
		return 0, nil
	}
	var sum float64
	var both []string
	for _, x := range w.query {
		if n[x] > 0 {
			sum += debrief.BM25(float64(n[x]), float64(w.long[f.ReleaseID]), w.mean, w.with[x], w.all)
			if 2*w.with[x] < w.all {
				both = append(both, x)
			}
		}
	}
	return min(sum/w.whole, 1), both
}

// telling are the words of a text that may tell what it is about.
func telling(text string) []string {
	var out []string
	for _, w := range debrief.Words(text) {
		if len(w) > 2 && !plain[w] {
			out = append(out, w)
		}
	}
	return out[:min(len(out), mostText)]
}

// plain words stand in every title.
var plain = map[string]bool{
	"the": true, "and": true, "for": true, "with": true, "from": true, "into": true, "when": true, "that": true, "this": true, "not": true,
	"add": true, "fix": true, "update": true, "use": true, "remove": true, "make": true, "merge": true, "pull": true, "request": true, "change": true,
}

// WorthReading are the releases whose titles and paths are worth reading: those
// nearest by what is known without them.
func WorthReading(c debrief.Upcoming, past []debrief.ReleaseFacts, now time.Time, most int) []string {
	near := similar(BriefInput{Change: c, Now: now, Past: past})
	var out []string
	for _, x := range near.list[:min(len(near.list), most)] {
		out = append(out, x.facts.ReleaseID)
	}
	return out
}

// UpcomingText is what lessons are found by: what a change says of itself, and
// what it is.
func UpcomingText(c debrief.Upcoming) string {
	return strings.Join(telling(changeText(c)), " ") + " " + strings.Join(c.Kinds, " ") + " " + strings.Join(c.Modules, " ")
}

// changeText is what a change says of itself.
func changeText(c debrief.Upcoming) string {
	return strings.Join(c.Titles, "\n") + "\n" + strings.Join(c.Paths, "\n")
}
