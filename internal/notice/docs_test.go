package notice

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What people read of the surprises is what there is, in the same order.
func TestDocs(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "surprises.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "| `") {
			rows = append(rows, line)
		}
	}
	if len(rows) != len(Detectors()) {
		t.Fatalf("docs/surprises.md has %d rows, there are %d surprises", len(rows), len(Detectors()))
	}
	for i, d := range Detectors() {
		if want := "| `" + d.ID + "` | " + d.Question + " |"; !strings.HasPrefix(rows[i], want) {
			t.Errorf("row %d of docs/surprises.md begins not with %q", i+1, want)
		}
	}
}
