package judge_test

import (
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

func TestMinerReads(t *testing.T) {
	t.Parallel()
	m := judge.NewMiner(nil)
	var refs []judge.Ref
	in := "user 1 logged in\r\nuser 2 logged in\n" + strings.Repeat("x", 3<<20) + " end\nuser 3 logged in"
	if err := m.Read(strings.NewReader(in), func(ref judge.Ref, _ bool) { refs = append(refs, ref) }); err != nil {
		t.Fatal(err)
	}
	if len(refs) != 4 || m.Final(refs[0]) != m.Final(refs[1]) || m.Final(refs[1]) != m.Final(refs[3]) || m.Final(refs[2]) == m.Final(refs[0]) {
		t.Fatal(refs)
	}
	if id := m.ID(refs[3]); id == "" || id != m.Patterns()[0].ID {
		t.Fatalf("%q", id)
	}
}
