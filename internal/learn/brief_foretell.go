package learn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/debriefhq/debrief"
)

// What a lesson needs to be told. It has to be rarer by chance than
// lessonChance over everything that was tried for the brief, to be likely
// enough to be worth a thought, and not to have stopped.
const (
	lessonChance = 0.10 // of a brief that names anything where nothing is to be learnt
	lessonRate   = 0.15 // of releases like it, drawn towards the rate of the others by two
	lessonPrior  = 2.0
	usualRate    = 0.20 // of the latest releases, so that it is foretold of any
	usualShare   = 0.60 // and of how often the commonest is seen
	lately       = 30   // so many releases say what is usual: services change
	contradictP  = 0.15 // so improbable that none of its nearest showed it
	stoppedP     = 0.05 // so improbable a run of releases without it means that it has stopped
)

// tried is one class held against all others for one topic.
type tried struct {
	*class
	topic          string
	seen, of       int
	elseSeen, rest int
	p              float64
	least          float64 // the smallest p that the counts allow
	others, usual  bool
}

// evidence are the releases it was seen in, the newest first.
func (t tried) evidence() (out []debrief.ReleaseFacts) {
	for _, f := range t.members {
		if known(f, t.topic) && shows(f, t.topic) {
			out = append(out, f)
		}
	}
	return out
}

// rate is the share among releases like it, drawn towards that of the others:
// "2 of 2" is not certainty.
func (t tried) rate() float64 {
	base := 0.0
	if t.rest > 0 {
		base = float64(t.elseSeen) / float64(t.rest)
	}
	return (float64(t.seen) + lessonPrior*base) / (float64(t.of) + lessonPrior)
}

// foretell finds what happened after releases like the change more often than
// after others; and, marked as usual, what happens after most releases anyway
// and this one gives no reason to doubt.
func foretell(in BriefInput, near nearness) []debrief.BriefLesson {
	own := classes(in.Change, in.Past)
	if k := near.class(in.Past); k != nil {
		own = append(own, k)
	}
	all := tryAll(own, in.Past)
	told := pick(all)
	told = append(told, elsewhere(in, own, told)...)
	slices.SortStableFunc(told, func(a, b tried) int {
		return cmp.Or(cmp.Compare(b.rate(), a.rate()), cmp.Compare(a.topic, b.topic))
	})
	told = told[:min(len(told), mostLessons)]
	told = append(told, usual(in.Past, told, rarer(all))...)
	var out []debrief.BriefLesson
	for _, t := range told {
		out = append(out, lessonOf(in, t))
	}
	return out
}

// usual is what most releases of the service show, whatever they bring: it is
// foretold, and is no news.
func usual(past []debrief.ReleaseFacts, told []tried, rare map[string]bool) []tried {
	past = past[:min(len(past), lately)]
	every := &class{like: "every release", in: make([]bool, len(past))}
	for i, f := range past {
		every.put(i, f)
	}
	all := tryAll([]*class{every}, past)
	least := usualRate
	for _, t := range all {
		least = max(least, usualShare*t.rate())
	}
	var out []tried
	for _, t := range all {
		said := slices.ContainsFunc(told, func(o tried) bool { return o.topic == t.topic })
		if t.of >= 2*fewPast && t.rate() >= least && !said && !rare[t.topic] && !stopped(t) {
			t.p, t.usual = 1, true
			out = append(out, t)
		}
	}
	return out
}

// rarer are the topics that releases like the change showed less often than
// others, beyond chance: for these what is usual is not foretold.
func rarer(all []tried) map[string]bool {
	flipped := make([]tried, len(all))
	for i, t := range all {
		with, n := t.seen+t.elseSeen, t.of+t.rest
		t.p = atLeast(t.of-t.seen, t.of, n-with, n)
		t.least = atLeast(min(t.of, n-with), t.of, n-with, n)
		flipped[i] = t
	}
	bound, _ := tarone(flipped)
	out := map[string]bool{}
	for _, t := range flipped {
		if t.p <= bound && t.rate() < 0.5 {
			out[t.topic] = true
		}
	}
	return out
}

// tryAll holds every class against the rest, for every topic that was seen.
func tryAll(cs []*class, past []debrief.ReleaseFacts) []tried {
	seen := rarity(past, topicsOf)
	topics := make([]string, 0, len(seen))
	for t, n := range seen {
		if n > 1 {
			topics = append(topics, t)
		}
	}
	slices.Sort(topics)
	yes, says := make([]bool, len(past)), make([]bool, len(past))
	var out []tried
	for _, topic := range topics {
		for i, f := range past {
			yes[i], says[i] = shows(f, topic), known(f, topic)
		}
		for _, c := range cs {
			t := tried{class: c, topic: topic}
			for i := range past {
				switch {
				case !says[i]:
				case c.in[i]:
					t.of++
					if yes[i] {
						t.seen++
					}
				default:
					t.rest++
					if yes[i] {
						t.elseSeen++
					}
				}
			}
			with, all := t.seen+t.elseSeen, t.of+t.rest
			t.p = atLeast(t.seen, t.of, with, all)
			t.least = atLeast(min(t.of, with), t.of, with, all)
			out = append(out, t)
		}
	}
	return out
}

func shows(f debrief.ReleaseFacts, topic string) bool {
	return topic == debrief.TopicFailed && f.Failure == debrief.DidFail || slices.Contains(f.Surprises, topic)
}

// pick keeps what chance does not explain: Bonferroni's correction over those
// of the tries that could have shown anything at all (Tarone, Biometrics 46,
// 1990). Of each topic the class that shows it most clearly stays.
func pick(all []tried) []tried {
	bound, tests := tarone(all)
	best := map[string]tried{}
	for _, t := range all {
		if t.p > bound || t.seen < 2 || t.rate() < lessonRate || stopped(t) || contradicted(t, all) {
			continue
		}
		t.p = min(t.p*float64(tests), 1)
		old, ok := best[t.topic]
		if !ok || clearer(t, old) {
			best[t.topic] = t
		}
	}
	out := make([]tried, 0, len(best))
	for _, t := range best {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b tried) int { return cmp.Compare(a.topic, b.topic) })
	return out
}

// contradicted: those of its releases that are like the change in something
// else too never showed it, though so many of them would have been improbable
// not to. Then what led to it is elsewhere.
func contradicted(t tried, all []tried) bool {
	return slices.ContainsFunc(all, func(o tried) bool {
		return o.topic == t.topic && o.seen == 0 && o.of > 2 && slices.Contains(o.parts, t.class) && math.Pow(1-t.rate(), float64(o.of)) < contradictP
	})
}

// clearer: what is surely true of more of its releases; the simpler class
// where two say the same.
func clearer(a, b tried) bool {
	la, _ := wilson95(a.seen, a.of)
	lb, _ := wilson95(b.seen, b.of)
	if d := la - lb; math.Abs(d) > 0.02 {
		return d > 0
	}
	return cmp.Or(cmp.Compare(len(a.parts), len(b.parts)), cmp.Compare(a.like, b.like)) < 0
}

// tarone is the bound of one p, and how many tries it is shared by.
func tarone(all []tried) (bound float64, tests int) {
	least := make([]float64, len(all))
	for i, t := range all {
		least[i] = t.least
	}
	slices.Sort(least)
	for k := 1; ; k++ {
		able, _ := slices.BinarySearch(least, lessonChance/float64(k))
		if able <= k {
			return lessonChance / float64(k), k
		}
	}
}

// stopped: since it was last seen, so many releases like it went well that the
// rate before can hardly still hold. Somebody may have mended what led to it.
func stopped(t tried) bool {
	since := 0
	for _, f := range t.members {
		if shows(f, t.topic) {
			break
		}
		if known(f, t.topic) {
			since++
		}
	}
	before := t.of - since
	if since == 0 || before == 0 {
		return false
	}
	return math.Pow(1-float64(t.seen)/float64(before+1), float64(since)) < stoppedP
}

// elsewhere is what other services saw with a kind that this one has had too
// seldom to know. Services differ in what happens to them and in what they
// ship, so each is held against itself (Mantel and Haenszel 1959).
func elsewhere(in BriefInput, own []*class, told []tried) []tried {
	var all []tried
	for _, c := range classes(debrief.Upcoming{Kinds: in.Change.Kinds}, in.Others) {
		if i := slices.IndexFunc(own, func(o *class) bool { return o.like == c.like }); len(c.parts) > 0 || i >= 0 && own[i].n >= fewPast {
			continue
		}
		for _, t := range tryAll([]*class{c}, in.Others) {
			if slices.ContainsFunc(told, func(o tried) bool { return o.topic == t.topic }) {
				continue
			}
			t.p = stratified(c, in.Others, t.topic)
			t.others = true
			all = append(all, t)
		}
	}
	var out []tried
	for _, t := range pickEach(all) {
		if t.seen >= fewPast {
			out = append(out, t)
		}
	}
	return out
}

// pickEach is pick with the plain correction: these tests are not discrete.
func pickEach(all []tried) []tried {
	for i := range all {
		all[i].least = 0
	}
	return pick(all)
}

// stratified is the one-sided test of Mantel and Haenszel over services, with
// a continuity correction.
func stratified(c *class, past []debrief.ReleaseFacts, topic string) float64 {
	type cell struct{ seen, of, with, all float64 }
	by := map[string]*cell{}
	var order []string
	for i, f := range past {
		if !known(f, topic) {
			continue
		}
		k := by[f.Service]
		if k == nil {
			k = &cell{}
			by[f.Service] = k
			order = append(order, f.Service)
		}
		yes := slices.Contains(topicsOf(f), topic)
		k.all++
		if yes {
			k.with++
		}
		if c.in[i] {
			k.of++
			if yes {
				k.seen++
			}
		}
	}
	var diff, spread float64
	for _, name := range order { // in one order: sums of floats depend on it
		k := by[name]
		if k.all < 2 {
			continue
		}
		diff += k.seen - k.of*k.with/k.all
		spread += k.of * (k.all - k.of) * k.with * (k.all - k.with) / (k.all * k.all * (k.all - 1))
	}
	if spread == 0 {
		return 1
	}
	return 0.5 * math.Erfc((diff-0.5)/math.Sqrt(2*spread))
}

func lessonOf(in BriefInput, t tried) debrief.BriefLesson {
	l := debrief.BriefLesson{
		Topic: t.topic, Like: t.like, Seen: t.seen, Of: t.of, Else: t.elseSeen, ElseOf: t.rest, P: t.p, Services: t.others,
		Usual: t.usual,
	}
	evidence := t.evidence()
	if len(evidence) > 0 {
		l.Latest, l.LatestID = evidence[0].Version, evidence[0].ReleaseID
	}
	l.Low, l.High = wilson95(t.seen, t.of)
	for _, f := range evidence[:min(len(evidence), 20)] {
		l.Evidence = append(l.Evidence, f.ReleaseID)
	}
	l.Subject = subjectOf(in, t.topic, evidence)
	if t.usual {
		l.Sentence = topicSentence(t.topic) + fmt.Sprintf(" in %d of the last %s, whatever they brought.", t.seen, count(t.of, "release", "releases"))
		return l
	}
	l.Sentence = topicSentence(t.topic) + fmt.Sprintf(" in %d of %s that %s", t.seen, count(t.of, "release", "releases"), t.does)
	if t.others {
		l.Sentence += " in other services"
	}
	l.Sentence += fmt.Sprintf(" (%d of %d without)", t.elseSeen, t.rest)
	if l.Subject != "" {
		l.Sentence += ", mostly " + l.Subject
	}
	l.Sentence += "."
	return l
}

// subjectOf is what it mostly was: the subject that at least half of the
// releases share.
func subjectOf(in BriefInput, topic string, evidence []debrief.ReleaseFacts) string {
	n := map[string]int{}
	for _, f := range evidence {
		for _, s := range sortedSet(in.Subjects[f.ReleaseID][topic]) {
			n[s]++
		}
	}
	best := ""
	for s, k := range n {
		if 2*k >= len(evidence) && (best == "" || k > n[best] || k == n[best] && s < best) {
			best = s
		}
	}
	return best
}
