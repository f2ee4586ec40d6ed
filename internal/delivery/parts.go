package delivery

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// The parts of a change's way from its commit to everybody, in order.
const (
	Coding       = "coding"         // committed → review opened (without a review: → pushed or merged)
	ReviewWait   = "review wait"    // review opened → first review that decided something
	Review       = "review"         // first review → merged; where no review was told of, opened → merged
	MergeToBuild = "merge to build" // merged → the pipeline that deployed it began
	Queue        = "queue"          // in the pipeline: before its first step, between steps, steps that queue
	Build        = "build"
	Test         = "test"
	ApprovalWait = "approval wait" // a person had to say yes
	RollOut      = "roll-out"      // everything else, until it served everybody
)

// Parts lists them in order.
func Parts() []string {
	return []string{Coding, ReviewWait, Review, MergeToBuild, Queue, Build, Test, ApprovalWait, RollOut}
}

// stageWords sorts a pipeline's steps by what they are called. The first that
// matches decides; what matches none rolls out.
var stageWords = []struct {
	part  string
	words []string
}{
	{ApprovalWait, []string{"approv", "manual judg", "sign-off", "signoff", "hold"}},
	{Queue, []string{"queue", "pending", "wait for runner"}},
	{RollOut, []string{"deploy", "roll", "migrat", "verify", "smoke", "canary", "release", "promote", "switch"}},
	{Test, []string{"test", "lint", "spec", "e2e", "check", "scan", "qa", "audit", "vet"}},
	{Build, []string{"build", "compile", "package", "image", "docker", "assemble", "bundle", "install", "checkout", "push", "publish"}},
}

// StagePart says which part of the way a step is.
func StagePart(st debrief.Stage) string {
	if st.Waiting {
		return ApprovalWait
	}
	name := strings.ToLower(st.Name)
	for _, s := range stageWords {
		if slices.ContainsFunc(s.words, func(w string) bool { return strings.Contains(name, w) }) {
			return s.part
		}
	}
	return RollOut
}

// stretch is a span of time that belongs to one part.
type stretch struct {
	from, to time.Time
	part     string
}

// pipeline cuts the time from a deployment's first sign of life to live into
// stretches without gaps.
func pipeline(d debrief.Deployment, live time.Time) []stretch {
	t := d.Times
	begin := live
	var cuts []time.Time
	cut := func(at time.Time) {
		if !at.IsZero() {
			cuts = append(cuts, at)
			if at.Before(begin) {
				begin = at
			}
		}
	}
	cut(t.Queued)
	cut(t.WaitingSince)
	cut(t.Approved)
	cut(t.Started)
	var first, last time.Time
	for _, st := range d.Stages {
		cut(st.Started)
		if st.Started.IsZero() || !st.Finished.After(st.Started) {
			continue
		}
		cut(st.Finished)
		if first.IsZero() || st.Started.Before(first) {
			first = st.Started
		}
		if st.Finished.After(last) {
			last = st.Finished
		}
	}
	cuts = append(cuts, live)
	slices.SortFunc(cuts, time.Time.Compare)
	var out []stretch
	from := begin
	for _, to := range cuts {
		if !to.After(from) || to.After(live) {
			continue
		}
		out = append(out, stretch{from, to, during(d, from, to, first, last)})
		from = to
	}
	return out
}

// during is the part that a stretch without a cut inside belongs to.
func during(d debrief.Deployment, from, to, first, last time.Time) string {
	t := d.Times
	inside := func(a, b time.Time) bool { return !a.IsZero() && !from.Before(a) && !to.After(b) }
	approved := cmpTime(t.Approved, t.Started)
	if inside(t.WaitingSince, approved) {
		return ApprovalWait
	}
	part, began := "", time.Time{}
	for _, st := range d.Stages {
		if inside(st.Started, st.Finished) && (part == "" || st.Started.After(began)) {
			part, began = StagePart(st), st.Started // of steps that run side by side, the one that began last
		}
	}
	switch {
	case part != "":
		return part
	case !t.Started.IsZero() && !to.After(t.Started), !first.IsZero() && !to.After(first), !last.IsZero() && to.Before(last):
		return Queue
	}
	return RollOut
}

func cmpTime(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

// way takes a change's time from commit to live apart. The parts add up to it,
// to the microsecond: each ends where the next begins, and a moment told that
// lies outside its neighbours is moved to the nearest of them.
func way(c debrief.Change, committed, live time.Time, pipe []stretch) map[string]debrief.Seconds {
	begin := live
	if len(pipe) > 0 {
		begin = pipe[0].from
	}
	if begin.Before(committed) {
		begin = committed
	}
	parts := map[string]int64{}
	at := committed
	until := func(part string, to time.Time) {
		if to.IsZero() || !to.After(at) {
			return
		}
		if to.After(begin) {
			to = begin
		}
		parts[part] += to.Sub(at).Microseconds()
		at = to
	}
	merged := cmpTime(c.Merged, c.Pushed)
	reviewed := cmpTime(c.Reviewed, c.Approved)
	if !c.Opened.IsZero() {
		until(Coding, c.Opened)
		if !reviewed.IsZero() {
			until(ReviewWait, reviewed)
		}
		until(Review, merged)
	} else {
		until(Coding, merged)
	}
	until(MergeToBuild, begin)
	for _, s := range pipe {
		if s.from.Before(at) {
			s.from = at
		}
		if s.to.After(s.from) {
			parts[s.part] += s.to.Sub(s.from).Microseconds()
		}
	}
	out := make(map[string]debrief.Seconds, len(parts))
	for p, us := range parts {
		if us > 0 {
			out[p] = debrief.SecondsOf(us)
		}
	}
	return out
}

// stageFacts sums up a release's steps by name, in the order they began, beside
// what the same step took in staging. A step tried again counts with all tries.
func stageFacts(s debrief.Story) []debrief.StageFacts {
	d, ok := leading(s)
	if !ok {
		return nil
	}
	staging := map[string]time.Duration{}
	if len(s.Staging) > 0 {
		for _, st := range s.Staging[0].Stages {
			if took := st.Took(); took > 0 {
				staging[st.Name] = took
			}
		}
	}
	var out []debrief.StageFacts
	for _, st := range d.Stages {
		i := slices.IndexFunc(out, func(f debrief.StageFacts) bool { return f.Name == st.Name })
		if i < 0 {
			i = len(out)
			out = append(out, debrief.StageFacts{Name: st.Name, Part: StagePart(st), Staging: debrief.Took(staging[st.Name])})
		}
		f := &out[i]
		f.Took = debrief.SecondsOf(f.Took.Micros() + st.Took().Microseconds())
		f.Attempts = max(f.Attempts+1, st.Attempt)
		if len(st.Facts) > 0 {
			f.Facts = st.Facts
		}
	}
	return out
}

// leading is the deployment a release is named after.
func leading(s debrief.Story) (debrief.Deployment, bool) {
	i := slices.IndexFunc(s.Deployments, func(d debrief.Deployment) bool { return d.ID == s.Release.ID })
	if i < 0 && len(s.Deployments) > 0 {
		i = 0
	}
	if i < 0 {
		return debrief.Deployment{}, false
	}
	return s.Deployments[i], true
}

// byTime orders leads by when they were committed.
func byTime(a, b debrief.LeadFacts) int {
	return cmp.Or(a.Committed.Compare(b.Committed), cmp.Compare(a.Change, b.Change))
}
