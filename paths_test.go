package debrief_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/debriefhq/debrief"
)

// One of each folder and ending before a second of any.
func TestSomePaths(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range 300 {
		all = append(all, fmt.Sprintf("assets/img/%03d.png", i))
	}
	all = append(all, "db/migrate/1_carts.rb", "go.mod", "internal/cart/cart.go")
	got := debrief.SomePaths(all, 5)
	want := []string{"assets/img/000.png", "assets/img/001.png", "db/migrate/1_carts.rb", "go.mod", "internal/cart/cart.go"}
	if !slices.Equal(got, want) {
		t.Error(got)
	}
	for n, want := range map[int]int{0: 0, 1: 1, 303: 303, 400: 303} {
		if got := debrief.SomePaths(all, n); len(got) != want {
			t.Errorf("%d: %d paths", n, len(got))
		}
	}
}

func TestModule(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"go.mod":                  debrief.ModuleTop,
		"cmd/main.go":             "cmd/",
		"internal/cart/deep/x.go": "internal/cart/",
		"src/main/java/com/acme/cart/x/Total.java":   "src/main/java/com/acme/cart/x/",
		"src/main/java/com/acme/cart/x/y/Total.java": "src/main/java/com/acme/cart/x/",
		"shop/src/main/kotlin/cart/Total.kt":         "shop/src/main/kotlin/cart/",
		"src/main/resources/a/b/c.yml":               "src/main/",
		"src/main/java/App.java":                     "src/main/java/",
	} {
		if got := debrief.Module(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
