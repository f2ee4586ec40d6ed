package learn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// mostSuggestions of a brief: three can be remembered.
const mostSuggestions = 3

// briefRule is one suggestion and when it is made. Rules are data: what is
// asked of the past stands in their fields, in the order in which they are
// offered. {subject}, {stage} and {range} are filled in.
type briefRule struct {
	name   string
	do     string
	topics []string // a lesson of one of these topics was told…
	like   string   // …of releases alike in this way; empty: in any
	about  bool     // …and says what it mostly was about
	stage  float64  // or: a step is expected to take so many seconds more than…
	slower float64  // …and so many times what it took in staging
	unless string   // a roll-out strategy that most of them had already
}

func briefRules() []briefRule {
	return []briefRule{
		{name: "off-peak", do: "Run {stage} off-peak", stage: 60, slower: 2},
		{name: "watch", do: "Watch {subject} in the first hour", topics: []string{"metric-shift", "error-rate-shift", "traffic-shift"}, about: true},
		{name: "gradually", do: "Roll it out gradually", topics: []string{debrief.TopicFailed, "error-rate-shift", "new-error", "metric-shift"}, unless: "gradual"},
		{name: "in-parts", do: "Ship it in parts", topics: []string{debrief.TopicFailed}, like: "size"},
		{name: "full-size", do: "Try {subject} on data of production's size first", topics: []string{"slow-step"}, about: true},
		{name: "way-back", do: "Have the way back ready", topics: []string{debrief.TopicFailed, "crowded-rollback"}},
		{name: "steady-step", do: "Look at {subject} first", topics: []string{"retry"}, about: true},
		{name: "script-it", do: "Write {subject} down as a script first", topics: []string{"manual-step"}, about: true},
		{name: "ask-early", do: "Ask for the approval early", topics: []string{"waiting-longer-than-working"}},
		{name: "can-see", do: "See first that {subject} can be asked", topics: []string{"blind-check"}, about: true},
		{name: "make-time", do: "Plan more time for the deployment than usual", topics: []string{"slow-deployment"}},
	}
}

// suggest offers what the lessons and numbers of a brief support, each rule
// once, none without its reason.
func suggest(in BriefInput, b debrief.Brief) []debrief.Suggestion {
	var out []debrief.Suggestion
	for _, r := range briefRules() {
		if s, ok := r.say(in, b); ok && len(out) < mostSuggestions {
			out = append(out, s)
		}
	}
	return out
}

func (r briefRule) say(in BriefInput, b debrief.Brief) (debrief.Suggestion, bool) {
	if r.stage > 0 {
		return r.ofStage(in, b)
	}
	for _, l := range b.Lessons {
		if l.Usual || !slices.Contains(r.topics, l.Topic) || r.about && l.Subject == "" || !strings.HasPrefix(l.Like, r.like) {
			continue
		}
		why := fmt.Sprintf("%s in %d of %d such releases, in %d of %d others", strings.ToLower(topicSentence(l.Topic)[:1])+topicSentence(l.Topic)[1:], l.Seen, l.Of, l.Else, l.ElseOf)
		if r.unless != "" {
			with, failed, known := r.strategies(in)
			if known && 2*with > len(l.Evidence) {
				continue // most of them went out that way
			}
			why += failed
		}
		if r.name == "way-back" {
			why += restoring(in, l)
		}
		return debrief.Suggestion{Rule: r.name, Do: strings.ReplaceAll(r.do, "{subject}", l.Subject), Why: why}, true
	}
	return debrief.Suggestion{}, false
}

// ofStage is a rule about a step that will take long.
func (r briefRule) ofStage(in BriefInput, b debrief.Brief) (debrief.Suggestion, bool) {
	for _, x := range b.Expect {
		name, ok := strings.CutPrefix(x.What, "stage ")
		if !ok {
			continue
		}
		for _, s := range in.Staging {
			staged := float64(s.Took)
			if s.Name == name && x.Low >= r.slower*staged && x.High >= staged+r.stage {
				return debrief.Suggestion{
					Rule: r.name, Do: strings.ReplaceAll(r.do, "{stage}", name),
					Why: fmt.Sprintf("expect %s, against %s in staging (n = %d)", between(x.Low, x.High), lasts(staged), x.N),
				}, true
			}
		}
	}
	return debrief.Suggestion{}, false
}

// strategies counts how many of the failed releases went out by the strategy
// that is about to be suggested, and what the others' share was where it is known.
func (r briefRule) strategies(in BriefInput) (with int, say string, known bool) {
	var n, failed [2]int
	for _, f := range in.Past {
		if f.Strategy == "" || f.Failure != debrief.NotFailed && f.Failure != debrief.DidFail {
			continue
		}
		i := 0
		if f.Strategy == r.unless {
			i = 1
		}
		n[i]++
		if f.Failure == debrief.DidFail {
			failed[i]++
		}
	}
	if n[0] < fewPast || n[1] < fewPast {
		return failed[1], "", n[0]+n[1] > 0
	}
	return failed[1], fmt.Sprintf("; of those that went out %s, %d of %d failed, of the others %d of %d", r.unless, failed[1], n[1], failed[0], n[0]), true
}

// restoring is how long it took to restore service after such releases.
func restoring(in BriefInput, l debrief.BriefLesson) string {
	var took []float64
	for _, f := range in.Past {
		if slices.Contains(l.Evidence, f.ReleaseID) && !f.ImpactAt.IsZero() && f.RestoredAt.After(f.ImpactAt) {
			took = append(took, f.RestoredAt.Sub(f.ImpactAt).Seconds())
		}
	}
	if len(took) < 2 {
		return ""
	}
	slices.Sort(took)
	return fmt.Sprintf("; restoring took %s (median of %d)", lasts(halfway(took)), len(took))
}
