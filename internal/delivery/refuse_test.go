package delivery

import (
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
)

func TestWhatIsRefusedSaysWhy(t *testing.T) {
	t.Parallel()
	for name, why := range map[string]string{
		"--target": "no targets", "team": "does not compare teams", "by_author": "no figure for a person", "Author": "no figure for a person",
		"band": "no scores or bands", "mean": "never means", "benchmark": "no scores or bands", "vs": "does not compare teams",
	} {
		err := Refuse(name)
		if debrief.KindOf(err) != debrief.Invalid || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"service", "environment", "by", "periods", "bots", "events", "rollbacks", "rework", ""} {
		if err := Refuse(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseBy("author"); err == nil || !strings.Contains(err.Error(), "no figure for a person") {
		t.Error(err)
	}
	if _, err := ParseBy("year"); err == nil || !strings.Contains(err.Error(), "is no period") {
		t.Error(err)
	}
}
