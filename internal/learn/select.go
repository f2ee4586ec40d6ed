package learn

import (
	"cmp"
	"slices"
)

// What stood its test may still be somebody else's shadow: the folder all
// migrations lie in precedes trouble as often as migrations do. So those that
// stand are held against one another: each has to say something among releases
// that are alike in all the others that are kept. What says nothing more is
// named beside the one it goes along with.

// mostHeld bounds how many are held against one another; the rest, the least
// sure, are left out.
const mostHeld = 48

// cell are the releases of one stratum that are alike in every feature asked.
type cell struct {
	stratum int32
	n, m    int32
	mask    uint64
}

// apart returns which of the factors of one outcome say something of their own.
func (r *reading) apart(factors []*factor) []*factor {
	slices.SortStableFunc(factors, func(a, b *factor) int {
		if c := cmp.Compare(pairFirst(a), pairFirst(b)); c != 0 {
			return c
		}
		return cmp.Compare(a.p, b.p)
	})
	if len(factors) < 2 {
		return factors
	}
	s := newSelection(r.h, factors[:min(len(factors), mostHeld)])
	level := alone / float64(len(s.factors))
	var in []int
	for i := range s.factors {
		if len(in) == 0 {
			in = append(in, i)
		} else if p, told := s.given(i, in); told && p <= level {
			in = append(in, i)
		}
	}
	in = s.thinned(in, level)
	var out []*factor
	for _, i := range in {
		out = append(out, s.factors[i])
	}
	for i, f := range s.factors {
		if slices.Contains(in, i) {
			continue
		}
		if best := s.nearest(i, in); best != none {
			s.factors[best].along = append(s.factors[best].along, f)
		}
	}
	return out
}

// alone is the chance that anything is kept that says nothing of its own.
const alone = 0.05

func pairFirst(f *factor) int {
	if f.other != none {
		return 0
	}
	return 1
}

// selection holds factors of one outcome against one another.
type selection struct {
	factors []*factor
	want    []uint64 // the features of each, as bits
	cells   []cell   // by stratum
}

func newSelection(h *History, factors []*factor) *selection {
	s := &selection{factors: factors}
	bit := map[int32]uint64{}
	of := func(feature int32) uint64 {
		if bit[feature] == 0 {
			bit[feature] = 1 << min(63, len(bit))
		}
		return bit[feature]
	}
	for _, f := range factors {
		want := of(f.feature)
		if f.other != none {
			want |= of(f.other)
		}
		s.want = append(s.want, want)
	}
	bits := make([]uint64, len(h.features.list))
	for f, b := range bit {
		bits[f] = b
	}
	outcome := factors[0].outcome
	from := 0 // the cells of this stratum begin here
	for i := range h.rows {
		x := &h.rows[i]
		if !x.known {
			continue
		}
		var mask uint64
		for _, f := range h.was(x) {
			mask |= bits[f]
		}
		if from == len(s.cells) || s.cells[from].stratum != x.stratum {
			from = len(s.cells)
		}
		at := from
		for at < len(s.cells) && s.cells[at].mask != mask {
			at++
		}
		if at == len(s.cells) {
			s.cells = append(s.cells, cell{stratum: x.stratum, mask: mask})
		}
		s.cells[at].n++
		s.cells[at].m += int32(x.out >> outcome & 1)
	}
	return s
}

// given is the chance of factor i among releases that are alike in the others;
// told is false where no such releases differ.
func (s *selection) given(i int, others []int) (p float64, told bool) {
	type part struct {
		like uint64
		t    table
	}
	var tables []table
	var parts []part
	for at := 0; at < len(s.cells); {
		parts = parts[:0]
		stratum := s.cells[at].stratum
		for ; at < len(s.cells) && s.cells[at].stratum == stratum; at++ {
			c := &s.cells[at]
			var like uint64
			for j, o := range others {
				if c.mask&s.want[o] == s.want[o] {
					like |= 1 << j
				}
			}
			k := 0
			for k < len(parts) && parts[k].like != like {
				k++
			}
			if k == len(parts) {
				parts = append(parts, part{like: like})
			}
			t := &parts[k].t
			t.n += c.n
			t.m += c.m
			if c.mask&s.want[i] == s.want[i] {
				t.k += c.n
				t.a += c.m
			}
		}
		for _, x := range parts {
			if x.t.tells() {
				tables = append(tables, x.t)
			}
		}
	}
	return chance(tables), len(tables) > 0
}

// thinned holds those that are kept against one another once more: what came
// first was held against nothing. The one that says least goes first.
func (s *selection) thinned(in []int, level float64) []int {
	for len(in) > 1 {
		worst, least := none, level
		for at := range in {
			rest := slices.Delete(slices.Clone(in), at, at+1)
			if p, told := s.given(in[at], rest); told && p > least {
				worst, least = at, p
			}
		}
		if worst == none {
			return in
		}
		in = slices.Delete(in, worst, worst+1)
	}
	return in
}

// nearest is which of those that are kept takes most from factor i.
func (s *selection) nearest(i int, in []int) int {
	best, most := none, -1.0
	for _, k := range in {
		if p, _ := s.given(i, []int{k}); p > most {
			best, most = k, p
		}
	}
	return best
}
