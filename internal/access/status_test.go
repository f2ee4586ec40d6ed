package access_test

import (
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
)

func TestEveryKindOfErrorHasAStatus(t *testing.T) {
	t.Parallel()
	seen := map[int]debrief.ErrorKind{}
	for _, k := range []debrief.ErrorKind{
		debrief.Invalid, debrief.NotFound, debrief.Conflict, debrief.Unauthorized, debrief.Forbidden,
		debrief.TooLarge, debrief.TooMany, debrief.Unavailable, debrief.Ignored, debrief.Internal,
	} {
		s := access.Status(k)
		if other, twice := seen[s]; twice {
			t.Errorf("%s and %s share the status %d", k, other, s)
		}
		seen[s] = k
	}
	if access.Status("unheard of") != 500 {
		t.Error("an unknown kind is our fault")
	}
}
