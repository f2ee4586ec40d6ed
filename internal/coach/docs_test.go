package coach

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
)

// What people read of questions and measures is what there is, in the same order.
func TestDocs(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "debriefs.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "| `") {
			rows = append(rows, line)
		}
	}
	var want []string
	for _, q := range questions() {
		want = append(want, fmt.Sprintf("| `%s` | %s | %s |", q.id, q.text, q.gap))
	}
	for _, m := range debrief.Measures() {
		want = append(want, fmt.Sprintf("| `%s` | %s | %s | %s |", m.ID, m.Subject, m.Unit, m.Means))
	}
	if len(rows) != len(want) {
		t.Fatalf("docs/debriefs.md has %d rows, there are %d questions and measures", len(rows), len(want))
	}
	for i, w := range want {
		if !strings.HasPrefix(rows[i], w) {
			t.Errorf("row %d is %q, want it to begin %q", i+1, strings.TrimSpace(rows[i]), w)
		}
	}
}
