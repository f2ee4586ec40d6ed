package judge

import (
	"cmp"
	"slices"
)

// rates are the error and warning patterns whose rate at least doubled or
// halved, by the exact test on counts divided by their dispersion, Holm over
// all patterns tested.
func (q *LogQuestion) rates(patterns []LogCount) []LogChange {
	var all []tested
	for _, c := range patterns {
		tb, ta := float64(len(c.Before)), float64(len(c.After))
		if tb < 1 || ta < 1 || (c.Level != "error" && c.Level != "warn") {
			continue
		}
		b, a := float64(sum(c.Before)), float64(sum(c.After))
		phi := c.dispersion()
		x := tested{LogChange: change(c, b*ta/tb), grew: (a + 0.5) / (b*ta/tb + 0.5)}
		x.P = max(exactSplit(int(a/phi), int(b/phi), ta/(ta+tb)), c.usual(int(a), b*ta/tb))
		all = append(all, x)
	}
	var out []LogChange
	for _, x := range stepDown(all, q.Budget/2) {
		if x.grew >= 2 || x.grew <= 0.5 {
			out = append(out, x.LogChange)
		}
	}
	return out
}

type tested struct {
	LogChange
	grew float64
}

// stepDown adjusts p for all patterns tested (Holm) and keeps those within the budget.
func stepDown(all []tested, budget float64) []tested {
	slices.SortStableFunc(all, func(x, y tested) int { return cmp.Compare(x.P, y.P) })
	least := 0.0
	for i := range all {
		least = max(least, min(1, all[i].P*float64(len(all)-i)))
		if all[i].P = least; least > budget {
			return all[:i]
		}
	}
	return all
}

// quiet are the other patterns of which no line came any more, although they
// never paused half as long before. Where all lines became fewer, fewer of
// each were to be expected.
func (q *LogQuestion) quiet(patterns []LogCount) []LogChange {
	before, after := 0.0, 0.0
	for _, c := range patterns {
		if tb, ta := float64(len(c.Before)), float64(len(c.After)); tb >= 1 && ta >= 1 && sum(c.After) > 0 {
			before += float64(sum(c.Before)) * ta / tb
			after += float64(sum(c.After))
		}
	}
	traffic := 1.0
	if before > 0 {
		traffic = min(1, after/before)
	}
	var all []tested
	for _, c := range patterns {
		tb, ta := float64(len(c.Before)), float64(len(c.After))
		if tb < 1 || ta < 1 || c.Level == "error" || c.Level == "warn" || sum(c.After) > 0 || 2*pause(c.Before) > len(c.After) {
			continue
		}
		b := float64(sum(c.Before))
		share := traffic * ta / (traffic*ta + tb)
		x := tested{LogChange: change(c, b*ta/tb)}
		x.P = max(exactSplit(0, int(b/c.dispersion()), share), c.usual(0, b*ta/tb))
		all = append(all, x)
	}
	var out []LogChange
	for _, x := range stepDown(all, q.Budget/2) {
		out = append(out, x.LogChange)
	}
	return out
}

// pause is the longest run of bins without a line.
func pause(bins []int) int {
	longest, run := 0, 0
	for _, n := range bins {
		if run++; n > 0 {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// dispersion is how much more the counts vary than a Poisson process would,
// within before and from stretch to stretch of the past.
func (c *LogCount) dispersion() float64 {
	phi := clumped(c.Before)
	if n := len(c.Past); n >= 6 {
		phi = max(phi, spread(c.Past, 1))
	}
	return phi
}

// usual is 1 where the past often had stretches as far from what is expected,
// and 0 where it had not, or is not known.
func (c *LogCount) usual(count int, expected float64) float64 {
	const often = 0.05
	as := 0
	for _, n := range c.Past {
		if float64(count) >= expected && n >= count || float64(count) < expected && n <= count {
			as++
		}
	}
	if as > 0 && float64(as) > often*float64(len(c.Past)) {
		return 1
	}
	return 0
}

// clumped is how much more the counts vary than a Poisson process would:
// log lines come in bursts. Bins are also taken eight at a time, because a
// burst may outlast one.
func clumped(bins []int) float64 {
	phi := 1.0
	for _, width := range [...]int{1, 8} {
		if len(bins)/width < 6 {
			break
		}
		phi = max(phi, spread(bins, width))
	}
	return phi
}

// spread is the variance of counts over their mean, width bins at a time; at
// least 1.
func spread(bins []int, width int) float64 {
	n := len(bins) / width
	var mean, ss float64
	for i := range n {
		mean += float64(sum(bins[i*width:(i+1)*width])) / float64(n)
	}
	for i := range n {
		d := float64(sum(bins[i*width:(i+1)*width])) - mean
		ss += d * d
	}
	if mean <= 0 {
		return 1
	}
	return max(1, ss/float64(n-1)/mean)
}
