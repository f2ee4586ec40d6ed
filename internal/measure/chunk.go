package measure

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// A chunk is one hour's probings as a text of about 14 bytes each: a version
// byte and the hour, then per probing what it adds to the one before, as
// variable-length numbers, base64 for the database's sake.

const chunkVersion = 1

// maxChunk bounds what is read back: an hour of probings each second is 3,600.
const maxChunk = 20_000

// Hour is the hour a probing is kept under.
func Hour(at time.Time) time.Time { return at.UTC().Truncate(time.Hour) }

// EncodeChunk writes one hour's probings, whatever their order. Times keep
// their milliseconds, durations their microseconds.
func EncodeChunk(hour time.Time, ps []Probing) string {
	ps = slices.Clone(ps)
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].At.Before(ps[j].At) })
	b := []byte{chunkVersion}
	b = binary.AppendVarint(b, hour.Unix())
	last, expires := hour.UnixMilli(), int64(0)
	for _, p := range ps {
		b = binary.AppendVarint(b, p.At.UnixMilli()-last)
		last = p.At.UnixMilli()
		b = binary.AppendUvarint(b, uint64(max(p.Took.Microseconds(), 0)))
		b = binary.AppendUvarint(b, uint64(max(p.Status, 0)))
		b = binary.AppendUvarint(b, uint64(max(slices.Index(problems, p.Problem), 0)))
		at := int64(0)
		if !p.Expires.IsZero() {
			at = p.Expires.Unix()
		}
		b = binary.AppendVarint(b, at-expires)
		expires = at
	}
	return base64.RawStdEncoding.EncodeToString(b)
}

// DecodeChunk reads them back.
func DecodeChunk(s string) ([]Probing, error) {
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil || len(b) == 0 || b[0] != chunkVersion {
		return nil, debrief.Errorf(debrief.Internal, "chunk", "no chunk of probings of version %d", chunkVersion)
	}
	r := &varints{b: b[1:]}
	last, expires := r.signed()*1000, int64(0)
	var out []Probing
	for len(r.b) > 0 && !r.bad {
		last += r.signed()
		p := Probing{At: time.UnixMilli(last).UTC(), Took: time.Duration(r.unsigned(math.MaxInt64/1000)) * time.Microsecond, Status: int(r.unsigned(999))}
		p.Problem = problems[r.unsigned(uint64(len(problems)-1))]
		if expires += r.signed(); expires != 0 {
			p.Expires = time.Unix(expires, 0).UTC()
		}
		if out = append(out, p); len(out) > maxChunk {
			r.bad = true
		}
	}
	if r.bad {
		return nil, debrief.Errorf(debrief.Internal, "chunk", "the chunk of probings is damaged")
	}
	return out, nil
}

// AppendChunk adds probings to a chunk; an empty one begins.
func AppendChunk(chunk string, hour time.Time, ps ...Probing) (string, error) {
	var all []Probing
	if chunk != "" {
		var err error
		if all, err = DecodeChunk(chunk); err != nil {
			return "", err
		}
	}
	return EncodeChunk(hour, append(all, ps...)), nil
}

type varints struct {
	b   []byte
	bad bool
}

func (r *varints) signed() int64 {
	v, n := binary.Varint(r.b)
	return int64(took(r, uint64(v), n))
}

func (r *varints) unsigned(most uint64) uint64 {
	v, n := binary.Uvarint(r.b)
	if v = took(r, v, n); v > most {
		r.bad = true
		return 0
	}
	return v
}

func took(r *varints, v uint64, n int) uint64 {
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

// ProbeResult is a window's probings as the judge takes them.
type ProbeResult struct {
	Latency judge.Series    // seconds: the median of a step's answers, N how many
	Errors  judge.Series    // failures of probings
	Traffic judge.Series    // probings a second: says whether the probe itself ran
	Whole   judge.Histogram // every answer's time, in buckets 10 % wide
}

// ProbeSeries lays probings on the window's grid.
func ProbeSeries(ps []Probing, w Window) (ProbeResult, error) {
	start, n, err := w.Grid()
	if err != nil {
		return ProbeResult{}, err
	}
	series := func() judge.Series { return judge.Series{Start: start, Step: w.Step} }
	out := ProbeResult{Latency: series(), Errors: series(), Traffic: series(), Whole: judge.Histogram{Start: start, Step: w.Step, Counts: make([][]float64, n)}}
	out.Latency.V, out.Latency.N = missing(n), make([]float64, n)
	out.Errors.Num, out.Errors.Den = missing(n), missing(n)
	out.Traffic.V = missing(n)
	times := make([][]float64, n)
	all, failed := make([]float64, n), make([]float64, n)
	for _, p := range ps {
		i := int(p.At.Sub(start) / w.Step)
		if p.At.Before(start) || i >= n {
			continue
		}
		all[i]++
		if !p.OK() {
			failed[i]++
			continue
		}
		times[i] = append(times[i], p.Took.Seconds())
	}
	for i := range n {
		slices.Sort(times[i])
	}
	out.Whole.Bounds = probeBounds(times)
	for i := range n {
		if all[i] == 0 {
			continue
		}
		out.Errors.Num[i], out.Errors.Den[i] = failed[i], all[i]
		out.Traffic.V[i] = all[i] / w.Step.Seconds()
		if len(times[i]) == 0 {
			continue
		}
		out.Latency.V[i], out.Latency.N[i] = median(times[i]), float64(len(times[i]))
		out.Whole.Counts[i] = bucketed(out.Whole.Bounds, times[i])
	}
	return out, nil
}

func median(sorted []float64) float64 {
	m := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[m]
	}
	return (sorted[m-1] + sorted[m]) / 2
}

// probeBounds are the rungs of one fixed ladder, each 10 % above the one
// before, as far as answers reach: four weeks of minutes times every rung from
// microseconds to minutes would not fit into a small machine.
func probeBounds(times [][]float64) []float64 {
	least, most := math.Inf(1), 0.0
	for _, sorted := range times {
		if n := len(sorted); n > 0 {
			least, most = min(least, sorted[0]), max(most, sorted[n-1])
		}
	}
	var bounds []float64
	for b := 1e-4; b < 600; b *= 1.1 {
		if b*1.1 >= least {
			bounds = append(bounds, b)
		}
		if b >= most {
			break
		}
	}
	return append(bounds, math.Inf(1))
}

func bucketed(bounds, values []float64) []float64 {
	row := make([]float64, len(bounds))
	for _, v := range values {
		row[sort.SearchFloat64s(bounds, v)]++
	}
	return row
}
