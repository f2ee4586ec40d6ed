package judge

import (
	"math"
	"time"
)

const (
	day       = 24 * time.Hour
	slots     = 48          // half hours
	dayShape  = 3 * day     // past needed before the time of day is believed
	weekShape = 2 * 7 * day // past needed before weekends are set apart
	perSlot   = 512         // values a slot's median rests on at most
)

// profile is the usual shape of the day at each point: the median per half
// hour (weekends apart once two weeks are known), from points before "before"
// that no deployment or incident touched, around the series' own median. It is
// nil where the past is too short to know.
func profile(y []float64, f *frame) []float64 {
	end := f.now.b0
	span := time.Duration(end) * f.step
	if span < dayShape || f.step > day/4 {
		return nil
	}
	kinds := 1
	if span >= weekShape {
		kinds = 2
	}
	_, offset := f.start.Zone()
	origin := f.start.Unix() + int64(offset)
	slotOf := func(i int) (kind, slot int, within float64) {
		t := origin + int64(time.Duration(i)*f.step/time.Second) + int64(f.step/2/time.Second)
		d := floorMod(t, 86400)
		if kinds == 2 {
			// 1970-01-01 was a Thursday.
			if w := floorMod(floorDiv64(t, 86400)+4, 7); w == 0 || w == 6 {
				kind = 1
			}
		}
		slot = int(d / 1800)
		return kind, slot, float64(d%1800) / 1800
	}
	buckets := make([][]float64, kinds*slots)
	per := min(perSlot*2, end/len(buckets)*2+8)
	for i := range buckets {
		buckets[i] = make([]float64, 0, per)
	}
	thin := 1 + int(int64(end)/(int64(kinds*slots)*perSlot))
	all := make([]float64, 0, end/thin+1)
	for i := 0; i < end; i += thin {
		if v := y[i]; v == v && f.dirty[i+1] == f.dirty[i] {
			k, s, _ := slotOf(i)
			buckets[k*slots+s] = append(buckets[k*slots+s], v)
			all = append(all, v)
		}
	}
	if len(all) < slots {
		return nil
	}
	centre := median(all)
	table := make([]float64, len(buckets))
	for i, b := range buckets {
		table[i] = math.NaN()
		if len(b) >= 3 {
			table[i] = median(b) - centre
		}
	}
	for k := range kinds {
		if !fillRound(table[k*slots : (k+1)*slots]) {
			return nil
		}
	}
	out := make([]float64, len(y))
	for i := range out {
		k, s, w := slotOf(i)
		// Between the middles of half hours the shape is a straight line.
		other, share := (s+1)%slots, w-0.5
		if w < 0.5 {
			other, share = (s+slots-1)%slots, 0.5-w
		}
		out[i] = table[k*slots+s]*(1-share) + table[k*slots+other]*share
	}
	return out
}

// fillRound gives empty slots the value of the nearest earlier full one, round
// the clock; false where fewer than a quarter are known.
func fillRound(t []float64) bool {
	known := 0
	last := math.NaN()
	for _, v := range t {
		if v == v {
			known++
			last = v
		}
	}
	if known*4 < len(t) {
		return false
	}
	for i, v := range t {
		if v != v {
			t[i] = last
		}
		last = t[i]
	}
	return true
}

func floorDiv64(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - b*floorDiv64(a, b) }
