package delivery

import (
	"fmt"
	"math"
	"slices"
)

// Few is the number under which a share is told as "2 of 9" and no percentage
// stands as a headline.
const Few = 20

// Middle is the median of n values with its 95 % interval by order statistics:
// the k-th smallest and the k-th largest, where at most 2.5 % of binomial
// (n, ½) lie below k. Nothing is assumed of how the values are spread.
type Middle struct {
	N       int     `json:"n"`
	Median  float64 `json:"median"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Bounded bool    `json:"bounded"` // Low and High are known: from six values on
}

// MiddleOf is the median of values in any order; its N is 0 for none.
func MiddleOf(vs []float64) Middle {
	v := slices.Clone(vs)
	slices.Sort(v)
	n := len(v)
	if n == 0 {
		return Middle{}
	}
	m := Middle{N: n, Median: v[n/2]}
	if n%2 == 0 {
		m.Median = v[n/2-1] + (v[n/2]-v[n/2-1])/2
	}
	if k := rankOf(n); k > 0 {
		m.Low, m.High, m.Bounded = v[k-1], v[n-k], true
	}
	return m
}

// rankOf is the largest k with P(binomial(n, ½) < k) ≤ 2.5 %; 0: there is none.
func rankOf(n int) int {
	sum, k := 0.0, 0
	for k <= n/2 {
		lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
		sum += math.Exp(lg(n) - lg(k) - lg(n-k) - float64(n)*math.Ln2)
		if sum > 0.025 {
			return k
		}
		k++
	}
	return k
}

// quantile is the value that a share of the sorted values does not exceed: one
// of them, never in between.
func quantile(sorted []float64, share float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[min(max(int(math.Ceil(share*float64(len(sorted))))-1, 0), len(sorted)-1)]
}

// Share is how many of how many, with Wilson's 95 % interval. Where questions
// are open it is a range: N to AtMost.
type Share struct {
	N       int      `json:"n"`
	AtMost  int      `json:"at_most"` // once the open questions are answered
	Of      int      `json:"of"`
	Low     float64  `json:"low"` // of N of Of; from 0 to 1
	High    float64  `json:"high"`
	Open    int      `json:"open_questions,omitempty"`
	Percent *float64 `json:"percent,omitempty"` // only from 20 on, and where no question is open
	Text    string   `json:"text"`              // "2 of 9"
}

func shareOf(n, atMost, of, open int) Share {
	s := Share{N: n, AtMost: atMost, Of: of, Open: open}
	s.Low, _ = Wilson(n, of)
	_, s.High = Wilson(atMost, of)
	s.Text = fmt.Sprintf("%d of %d", n, of)
	if atMost > n {
		s.Text = fmt.Sprintf("%d to %d of %d", n, atMost, of)
	}
	switch {
	case open == 1:
		s.Text += ", one question open"
	case open > 1:
		s.Text += fmt.Sprintf(", %d questions open", open)
	}
	if of >= Few && atMost == n {
		p := 100 * float64(n) / float64(of)
		s.Percent = &p
	}
	return s
}

// Wilson is the 95 % interval of a share of n in of (Wilson 1927): from 0 to 1
// where nothing is known.
func Wilson(n, of int) (low, high float64) {
	if of == 0 {
		return 0, 1
	}
	const z = 1.959963984540054
	m := float64(of)
	p := float64(n) / m
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	low, high = middle-half, middle+half
	if n == 0 {
		low = 0
	}
	if n == of {
		high = 1
	}
	return low, high
}
