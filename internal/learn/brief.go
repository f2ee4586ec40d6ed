package learn

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// BriefInput is everything a brief is made from. All of it was known at Now:
// a brief sees nothing of what comes later.
type BriefInput struct {
	Change debrief.Upcoming
	Now    time.Time
	Past   []debrief.ReleaseFacts // of the same service, newest first
	Others []debrief.ReleaseFacts // of other services, newest first: those of the change's kinds and the latest of any
	// Texts are what releases brought, by their id: titles and paths. Where one
	// is missing, what it is called and touches counts alone.
	Texts map[string]string
	// Subjects are what surprises were about: release, kind, subjects.
	Subjects map[string]map[string][]string
	Lessons  []debrief.Lesson // the best found for the change's words, first the best
	Actions  []debrief.Action // of the service, not done
	Staging  []StagedStage    // what the steps took in staging, of this commit or else the latest
	Shifts   []Shift          // what metrics did after the service's last releases
}

// Bounds of what is looked at, so that a brief costs the same however long the
// history is. What is older says little of today.
const (
	BriefPast   = 400
	BriefOthers = 800
	mostSimilar = 5
	mostLessons = 3
	mostTaught  = 3
)

// MakeBrief says what past releases like the one about to ship taught.
func MakeBrief(in BriefInput) debrief.Brief {
	in = in.sound()
	c := in.Change
	b := debrief.Brief{
		ID: BriefID(c), Service: c.Service, Environment: c.Environment, Base: c.Base, Head: c.Head,
		Repository: c.Repository, Forge: c.Forge, Pull: c.Pull, At: debrief.Instant(in.Now),
		Kinds: notNone(c.Kinds), Modules: notNone(c.Modules), Past: len(in.Past), Sample: len(in.Past) > 0 && in.Past[0].Sample,
	}
	b.Summary = summary(in)
	b.Commonest, b.Usual = commonest(in.Past)
	near := similar(in)
	b.Similar = near.top(mostSimilar)
	b.Lessons = foretell(in, near)
	b.Taught = taught(in, near, b.Lessons)
	b.Expect = expect(in)
	b.Open = openActions(in, b)
	b.Suggestions = suggest(in, b)
	b.Silent, b.Why = silence(in, b)
	return b
}

// BriefID is the same for the same change, so that asking twice makes one brief.
func BriefID(c debrief.Upcoming) string {
	if c.Head != "" {
		return debrief.ID("brief", c.Service, c.Head)
	}
	return debrief.ID("brief", c.Service, c.Base, strings.Join(c.Titles, "\n"), strings.Join(c.Paths, "\n"))
}

// sound leaves out what must not teach: what is no release, what had not
// happened yet, made-up history among real.
func (in BriefInput) sound() BriefInput {
	real := slices.ContainsFunc(in.Past, func(f debrief.ReleaseFacts) bool { return !f.Sample })
	teaches := func(f debrief.ReleaseFacts) bool {
		return f.Kind == debrief.ReleaseNew && f.At.Before(in.Now) && (!real || !f.Sample)
	}
	in.Past = keep(in.Past, in.Now, BriefPast, func(f debrief.ReleaseFacts) bool {
		return teaches(f) && (in.Change.Environment == "" || strings.EqualFold(f.Environment, in.Change.Environment)) &&
			(in.Change.Head == "" || f.Commit != in.Change.Head)
	})
	in.Others = keep(in.Others, in.Now, BriefOthers, func(f debrief.ReleaseFacts) bool { return teaches(f) && f.Service != in.Change.Service })
	in.Change.Kinds = sortedSet(in.Change.Kinds)
	in.Change.Modules = sortedSet(in.Change.Modules)
	return in
}

func keep(fs []debrief.ReleaseFacts, now time.Time, most int, ok func(debrief.ReleaseFacts) bool) []debrief.ReleaseFacts {
	out := make([]debrief.ReleaseFacts, 0, min(len(fs), most))
	for _, f := range fs {
		if ok(f) {
			out = append(out, f)
		}
	}
	for i := range out {
		out[i].Failure = out[i].FailureAt(now)
	}
	slices.SortStableFunc(out, func(a, b debrief.ReleaseFacts) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ReleaseID, a.ReleaseID))
	})
	return out[:min(len(out), most)]
}

// silence is whether there is nothing to say, and why. Numbers that are as
// always do not break it.
func silence(in BriefInput, b debrief.Brief) (bool, string) {
	news := slices.ContainsFunc(b.Expect, func(x debrief.Expectation) bool { return !x.Usual }) ||
		slices.ContainsFunc(b.Lessons, func(l debrief.BriefLesson) bool { return !l.Usual })
	switch {
	case len(b.Taught)+len(b.Suggestions)+len(b.Open) > 0 || news:
		return false, ""
	case len(in.Past) == 0:
		return true, "no release of this service is known yet"
	case len(in.Past) < fewPast:
		return true, "only " + count(len(in.Past), "release", "releases") + " of this service are known: too few to say"
	}
	return true, "nothing followed releases like this one more often than others"
}

// fewPast releases are too few for any lesson to be told from chance.
const fewPast = 5

func sortedSet(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

func notNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
