package judge_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// sane fails where a result could not be written down or contradicts itself.
func sane(t *testing.T, r judge.Result) {
	t.Helper()
	for name, x := range map[string]float64{"before": r.Before, "after": r.After, "effect": r.Effect, "low": r.Low, "high": r.High, "p": r.P, "smallest": r.Smallest} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("%s is %g in %+v", name, x, r)
		}
	}
	if r.P < 0 || r.P > 1 || r.Low > r.Effect || r.High < r.Effect || r.Smallest < 0 {
		t.Fatalf("contradiction: %+v", r)
	}
	if r.Tell != (r.Why == judge.CanTell) {
		t.Fatalf("tell %v but why %q", r.Tell, r.Why)
	}
	if n := len(r.Band.Low); n != len(r.Band.High) || (n != 0 && n != len(r.Band.V)) {
		t.Fatalf("band of %d, %d and %d points", len(r.Band.V), n, len(r.Band.High))
	}
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte("a seed of a few values, more than enough for a window"), int64(time.Second), int64(10), int64(20), int64(5), uint8(0))
	f.Add([]byte{}, int64(0), int64(-1), int64(math.MaxInt64), int64(math.MinInt64), uint8(1))
	f.Add([]byte(strings.Repeat("\x00\xf8\x7f\x01\x80\xff", 100)), int64(time.Minute), int64(50), int64(60), int64(40), uint8(2))
	f.Add([]byte(strings.Repeat("0123456789abcdef", 64)), int64(time.Hour), int64(900), int64(24), int64(24), uint8(7))
	// Pasts long enough for the likeness: constant, two values, with gaps, with huge values.
	long := func(pattern string) []byte { return []byte(strings.Repeat(pattern, 900/len(pattern))) }
	for _, pattern := range []string{"a", "ab", "aaab\xff", "zq0\x00", "ab\xfe\xff\xff\xff\xff\xff\xff\xef\x7f", "k\xfe\x00\x00\x00\x00\x00\x00\xf0\x7f", "m\xfe\x01\x00\x00\x00\x00\x00\x00\x00"} {
		for _, after := range []int64{2, 24, 200} {
			f.Add(long(pattern), int64(time.Minute), 900/int64(len(pattern))*int64(len(pattern))-48-after, int64(48), after, uint8(0))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, step, history, before, after int64, kind uint8) {
		if len(raw) > 1<<16 {
			return
		}
		var v []float64
		for i, b := range raw {
			switch {
			case b == 0xff:
				v = append(v, math.NaN())
			case b == 0xfe && i+9 <= len(raw):
				v = append(v, math.Float64frombits(binary.LittleEndian.Uint64(raw[i+1:])))
			case b == 0xfd:
				v = append(v, -1)
			default:
				v = append(v, float64(b)/4)
			}
		}
		d := time.Duration(step)
		q := judge.Question{
			Series:   judge.Series{Start: at.Add(-time.Duration(history+before) * d), Step: d, V: v},
			Exposed:  at,
			Touched:  at.Add(-time.Duration(kind>>4&3) * d),
			From:     at.Add(time.Duration(kind>>5) * d),
			To:       at.Add(time.Duration(after) * d),
			Before:   time.Duration(before) * d,
			Quantile: float64(kind) / 100,
			MinN:     int(kind >> 6),
			Margin:   0.1, Coarse: 0.5,
			Past: []judge.Window{{From: at.Add(-time.Duration(history) * d), To: at.Add(-time.Duration(history/2) * d)}},
		}
		switch kind % 4 {
		case 0:
			q.Kind = judge.Gauge
		case 1:
			q.Kind = judge.Count
			q.Series.N = v
		case 2:
			q.Kind = judge.Share
			q.Series.Num, q.Series.Den = v, append([]float64(nil), v...)
			for i := range v {
				q.Series.Den[i] = v[(i+1)%len(v)] * 3
			}
		case 3:
			h := &judge.Histogram{Start: q.Series.Start, Step: d, Bounds: []float64{1, 2, 5, math.Inf(1)}}
			for i := 0; i+4 <= len(v); i++ {
				h.Counts = append(h.Counts, v[i:i+4])
			}
			q.Histogram = h
		}
		if kind&16 != 0 {
			// Controls made of the same bytes, one of them shifted, one too short.
			shifted := append(append([]float64(nil), v[len(v)/3:]...), v[:len(v)/3]...)
			c := q.Series
			q.Controls = []judge.Series{{Start: c.Start, Step: d, V: shifted, Num: shifted, Den: c.Den}, {Start: c.Start.Add(d), Step: d, V: v[:len(v)/2], Num: v[:len(v)/2], Den: c.Den}, c}
		}
		for i := range int64(kind & 15) {
			q.Releases = append(q.Releases, at.Add(-time.Duration(i*after+int64(kind))*d))
		}
		r := judge.Judge(q)
		sane(t, r)
		if r.Tell && r.Since.Before(q.Exposed) && q.From.After(q.Exposed) {
			t.Fatalf("since %s before the exposure", q.Exposed.Sub(r.Since))
		}
		judge.Settle([]judge.Result{r, r}, []float64{0.8, 0.2}, 0.01)
	})
}
