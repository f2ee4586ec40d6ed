package past

import (
	"math"
	"slices"
	"time"
)

// Share is k of n. Under 20 it is told as such; from 20 on it also has a
// percentage and Wilson's 95 % interval.
type Share struct {
	K    int     `json:"k"`
	N    int     `json:"n"`
	Part float64 `json:"share,omitempty"`
	Low  float64 `json:"low,omitempty"`
	High float64 `json:"high,omitempty"`
}

// Enough is from how many cases on a share is given as a percentage.
const Enough = 20

func (s *Share) add(yes bool) {
	s.N++
	if yes {
		s.K++
	}
}

// settled is the share with its interval.
func (s Share) settled() Share {
	if s.N >= Enough {
		s.Part = float64(s.K) / float64(s.N)
		s.Low, s.High = wilson(s.K, s.N, 1.96)
	}
	return s
}

// wilson is Wilson's score interval (E. B. Wilson 1927).
func wilson(k, n int, z float64) (low, high float64) {
	p, m := float64(k)/float64(n), float64(n)
	mid := p + z*z/(2*m)
	half := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	low, high = (mid-half)/(1+z*z/m), (mid+half)/(1+z*z/m)
	if k == 0 {
		low = 0
	}
	if k == n {
		high = 1
	}
	return low, high
}

// maxKept durations are kept; beyond, every second one is thrown out and only
// every second new one is taken, and so on: an even sample in constant memory.
const maxKept = 1 << 17

type durations struct {
	n, skip int
	kept    []float64
}

func (d *durations) add(t time.Duration) {
	d.n++
	if d.skip > 0 && d.n%(d.skip+1) != 0 {
		return
	}
	if len(d.kept) == maxKept {
		for i := range maxKept / 2 {
			d.kept[i] = d.kept[2*i+1]
		}
		d.kept, d.skip = d.kept[:maxKept/2], d.skip*2+1
	}
	d.kept = append(d.kept, t.Seconds())
}

func (d *durations) spread() Spread {
	if d.n == 0 {
		return Spread{}
	}
	slices.Sort(d.kept)
	return Spread{N: d.n, Median: quantile(d.kept, 0.5), P90: quantile(d.kept, 0.9)}
}

// quantile interpolates between the two nearest of sorted values.
func quantile(v []float64, q float64) float64 {
	at := q * float64(len(v)-1)
	i := int(at)
	if i+1 >= len(v) {
		return v[len(v)-1]
	}
	return v[i] + (at-float64(i))*(v[i+1]-v[i])
}
