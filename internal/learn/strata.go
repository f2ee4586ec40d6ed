package learn

// table is one stratum (one service in one quarter) of a question: of n
// releases m came to something; of the k that had the factor, a did.
type table struct{ n, m, k, a int32 }

// tells reports whether the stratum can say anything: where all or none had
// the factor, or all or none came to it, there is nothing to hold against it.
func (t table) tells() bool { return t.m > 0 && t.m < t.n && t.k > 0 && t.k < t.n }

// sums is what all strata of a question add up to.
type sums struct {
	k, a       int64 // releases with the factor, and those of them that came to it: all of them
	informed   int64 // of a, those in strata that tell
	most       int64 // the largest a there could be
	expect     float64
	variance   float64
	num, den   float64 // of the Mantel-Haenszel risk ratio
	bare, into int64   // without the factor in strata that tell: releases, and those that came to it
}

func (s *sums) add(t table) {
	s.k += int64(t.k)
	s.a += int64(t.a)
	if !t.tells() {
		return
	}
	n, m, k, a := float64(t.n), float64(t.m), float64(t.k), float64(t.a)
	s.informed += int64(t.a)
	s.most += int64(min(t.k, t.m))
	s.expect += k * m / n
	s.variance += k * m * (n - k) * (n - m) / (n * n * (n - 1))
	s.num += a * (n - k) / n
	s.den += (m - a) * k / n
	s.bare += int64(t.n - t.k)
	s.into += int64(t.m - t.a)
}

// share is the part of what the factor came to that is more than the releases
// without it would lead one to expect (1 − 1/RR; Greenland and Robins 1985).
func (s *sums) share() float64 {
	if s.num <= 0 {
		return 0
	}
	return max(0, 1-s.den/s.num)
}

// counter counts features within strata in one pass over the rows. Its columns
// are as long as there are features; only what a stratum touched is cleared.
type counter struct {
	h       *History
	wanted  []bool // by feature
	k       []int32
	a       []int32 // by feature and outcome
	touched []int32
}

func newCounter(h *History, wanted []bool) *counter {
	n := len(h.features.list)
	return &counter{h: h, wanted: wanted, k: make([]int32, n), a: make([]int32, n*mostOutcomes)}
}

// each calls fn with the table of every wanted feature and every outcome in
// every stratum the feature occurs in. Only releases of which it is decided
// whether they failed count.
func (c *counter) each(rows []row, fn func(feature int32, outcome int, t table)) {
	for len(rows) > 0 {
		end := 1
		for end < len(rows) && rows[end].stratum == rows[0].stratum {
			end++
		}
		c.stratum(rows[:end], fn)
		rows = rows[end:]
	}
}

func (c *counter) stratum(rows []row, fn func(int32, int, table)) {
	var n int32
	var m [mostOutcomes]int32
	for i := range rows {
		r := &rows[i]
		if !r.known {
			continue
		}
		n++
		for o, bits := 0, r.out; bits != 0; o, bits = o+1, bits>>1 {
			m[o] += int32(bits & 1)
		}
		for _, f := range c.h.was(r) {
			if !c.wanted[f] {
				continue
			}
			if c.k[f] == 0 {
				c.touched = append(c.touched, f)
			}
			c.k[f]++
			for o, bits := 0, r.out; bits != 0; o, bits = o+1, bits>>1 {
				c.a[int(f)*mostOutcomes+o] += int32(bits & 1)
			}
		}
	}
	outcomes := min(mostOutcomes, len(c.h.outcomes.names))
	for _, f := range c.touched {
		for o := range outcomes {
			at := int(f)*mostOutcomes + o
			fn(f, o, table{n, m[o], c.k[f], c.a[at]})
			c.a[at] = 0
		}
		c.k[f] = 0
	}
	c.touched = c.touched[:0]
}
