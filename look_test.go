package debrief_test

import (
	"testing"

	"github.com/debriefhq/debrief"
)

func TestAPartThatCannotTellDecidesNothing(t *testing.T) {
	t.Parallel()
	v := func(role debrief.Role, word debrief.Word, part bool) debrief.Verdict {
		return debrief.Verdict{Metric: string(role), Role: role, Word: word, Part: part}
	}
	whole := v(debrief.Latency, debrief.Steady, false)
	quiet := v(debrief.Errors, debrief.CannotTell, true)
	for name, c := range map[string]struct {
		in   []debrief.Verdict
		want debrief.Word
	}{
		"a quiet route beside the whole":          {[]debrief.Verdict{whole, quiet}, debrief.Steady},
		"first or last":                           {[]debrief.Verdict{quiet, whole}, debrief.Steady},
		"better, and a quiet route":               {[]debrief.Verdict{v(debrief.Latency, debrief.Better, false), quiet}, debrief.Better},
		"a part that got worse":                   {[]debrief.Verdict{whole, v(debrief.Errors, debrief.Worse, true)}, debrief.Worse},
		"a part that got better":                  {[]debrief.Verdict{whole, v(debrief.Latency, debrief.Better, true)}, debrief.Better},
		"the whole cannot tell":                   {[]debrief.Verdict{v(debrief.Latency, debrief.CannotTell, false), v(debrief.Latency, debrief.Steady, true)}, debrief.CannotTell},
		"parts alone":                             {[]debrief.Verdict{v(debrief.Latency, debrief.Steady, true), quiet}, debrief.CannotTell},
		"traffic does not stand for the whole":    {[]debrief.Verdict{v(debrief.Traffic, debrief.Steady, false), quiet}, debrief.CannotTell},
		"the whole is told of, so is every route": {[]debrief.Verdict{whole, v(debrief.Latency, debrief.Steady, true)}, debrief.Steady},
	} {
		if got := debrief.RollUp(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if _, unsure := debrief.Unsure(c.in); unsure != (c.want == debrief.CannotTell) {
			t.Errorf("%s: unsure is %v", name, unsure)
		}
	}
}
