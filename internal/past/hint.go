package past

import (
	"fmt"
	"slices"
	"time"
)

// Limits of what looks like a hotfix.
const (
	soon       = 48 * time.Hour
	fewChanges = 5
)

// HotfixHint says why a release looks like the repair of the one before it;
// empty: it does not. It is a hint for a person to confirm, never a finding.
// changes is how many the release brought, said that its words or a branch say
// hotfix.
func HotfixHint(r *Release, changes int, said bool) string {
	if said {
		return "a change or its branch is called a hotfix"
	}
	p := r.Previous
	if p == nil || r.Assumed != "tag" || changes == 0 || changes > fewChanges {
		return ""
	}
	after := r.At.Sub(p.At)
	if after < 0 || after > soon || !patch(Numbers(p.Version), Numbers(r.Version)) {
		return ""
	}
	return fmt.Sprintf("a patch version with %d of its own changes, %d h after %s", changes, int(after.Hours()), p.Version)
}

// patch reports the next version that differs only in its last number.
func patch(a, b []int) bool {
	if len(b) < 3 {
		return false
	}
	for len(a) < len(b) {
		a = append(slices.Clone(a), 0)
	}
	n := len(b) - 1
	return len(a) == len(b) && slices.Equal(a[:n], b[:n]) && b[n] == a[n]+1
}
