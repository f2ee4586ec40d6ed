package judge_test

import (
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

// TestCalibrateControls counts what is called at one per cent where nothing was
// released, with controls and without, and of canaries beside their baseline.
func TestCalibrateControls(t *testing.T) {
	t.Parallel()
	n, canaries := *calibrate, 10**calibrate
	if n == 0 {
		n, canaries = 15, 200
	}
	called := func(q judge.Question) bool {
		q.Alpha = 0.01
		r := judge.Judge(q)
		return r.Tell && r.P <= 0.01
	}
	for _, history := range []int{0, 300, 5000} {
		with, alone := 0, 0
		for seed := range uint64(n) {
			q := withControls(*calibrateFrom+5000+seed, history, 60, 15, 3, 0.1, 0.05)
			if called(q) {
				with++
			}
			if q.Controls = nil; called(q) {
				alone++
			}
		}
		t.Logf("%5d points of past: of %d untouched releases %d called with controls, %d alone", history, n, with, alone)
		if with > 2+n*2/100 {
			t.Errorf("%d points of past: %d of %d called with controls", history, with, n)
		}
	}
	for _, steps := range []int{5, 6, 8, 15, 30, 60} {
		cry, found := 0, 0
		for seed := range uint64(canaries) {
			if called(canary(*calibrateFrom+9000+seed, steps, 1)) {
				cry++
			}
			if called(canary(*calibrateFrom+9000+seed, steps, 1.4)) {
				found++
			}
		}
		t.Logf("%5d steps beside: of %d untouched canaries %d called, +40 %% found in %d", steps, canaries, cry, found)
		if cry > 4+canaries*2/100 {
			t.Errorf("%d steps beside: %d of %d canaries called", steps, cry, canaries)
		}
	}
}
