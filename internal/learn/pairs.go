package learn

import "math"

// A pair of kinds is more than its parts only where three things hold at once:
// the second matters among releases with the first, the first among those with
// the second, and the two together more than their own effects multiplied. Its
// p is the largest of the three (an intersection-union test: Berger 1982).

// pairTables are the strata of one pair.
type pairTables struct {
	sums          sums    // of the pair against all others
	second, first []table // the second among those with the first, and the other way round
	with, without ratio   // odds of the first beside the second, and apart from it
	k, most       int64
}

// paired asks every two kinds that occurred together.
func (r *reading) paired() []*factor {
	h := r.h
	kinds, place := []int32{}, make([]int, len(h.features.list))
	for f, x := range h.features.list {
		place[f] = none
		if x.group == ofKind && len(kinds) < mostKinds {
			place[f] = len(kinds)
			kinds = append(kinds, int32(f))
		}
	}
	n := len(kinds)
	pairs := make([]pairTables, n*n)
	k, m := make([]int32, n*n), make([]int32, n*n) // of the diagonal: the kind by itself
	for rows := h.rows; len(rows) > 0; {
		end := 1
		for end < len(rows) && rows[end].stratum == rows[0].stratum {
			end++
		}
		r.pairsIn(rows[:end], place, n, k, m, pairs)
		rows = rows[end:]
	}
	var out []*factor
	for i := range n {
		for j := i + 1; j < n; j++ {
			if p := &pairs[i*n+j]; p.k > 0 {
				out = append(out, p.factor(kinds[i], kinds[j]))
			}
		}
	}
	return out
}

// mostKinds bounds the square.
const mostKinds = 64

func (r *reading) pairsIn(rows []row, place []int, n int, k, m []int32, pairs []pairTables) {
	clear(k)
	clear(m)
	var all, failed int32
	for i := range rows {
		x := &rows[i]
		if !x.known {
			continue
		}
		bad := int32(x.out & 1)
		all++
		failed += bad
		was := r.h.was(x)
		for _, a := range was {
			if place[a] == none {
				continue
			}
			for _, b := range was {
				if place[b] != none {
					at := place[a]*n + place[b]
					k[at]++
					m[at] += bad
				}
			}
		}
	}
	for i := range n {
		if k[i*n+i] == 0 {
			continue
		}
		for j := i + 1; j < n; j++ {
			if k[i*n+j] == 0 && (m[i*n+i] == 0 || k[j*n+j] == 0) {
				continue
			}
			both, bad := k[i*n+j], m[i*n+j]
			ki, mi, kj, mj := k[i*n+i], m[i*n+i], k[j*n+j], m[j*n+j]
			pairs[i*n+j].add(all, failed, both, bad, ki, mi, kj, mj)
		}
	}
}

func (p *pairTables) add(n, m, both, bad, ki, mi, kj, mj int32) {
	p.k += int64(both)
	p.sums.add(table{n, m, both, bad})
	if t := (table{ki, mi, both, bad}); t.tells() {
		p.second = append(p.second, t)
		p.most += int64(min(t.m, t.k))
	}
	if t := (table{kj, mj, both, bad}); t.tells() {
		p.first = append(p.first, t)
		p.with.add(t)
	}
	if t := (table{n - kj, m - mj, ki - both, mi - bad}); t.tells() {
		p.without.add(t)
	}
}

// factor works a pair's p out.
func (p *pairTables) factor(a, b int32) *factor {
	f := &factor{feature: a, other: b, outcome: trouble, sums: p.sums, p: 1}
	// Held against releases with one of the two, as the test is.
	f.sums.most = min(f.sums.most, p.most)
	if f.promising() {
		f.p = max(chance(p.second), chance(p.first), moreThan(p.with, p.without))
	}
	return f
}

// ratio is a common odds ratio after Mantel and Haenszel with the variance of
// its logarithm (Robins, Breslow and Greenland 1986).
type ratio struct{ r, s, pr, qs, cross float64 }

func (x *ratio) add(t table) {
	n := float64(t.n)
	a, b := float64(t.a), float64(t.k-t.a)
	c, d := float64(t.m-t.a), float64(t.n-t.k-t.m+t.a)
	r, s, p, q := a*d/n, b*c/n, (a+d)/n, (b+c)/n
	x.r += r
	x.s += s
	x.pr += p * r
	x.qs += q * s
	x.cross += p*s + q*r
}

// log is the logarithm and its variance. A side on which nothing happened gets
// half a case, so that it stays finite.
func (x ratio) log() (level, variance float64) {
	if x.r == 0 && x.s == 0 {
		return 0, math.Inf(1)
	}
	if x.r == 0 || x.s == 0 {
		return math.Log((x.r + 0.25) / (x.s + 0.25)), 2.5
	}
	return math.Log(x.r / x.s), x.pr/(2*x.r*x.r) + x.cross/(2*x.r*x.s) + x.qs/(2*x.s*x.s)
}

// moreThan is how likely the first ratio would exceed the second by so much if
// both were one.
func moreThan(x, y ratio) float64 {
	a, va := x.log()
	b, vb := y.log()
	if math.IsInf(vb, 1) {
		b, vb = 0, 0.5 // apart from the other it hardly ever occurs
	}
	if math.IsInf(va, 1) {
		return 1
	}
	return normalTail((a - b) / math.Sqrt(va+vb))
}
