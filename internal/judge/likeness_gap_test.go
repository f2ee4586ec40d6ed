package judge

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// TestGapIsTakenOutAlike: where values between before and after are left out,
// the release's innovations follow straight on before. At every earlier moment
// the same values are left out: the innovations are those of the series with
// them cut away.
func TestGapIsTakenOutAlike(t *testing.T) {
	t.Parallel()
	const gap, nb, na, n = 7, 48, 24, 1200
	r := rand.New(rand.NewPCG(4, 1))
	v := autoregressive(r, n, 0.6, 0.3)
	for i := range v {
		v[i] = 80 * math.Exp(0.1*v[i])
	}
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	q := Question{
		Kind: Gauge, Series: Series{Start: at.Add(-(n - na) * time.Minute), Step: time.Minute, V: v},
		From: at, Exposed: at.Add(-gap * time.Minute), To: at.Add(na * time.Minute), Before: nb * time.Minute, Alpha: 0.01,
	}
	a := prepare(&q, &Result{}, new(Memory))
	l, _ := newLikeness(a.m.(*gauge), &a.f, a.memory)
	if l == nil || l.gap != gap || l.nb != nb || l.m != na {
		t.Fatalf("%+v", l)
	}
	l.weigh()
	x := newWeigher(l)
	for place, i := range l.places[:len(l.places)-1] {
		x.whitened(place, i)
		cut := append(append([]float64(nil), l.r[i-gap-nb:i-gap]...), l.r[i:i+na]...)
		filter(cut, l.phi)
		after, last := cut[nb:], na-1 // the last is beyond the reach of the gap
		for j := range after {
			want := x.a[last] + (after[j]-after[last])/l.size
			if math.Abs(x.a[j]-want) > 1e-9*(1+math.Abs(want)) {
				t.Fatalf("moment %d, %d values on: %.6f, want %.6f", i, j, x.a[j], want)
			}
		}
	}
}
