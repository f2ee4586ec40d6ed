package tell_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

// TestUsualAfterADeployment: what every release brings is told, but makes no
// headline, no message and no verdict of the release.
func TestUsualAfterADeployment(t *testing.T) {
	t.Parallel()
	v := slower()
	v.Usual, v.Beside = true, "3 other regions"
	l := look(1, 5*time.Minute, debrief.RollUp([]debrief.Verdict{v}), v)
	s := story(debrief.ReleaseNew, l)
	if l.Word != debrief.Steady {
		t.Errorf("the look is %q", l.Word)
	}
	if got := tell.Headline(s, time.UTC); got != "as usual" {
		t.Errorf("headline %q", got)
	}
	if bold, rest := tell.Lead(s, time.UTC); bold != "As usual." || !strings.Contains(rest, "which is usual after a deployment.") {
		t.Errorf("lead %q %q", bold, rest)
	}
	if _, say := tell.ChatLook(s, l, "", time.UTC); say {
		t.Error("said in chat")
	}
	if got := tell.Verdict(v, time.UTC); !strings.HasSuffix(got, ", usual after a deployment") {
		t.Errorf("verdict %q", got)
	}
	var b bytes.Buffer
	if err := tell.Terminal(tell.TermWriter{Out: &b, Width: 400, Loc: time.UTC}, s); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "usual after a deployment, held against 3 other regions") || strings.Contains(got, "worse, ") {
		t.Error(got)
	}
	many := []debrief.Verdict{v, v, v, v}
	for i := range many {
		many[i].Metric += strings.Repeat("x", i)
	}
	if _, rest := tell.Lead(story(debrief.ReleaseNew, look(1, 5*time.Minute, debrief.Steady, many...)), time.UTC); !strings.Contains(rest, "Four metrics differ as is usual") {
		t.Error(rest)
	}
}
