package past

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Sink is told what a walk finds.
type Sink struct {
	// Change is called for every commit that is no merge. releases are, by
	// service, the release that brought it first; nil: it waits to be released,
	// or the service is not concerned.
	Change func(c *Commit, l Landing, releases []*Release) error
	// Done is called for a release once no more changes of it can come.
	Done func(service int, r *Release) error
}

// Walk hands what is known of commits from children to parents.
type Walk struct {
	services []*line
	main     string
	sink     Sink
	ends     map[string]*end
	reverts  reverts
	left     [][]int32 // labels that lost an open end: their releases may be complete
}

// line is one service's releases. Where there are no tags, every merge to the
// main branch is taken for one, and they are found on the way.
type line struct {
	name   string
	merges bool
	all    map[int32]*Release
	tagged map[string]int32
	open   map[int32]int // how many open ends may still lead to a change of it
	seen   map[int32]bool
	next   int32 // for the next merge; it falls, since the log comes newest first
}

// none is the label of what no release holds.
const none = int32(1 << 30)

// end is an open end of history: a commit whose children were all met.
type end struct {
	labels []int32 // by service: the first release that holds it
	main   bool    // on the main branch's own line
	by     *merge  // the earliest merge that brought it to the main branch
}

type merge struct {
	at     time.Time
	pull   int
	branch string
}

// NewWalk prepares a walk over the history of services. main is the commit at
// the tip of the main branch. before are, by service, the release before the
// first; nil: none is known. merges: take merges for releases.
func NewWalk(services []Service, before []*Release, main string, merges bool, sink Sink) *Walk {
	w := &Walk{main: main, sink: sink, ends: map[string]*end{}, reverts: newReverts()}
	for i, s := range services {
		l := &line{name: s.Name, merges: merges, all: map[int32]*Release{}, tagged: map[string]int32{}, open: map[int32]int{}, seen: map[int32]bool{}, next: none - 1}
		var prev *Release
		if i < len(before) {
			prev = before[i]
		}
		if !merges {
			for n, t := range s.Tags {
				r := &Release{Service: s.Name, Version: t.Name, Commit: t.Commit, At: t.At, Assumed: "tag", Previous: prev}
				l.all[int32(n)], l.tagged[t.Commit], prev = r, int32(n), r
			}
		}
		w.services = append(w.services, l)
	}
	return w
}

// Add takes the next commit of the log.
func (w *Walk) Add(c *Commit) error {
	e := w.ends[c.ID]
	delete(w.ends, c.ID)
	if e == nil {
		e = &end{labels: w.unlabelled()}
	} else {
		w.hold(e.labels, -1)
	}
	if c.ID == w.main {
		e = &end{labels: e.labels, main: true}
	}
	l := w.landing(c, e)
	w.left = append(w.left[:0], e.labels)
	e = w.begin(c, e, l)
	w.left = append(w.left, e.labels)
	w.pass(c, e, l)
	if !c.Merge() {
		w.reverts.see(c, &l)
		releases := make([]*Release, len(w.services))
		for i, s := range w.services {
			if i < len(c.Touches) && !c.Touches[i] {
				continue
			}
			releases[i] = s.all[e.labels[i]]
		}
		if err := w.sink.Change(c, l, releases); err != nil {
			return err
		}
	}
	for _, labels := range w.left {
		if err := w.settle(labels); err != nil {
			return err
		}
	}
	return nil
}

func (w *Walk) unlabelled() []int32 {
	labels := make([]int32, len(w.services))
	for i := range labels {
		labels[i] = none
	}
	return labels
}

// begin gives the commit its own labels, where a release begins at it.
func (w *Walk) begin(c *Commit, e *end, l Landing) *end {
	labels := e.labels
	set := func(i int, label int32) {
		if &labels[0] == &e.labels[0] {
			labels = slices.Clone(labels) // shared with other ends
		}
		labels[i] = label
	}
	for i, s := range w.services {
		switch n, tagged := s.tagged[c.ID]; {
		case s.merges && e.main && landed(c, l):
			n = s.next
			s.next--
			version := strconv.Itoa(l.Pull)
			if l.Pull == 0 {
				version = c.ID[:min(len(c.ID), 10)]
			} else {
				version = "#" + version
			}
			s.all[n] = &Release{Service: s.name, Version: version, Commit: c.ID, At: c.Committed.UTC(), Assumed: "merge", Subject: c.Subject}
			if newer := s.all[n+1]; newer != nil {
				newer.Previous = s.all[n]
			}
			s.seen[n] = true
			set(i, n)
		case tagged:
			s.seen[n] = true
			s.all[n].Subject = c.Subject
			if n < labels[i] {
				set(i, n)
			}
		}
	}
	return &end{labels: labels, main: e.main, by: e.by}
}

// landed reports a commit on the main line that brought something: a merge
// (but not of the main branch into itself), or a squashed pull request.
func landed(c *Commit, l Landing) bool {
	if !c.Merge() {
		return l.Squashed
	}
	m := mergeBranch.FindStringSubmatch(c.Subject)
	if m == nil {
		return true
	}
	from := strings.TrimPrefix(m[1], "origin/")
	return from != "main" && from != "master" && from != "trunk"
}

// pass hands what is known on to the parents.
func (w *Walk) pass(c *Commit, e *end, l Landing) {
	for i, p := range c.Parents {
		by, main := e.by, false
		switch {
		case e.main && i == 0:
			main, by = true, nil
		case e.main:
			by = &merge{at: c.Committed, pull: l.Pull, branch: l.Branch}
		}
		known := w.ends[p]
		if known == nil {
			w.hold(e.labels, 1)
			w.ends[p] = &end{labels: e.labels, main: main, by: by}
			continue
		}
		w.hold(known.labels, -1)
		w.left = append(w.left, known.labels)
		known.labels = least(known.labels, e.labels)
		if known.main = known.main || main; known.main {
			known.by = nil
		} else if by != nil && (known.by == nil || by.at.Before(known.by.at)) {
			known.by = by
		}
		w.hold(known.labels, 1)
	}
}

func (w *Walk) hold(labels []int32, n int) {
	for i, s := range w.services {
		if labels[i] != none {
			s.open[labels[i]] += n
		}
	}
}

func least(a, b []int32) []int32 {
	if len(a) == 0 || &a[0] == &b[0] || slices.Equal(a, b) {
		return a
	}
	out := slices.Clone(a)
	for i := range out {
		out[i] = min(out[i], b[i])
	}
	return out
}

// settle tells of the releases of these labels that are complete.
func (w *Walk) settle(labels []int32) error {
	for i, s := range w.services {
		n := labels[i]
		if n == none || s.open[n] > 0 || !s.seen[n] {
			continue
		}
		if s.merges && s.all[n].Previous == nil {
			continue // told at the end: the one before it was not met
		}
		if err := w.done(i, s, n); err != nil {
			return err
		}
	}
	return nil
}

func (w *Walk) done(i int, s *line, n int32) error {
	r := s.all[n]
	delete(s.all, n)
	delete(s.seen, n)
	delete(s.open, n)
	return w.sink.Done(i, r)
}

// Finish tells of the releases that are left: the oldest of each service, and
// those whose commits were not in the log.
func (w *Walk) Finish() error {
	for i, s := range w.services {
		left := make([]int32, 0, len(s.all))
		for n := range s.all {
			left = append(left, n)
		}
		slices.SortFunc(left, func(a, b int32) int { return cmp.Compare(b, a) })
		for _, n := range left {
			if err := w.done(i, s, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// Open is how many open ends are held: what memory a walk needs.
func (w *Walk) Open() int { return len(w.ends) }

var hotfix = regexp.MustCompile(`(?i)(?:^|[^a-z])hot[-_ ]?fix`)

func (w *Walk) landing(c *Commit, e *end) Landing {
	l := Landing{Bot: debrief.DependencyBot(c.Email) || debrief.DependencyBot(c.Name)}
	if m := pullTitle.FindStringSubmatch(c.Subject); m != nil {
		l.Pull, _ = strconv.Atoi(m[1])
		l.Squashed = !c.Merge()
	}
	if c.Merge() {
		if m := mergePull.FindStringSubmatch(c.Subject); m != nil {
			l.Pull, _ = strconv.Atoi(m[1])
			l.Branch = m[2]
		} else if m := mergeBranch.FindStringSubmatch(c.Subject); m != nil {
			l.Branch = m[1]
		}
	}
	if m := seeMerge.FindStringSubmatch(c.Body); m != nil {
		l.Pull, _ = strconv.Atoi(m[1])
	}
	switch {
	case e.by != nil:
		l.Merged, l.Branch = e.by.at, cmp.Or(l.Branch, e.by.branch)
		l.Pull = cmp.Or(e.by.pull, l.Pull)
		l.Squashed = false
	case e.main && l.Squashed:
		l.Merged = c.Committed
	}
	l.Hotfix = hotfix.MatchString(c.Subject) || hotfix.MatchString(l.Branch)
	return l
}
