package told

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

// Clock is the time of a running story.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the story's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Set moves it.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// Run tells the story on a fresh store whose clock is c, and returns every
// expectation that did not hold.
func (s *Story) Run(ctx context.Context, st *store.Store, c *Clock) ([]string, error) {
	c.Set(s.Clock)
	s.World.now = c.Now
	// Every service the story deploys has the story's metrics.
	for _, l := range s.lines {
		if l.words[0] == "at" && l.words[1] == "deploy" && len(l.words) > 2 {
			s.Config.Services[l.words[2]] = config.Service{Metrics: s.World.order, DependsOn: s.depends[l.words[2]]}
		}
	}
	steps := loop.New(loop.Options{Store: st, Config: s.Config, Now: c.Now, Log: slog.New(slog.DiscardHandler), Sources: loop.Telemetry{"told": s.World}})
	lines := slices.Clone(s.lines)
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	var failures []string
	for _, l := range lines {
		if err := advance(ctx, st, steps, c, l.at); err != nil {
			return failures, fmt.Errorf("line %d: %w", l.number, err)
		}
		var err error
		if l.words[0] == "expect" {
			var problem string
			if problem, err = s.expect(ctx, st, l); problem != "" {
				failures = append(failures, fmt.Sprintf("line %d: %s: %s", l.number, strings.Join(l.words, " "), problem))
			}
		} else {
			err = s.happen(ctx, st, l)
		}
		if err != nil {
			return failures, fmt.Errorf("line %d: %w", l.number, err)
		}
	}
	return failures, nil
}

// advance runs every step that is due up to a moment, each at its own time.
func advance(ctx context.Context, st *store.Store, steps *loop.Loop, c *Clock, to time.Time) error {
	for {
		for {
			did, err := steps.Step(ctx)
			if err != nil {
				return err
			}
			if !did {
				break
			}
		}
		due, ok, err := st.NextDue(ctx, loop.Kinds())
		if err != nil {
			return err
		}
		if !ok || due.After(to) {
			c.Set(to)
			return nil
		}
		if due.After(c.Now()) {
			c.Set(due)
		}
	}
}

// happen does what an "at" line says.
func (s *Story) happen(ctx context.Context, st *store.Store, l line) error {
	w := l.words[1:]
	switch w[0] {
	case "deploy":
		env, err := deployment(l.at, w[1:])
		if err != nil {
			return err
		}
		_, err = st.Accept(ctx, env)
		return err
	case "tell":
		env, err := update(l.at, w[1:])
		if err != nil {
			return err
		}
		_, err = st.Accept(ctx, env)
		return err
	case "incident", "acknowledged", "restored", "closed", "merged", "flag", "configuration", "manual":
		env, err := s.told(l.at, w)
		if err != nil {
			return err
		}
		_, err = st.Accept(ctx, env)
		return err
	case "blame":
		return s.blame(ctx, st, l.at, w[1:])
	case "debrief":
		return s.debrief(ctx, st, l.at, w[1:])
	case "provider":
		s.World.mu.Lock()
		defer s.World.mu.Unlock()
		s.World.down = len(w) > 1 && w[1] == "down"
		return nil
	case "metric":
		return s.World.move(l.at, w[1:])
	}
	return debrief.Errorf(debrief.Invalid, "", "%q is nothing that can happen; known are deploy, tell, metric, provider, incident, acknowledged, restored, closed, merged, flag, configuration, manual, blame, debrief", w[0])
}

// move reads "NAME times 1.4 over 20m for 5m".
func (w *world) move(at time.Time, words []string) error {
	if len(words) < 3 || words[1] != "times" {
		return usage("at 14:21 metric NAME times 1.4 [over 20m] [for 5m] [in eu]")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	m, ok := w.metrics[words[0]]
	if !ok {
		return debrief.Errorf(debrief.Invalid, "", "no metric is named %q", words[0])
	}
	v := move{at: at}
	var err error
	if v.factor, err = strconv.ParseFloat(words[2], 64); err != nil {
		return err
	}
	for i := 3; i+1 < len(words); i += 2 {
		if words[i] == "in" {
			v.region = words[i+1]
			continue
		}
		d, err := time.ParseDuration(words[i+1])
		if err != nil {
			return err
		}
		if words[i] == "over" {
			v.over = d
		} else {
			v.lasts = d
		}
	}
	m.moves = append(m.moves, v)
	return nil
}

// expect checks one expectation; the answer is empty where it holds.
func (s *Story) expect(ctx context.Context, st *store.Store, l line) (string, error) {
	w := l.words[1:]
	no := w[0] == "no"
	if no {
		w = w[1:]
	}
	if problem, ok, err := s.expectDelivery(ctx, st, l, w, no); ok || err != nil {
		return problem, err
	}
	if len(w) < 4 {
		return "", usage("expect TIME release|look|surprise|headline SERVICE VERSION …")
	}
	story, found, err := find(ctx, st, w[1], w[2])
	if err != nil {
		return "", err
	}
	if !found {
		return "no such release", nil
	}
	switch w[0] {
	case "release":
		if want := strings.Join(w[3:], " "); string(story.Release.Kind) != want {
			return "it is a " + string(story.Release.Kind), nil
		}
	case "headline":
		if !strings.Contains(story.Release.Headline, w[3]) {
			return "it reads " + strconv.Quote(story.Release.Headline), nil
		}
	case "look":
		if no {
			return expectNoLook(story, w[3]), nil
		}
		return s.expectLook(story, w[3:])
	case "surprise":
		return expectSurprise(story, w[3:], !no, false), nil
	case "note":
		return expectSurprise(story, w[3:], !no, true), nil
	case "warning":
		return expectWarning(story, w[3:]), nil
	default:
		return "", debrief.Errorf(debrief.Invalid, "", "%q cannot be expected; known are release, look, surprise, note, warning, headline, held, asked, nobody, unattributed, failed, may-fail, too-early, early, recovery, remedy, failures, rework, metric, place", w[0])
	}
	return "", nil
}

func find(ctx context.Context, st *store.Store, service, version string) (debrief.Story, bool, error) {
	rs, _, err := st.Releases(ctx, store.Filter{Service: debrief.Slug(service), Limit: 500})
	if err != nil {
		return debrief.Story{}, false, err
	}
	for _, r := range rs {
		if r.Version == version {
			story, err := st.Story(ctx, r.ID)
			return story, err == nil, err
		}
	}
	return debrief.Story{}, false, nil
}

// expectNoLook checks that the nth look is neither planned nor taken.
func expectNoLook(story debrief.Story, n string) string {
	for _, k := range story.Looks {
		if strconv.Itoa(k.Number) == n {
			return "there is one: " + string(k.State)
		}
	}
	return ""
}

// expectLook checks "N WORD [METRIC [since TIME within 3m]]"; a word of two is
// written with a hyphen (cannot-tell, too-early).
func (s *Story) expectLook(story debrief.Story, w []string) (string, error) {
	if len(w) < 2 {
		return "", usage("expect TIME look SERVICE VERSION N WORD")
	}
	n, err := strconv.Atoi(w[0])
	if err != nil {
		return "", err
	}
	want := debrief.Word(strings.ReplaceAll(w[1], "-", " "))
	if want == "too early" {
		want = debrief.Pending
	}
	for _, k := range story.Looks {
		if k.Number != n {
			continue
		}
		if len(w) == 2 {
			if k.Word != want {
				return fmt.Sprintf("it says %q: %+v", k.Word, brief(k)), nil
			}
			return "", nil
		}
		for _, v := range k.Verdicts {
			if v.Metric != w[2] {
				continue
			}
			if v.Word != want {
				return fmt.Sprintf("%s is %q (%s), p %.4f", v.Metric, v.Word, v.Sentence, v.P), nil
			}
			return s.since(v, w[3:])
		}
		return "no such metric in the look", nil
	}
	return "no such look", nil
}

func (s *Story) since(v debrief.Verdict, w []string) (string, error) {
	if len(w) < 4 {
		return "", nil
	}
	at, err := s.time(w[1])
	if err != nil {
		return "", err
	}
	d, err := time.ParseDuration(w[3])
	if err != nil {
		return "", err
	}
	if off := v.Since.Sub(at); off.Abs() > d {
		return "it says since " + v.Since.Format(time.TimeOnly), nil
	}
	return "", nil
}

// brief is a look's metrics and words, for a failure's message.
func brief(k debrief.Look) []string {
	var out []string
	for _, v := range k.Verdicts {
		out = append(out, fmt.Sprintf("%s %s %s (p %.3g)", v.Metric, v.Word, v.Sentence, v.P))
	}
	return append(out, k.Blind...)
}

// expectWarning checks "N METRIC text".
func expectWarning(story debrief.Story, w []string) string {
	if len(w) < 3 {
		return "write it as: warning SERVICE VERSION N METRIC \"text\""
	}
	var seen []string
	for _, k := range story.Looks {
		for _, v := range k.Verdicts {
			if strconv.Itoa(k.Number) != w[0] || v.Metric != w[1] {
				continue
			}
			seen = append(slices.Clone(v.Against), v.Warnings...)
		}
	}
	if slices.ContainsFunc(seen, func(s string) bool { return strings.Contains(s, w[2]) }) {
		return ""
	}
	return fmt.Sprintf("said are only %q", seen)
}

func expectSurprise(story debrief.Story, w []string, want, note bool) string {
	var seen []string
	for _, x := range story.Surprises {
		if x.Note != note {
			continue
		}
		seen = append(seen, x.Kind+" "+x.Subject)
		if x.Kind == w[0] && (len(w) < 2 || x.Subject == w[1]) {
			if !want {
				return "it says: " + x.Sentence
			}
			return ""
		}
	}
	if want {
		return fmt.Sprintf("noticed are only %q", seen)
	}
	return ""
}
