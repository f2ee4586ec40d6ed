package plot

import (
	"math"
	"regexp"
	"strings"
	"testing"
)

// TestNoExponents: whatever the values are, an axis is written for people; a
// flat zero has an axis of one whole unit.
func TestNoExponents(t *testing.T) {
	t.Parallel()
	flat := func(x float64) []float64 { return []float64{x, x, x, x} }
	for _, vs := range [][]float64{flat(0), flat(1e-13), flat(3e-10), {0, 2e-7}, {0, 3e-6}, flat(4e15), {0, 8e12}, {1e20, 4e20}, flat(1e290), {-2e-7, 2e-7}} {
		s, ok := spanOf(vs)
		if !ok {
			t.Fatal(vs)
		}
		for _, l := range tickLabels(s.ticks()) {
			if regexp.MustCompile(`\de[+-]?\d`).MatchString(l) {
				t.Errorf("%v: %q", vs, l)
			}
		}
	}
	s, _ := spanOf(flat(0))
	if got := strings.Join(tickLabels(s.ticks()), " "); s.lo != 0 || s.hi != 1 || got != "0 0.5 1.0" {
		t.Errorf("a flat zero: %v %s", s, got)
	}
}

func TestShaded(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range []struct {
		low, high []float64
		want      bool
	}{
		{[]float64{8, 8, 8, 8}, []float64{12, 12, 12, 12}, true},
		{[]float64{10, 10, 10, 10}, []float64{10, 10, 10, 10}, false},
		{[]float64{9.8, 9.8, 9.8, 9.8}, []float64{10.2, 10.2, 10.2, 10.2}, false},
		{[]float64{nan, nan, nan, nan}, []float64{nan, nan, nan, nan}, false},
		{nil, nil, false},
	} {
		s := Series{V: []float64{9, 11, 30, 10}, Low: c.low, High: c.high}
		if s.Shaded() != c.want {
			t.Errorf("%v to %v: %v", c.low, c.high, !c.want)
		}
	}
}
