package delivery_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/delivery"
)

// The table of docs/attribution.md is the table of the code, row by row.
func TestTheWeightsAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/attribution.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| reason | weight | what it says |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if !found {
		t.Fatal("the table is not there")
	}
	var want strings.Builder
	for _, r := range delivery.Reasons() {
		fmt.Fprintf(&want, "| `%s` | %+.1f | %s |\n", r.Name, r.Weight, r.Says)
	}
	if strings.TrimSpace(table) != strings.TrimSpace(want.String()) {
		t.Errorf("docs/attribution.md lists\n%s\nthe code has\n%s", table, want.String())
	}
	if says := fmt.Sprintf("once there are %d", delivery.LearnFrom); !strings.Contains(string(text), says) {
		t.Errorf("docs/attribution.md does not say %q", says)
	}
}

// The order of evidence is that of the definitions.
func TestTheOrderOfEvidence(t *testing.T) {
	t.Parallel()
	w := delivery.Defaults()
	order := []string{delivery.ReasonNamed, delivery.ReasonVersion, delivery.ReasonService, delivery.ReasonTime}
	for i := range order[1:] {
		if w.Of(order[i]) <= w.Of(order[i+1]) {
			t.Errorf("%s does not weigh more than %s", order[i], order[i+1])
		}
	}
	if w.Of("weather") != 0 {
		t.Error("what is no reason weighs something")
	}
}
