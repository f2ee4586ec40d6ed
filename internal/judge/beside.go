package judge

import (
	"fmt"
	"math"
)

// A canary beside its baseline: the new version has no past, but the old one
// runs at the same time. Each step of the one is held against the same step of
// the other, so that whatever moves both is gone; what is left is the noise the
// difference is held against. With no past to know that noise from, only a
// change beyond twice the margin counts.

// fewest steps side by side from which anything can be said.
const fewest = 5

func beside(q *Question, f *frame, y []float64) (Result, bool) {
	r := Result{Good: q.Good, Margin: q.Margin, Coarse: q.Coarse, P: 1, Relative: q.Kind != Share, Short: true}
	if q.Kind == Count {
		return r, false // how much a canary is given says nothing about it
	}
	var all []laid
	for _, s := range q.Controls {
		if c := onScale(q, s, f); count(c[f.now.a0:f.now.a1]) > 0 {
			all = append(all, laid{c, s})
		}
	}
	if len(all) == 0 {
		return r, false
	}
	s := &sideBySide{q: q, f: f, y: y}
	s.meet(all)
	r.N = s.observations()
	switch {
	case q.MinN > 0 && (q.Kind == Share || len(q.Series.N) > 0) && r.N < q.MinN:
		r.Why = TooLittle
		return r, true
	case len(s.at) < fewest:
		r.Why = NoBaseline
		return r, true
	}
	r.Tell, r.Controls, r.Shape = true, len(all), Level
	if q.Kind == Share {
		s.shares(&r, all)
	} else {
		s.levels(&r)
	}
	r.Since = f.time(s.at[0])
	r.Warnings = append(r.Warnings, fmt.Sprintf("the new version has no past: held against the old one beside it, over %s, so only a change beyond twice the margin counts", countOf(len(s.at), "step")))
	tidy(&r)
	return r, true
}

// sideBySide is a canary and the middle of what runs beside it.
type sideBySide struct {
	q       *Question
	f       *frame
	y, base []float64
	at      []int     // points at which both are there
	d       []float64 // the differences
}

func (s *sideBySide) meet(all []laid) {
	s.base = make([]float64, s.f.n)
	var scratch []float64
	for i := range s.base {
		scratch = scratch[:0]
		for _, one := range all {
			if v := one.y[i]; v == v {
				scratch = append(scratch, v)
			}
		}
		s.base[i] = math.NaN()
		if len(scratch) > 0 {
			s.base[i] = median(scratch)
		}
		if i >= s.f.now.a0 && i < s.f.now.a1 && s.base[i] == s.base[i] && s.y[i] == s.y[i] {
			s.at = append(s.at, i)
			s.d = append(s.d, s.y[i]-s.base[i])
		}
	}
}

func (s *sideBySide) observations() int {
	sum := 0.0
	for _, i := range s.at {
		j := s.f.skip + i
		switch {
		case s.q.Kind == Share:
			sum += s.q.Series.Den[j]
		case j < len(s.q.Series.N):
			if n := s.q.Series.N[j]; finite(n) && n > 0 {
				sum += n
			}
		default:
			sum++
		}
	}
	return int(math.Round(min(sum, 1e15)))
}

// levels is the test of a mean difference, with a first-order memory.
func (s *sideBySide) levels(r *Result) {
	scratch := make([]float64, 0, len(s.d))
	rest := detrend(s.d, scratch)
	mid := median(append(scratch[:0], s.d...))
	m := huber(s.d, mid, max(1e-3, spreadAround(s.d, mid, scratch)))
	sd, phi, n := autocorrelated(rest)
	tau := (1 + phi) / (1 - phi)
	se := max(sd, 1e-3) * math.Sqrt(min(tau, float64(n))/float64(n))
	df := max(1, float64(n)/tau-2) // the memory is estimated from the same steps
	r.P = twoSided(m/se, df)
	r.Effect = math.Expm1(m)
	half := tQuantile(0.025, df) * se
	r.Low, r.High = math.Expm1(m-half), math.Expm1(m+half)
	r.Smallest = max(math.Expm1((tQuantile(s.q.Alpha/2, df)+0.85)*se), 2*s.q.Margin)
	var mine []float64
	for _, i := range s.at {
		mine = append(mine, s.y[i])
	}
	r.After = math.Exp(median(mine))
	r.Before = r.After / (1 + r.Effect)
	s.picture(r, max(sd, 1e-3), math.Exp)
}

// shares pools both sides and asks how likely the split of their failures is,
// counts divided by how much they vary from step to step beyond chance.
func (s *sideBySide) shares(r *Result, all []laid) {
	var a, na, b, nb float64
	num, den := pooled(s.f, all)
	for _, i := range s.at {
		a += s.q.Series.Num[s.f.skip+i]
		na += s.q.Series.Den[s.f.skip+i]
		b += num[i]
		nb += den[i]
	}
	pa, pb, p := a/na, b/nb, (a+b)/(na+nb)
	chi, dof := 0.0, 0.0
	for _, i := range s.at {
		for _, x := range [...]struct{ k, n, p float64 }{{s.q.Series.Num[s.f.skip+i], s.q.Series.Den[s.f.skip+i], pa}, {num[i], den[i], pb}} {
			if v := x.n * x.p * (1 - x.p); v > 0 {
				chi += (x.k - x.n*x.p) * (x.k - x.n*x.p) / v
				dof++
			}
		}
	}
	wild := max(1, chi/max(1, dof-2))
	// Rare failures are the tested side: of shares above a half, what went well.
	x, z := a, b
	if p > 0.5 {
		x, z = na-a, nb-b
	}
	r.P = exactSplit(int(math.Round(x/wild)), int(math.Round(z/wild)), na/(na+nb))
	qa, qb := (a+0.5)/(na+1), (b+0.5)/(nb+1)
	se := math.Sqrt(wild * (qa*(1-qa)/na + qb*(1-qb)/nb))
	r.Effect, r.Before, r.After = pa-pb, pb, pa
	r.Low, r.High = r.Effect-1.96*se, r.Effect+1.96*se
	se = math.Sqrt(wild * max(p*(1-p), qb*(1-qb)) * (1/na + 1/nb))
	r.Smallest = max((tQuantile(s.q.Alpha/2, 30)+0.85)*se, 2*s.q.Margin)
	if wild > 1.5 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("failures come in bursts: counted at 1/%.1f", wild))
	}
	s.picture(r, math.Sqrt(wild*max(pb*(1-pb), 1e-9)*float64(len(s.at))/na)/max(pb*(1-pb), 1e-9), func(y float64) float64 { return 1 / (1 + math.Exp(-y)) })
}

// picture shows the canary, and around the baseline what is usual for it.
func (s *sideBySide) picture(r *Result, sd float64, unit func(float64) float64) {
	b := Band{Start: s.f.time(s.f.now.b0), Step: s.f.step}
	for i := s.f.now.b0; i < s.f.now.a1; i++ {
		v, base := s.y[i], s.base[i]
		if v != v && i < s.f.now.a0 {
			v = base // before the release the old version is all there is
		}
		b.V = append(b.V, unit(v))
		b.Low, b.High = append(b.Low, unit(base-1.96*sd)), append(b.High, unit(base+1.96*sd))
	}
	r.Band = b
}
