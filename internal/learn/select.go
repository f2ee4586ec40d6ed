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

// mostHeld bounds how many are held against one another at once.
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
	if len(factors) > mostHeld {
		return r.byService(factors)
	}
	return r.among(factors)
}

// byService holds what means the same everywhere against itself, and what is
// one service's own against that and the others of the service. Of many
// services at once that is all there is to hold: their releases are not alike.
func (r *reading) byService(factors []*factor) []*factor {
	var wide []*factor
	own := map[int32][]*factor{}
	var order []int32
	for _, f := range factors {
		service := r.h.features.list[f.feature].service
		if service == everywhere {
			wide = append(wide, f)
			continue
		}
		if own[service] == nil {
			order = append(order, service)
		}
		own[service] = append(own[service], f)
	}
	if len(wide) > 0 {
		wide = r.among(wide[:min(len(wide), mostHeld)])
	}
	out := wide
	for _, service := range order {
		fs := own[service]
		s := newSelection(r.h, r.h.of(r.h.services.names[service]), slices.Concat(wide, fs[:min(len(fs), mostHeld)]))
		in := make([]int, len(wide))
		for i := range in {
			in[i] = i
		}
		level := alone / float64(len(fs))
		for i := len(wide); i < len(s.factors); i++ {
			if p, told := s.given(i, in); told && p <= level {
				in = append(in, i)
				out = append(out, s.factors[i])
			}
		}
	}
	return out
}

// among holds factors against one another, over all releases.
func (r *reading) among(factors []*factor) []*factor {
	if len(factors) < 2 {
		return factors
	}
	s := newSelection(r.h, r.h.rows, factors)
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
	named := 0
	for i, f := range s.factors {
		if slices.Contains(in, i) || named == mostNamed {
			continue
		}
		named++
		if best := s.nearest(i, in); best != none {
			s.factors[best].along = append(s.factors[best].along, f)
		}
	}
	return out
}

// mostNamed bounds how many of those that were left out are named beside others.
const mostNamed = 8

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

func newSelection(h *History, rows []row, factors []*factor) *selection {
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
	for i := range rows {
		x := &rows[i]
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
