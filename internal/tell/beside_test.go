package tell_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

func terminal(t *testing.T, s debrief.Story) string {
	t.Helper()
	var b bytes.Buffer
	if err := tell.Terminal(tell.TermWriter{Out: &b, Width: 80, Loc: time.UTC}, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func holds(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, l := range lines {
		if !strings.Contains(text, l) {
			t.Errorf("%q is missing in\n%s", l, text)
		}
	}
}

func TestWhatWentOutTogether(t *testing.T) {
	t.Parallel()
	s := story(debrief.ReleaseNew, steadyLook(1, 5*time.Minute))
	if strings.Contains(terminal(t, s), "together") {
		t.Error("nothing went out together")
	}
	s.Rollout = []debrief.Release{
		{Service: "cart", Version: "v7", Verdict: debrief.Worse, Headline: "p95 38 % up since 14:21", Kind: debrief.ReleaseNew},
		{Service: "search\x1b[31m", Version: "v2", Kind: debrief.ReleaseRunning},
	}
	holds(t, terminal(t, s), "Went out together\n", "  cart v7        ◆  p95 38 % up since 14:21\n", "  search[31m v2  ○  running\n")
	for range 12 {
		s.Rollout = append(s.Rollout, debrief.Release{Service: "more", Headline: "as usual"})
	}
	holds(t, terminal(t, s), "and four more\n")
}

func TestTargets(t *testing.T) {
	t.Parallel()
	in := func(target string, from, took time.Duration, state debrief.DeploymentState) debrief.Deployment {
		at := live.Add(from)
		return debrief.Deployment{Target: target, State: state, Times: debrief.Times{Started: at, Finished: at.Add(took)}}
	}
	s := story(debrief.ReleaseNew, steadyLook(1, 5*time.Minute))
	s.Deployments = []debrief.Deployment{in("eu", 0, time.Minute, debrief.Succeeded)}
	text := terminal(t, s)
	holds(t, text, "production, target eu, ")
	if strings.Contains(text, "argets") {
		t.Errorf("one target needs no list:\n%s", text)
	}
	s.Deployments = append(s.Deployments, in("us", -5*time.Minute, 90*time.Second, debrief.Partial))
	holds(t, terminal(t, s), "Two targets\n  us  1:30  partial, from 13:58\n  eu  1:00  from 14:03\n")
}

// Going back to a commit that never ran ships nothing new, and is no "no changes".
func TestGoingBackIsTold(t *testing.T) {
	t.Parallel()
	s := story(debrief.ReleaseNew, steadyLook(1, 5*time.Minute))
	s.Release.Changes = 0
	s.Deployments = []debrief.Deployment{{State: debrief.Succeeded, Git: &debrief.GitFacts{From: "b", To: "a", Back: 2}}}
	text := terminal(t, s)
	holds(t, text, "goes back two commits, before: v1.41")
	if _, rest := tell.Lead(s, time.UTC); !strings.Contains(rest, "It goes back two commits, to before v1.41.") {
		t.Errorf("the lead: %q", rest)
	}
	s.Deployments[0].Git.Back = 0
	if text := terminal(t, s); strings.Contains(text, "back") {
		t.Errorf("nothing goes back:\n%s", text)
	}
}
