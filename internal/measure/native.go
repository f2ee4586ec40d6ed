package measure

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// Native histograms come as buckets with both their borders; empty ones are
// left out, and the resolution may change from one moment to the next. They are
// kept sparse while they come in, and laid on common bounds at the end.

const (
	maxCells  = 4096 // distinct buckets of one query
	mostCells = 64   // buckets a distribution is kept in: the judge needs no more
)

// cell is one bucket: what is above lo and at most hi.
type cell struct{ lo, hi float64 }

// bar is how much one bucket holds at one moment.
type bar struct {
	cell int32 // in natives.cells
	n    float64
}

// natives are the native histograms of one query while they come in.
type natives struct {
	index  map[cell]int32
	cells  []cell
	series map[string]*nativeSeries
	bars   []bar // of the series being read, point after point
	points []nativePoint
}

type nativeSeries struct {
	labels map[string]string
	rows   [][]bar // per grid point; nil is missing
}

type nativePoint struct {
	t        float64
	from, to int // in bars
}

func newNatives() *natives {
	return &natives{index: map[cell]int32{}, series: map[string]*nativeSeries{}}
}

// histogram reads [1795374360,{"count":"3","sum":"1.2","buckets":[[0,"1","2","3"]]}].
func (a *answer) histogram() error {
	if err := a.expect('['); err != nil {
		return err
	}
	t, err := a.number()
	if err != nil {
		return err
	}
	if err := a.expect(','); err != nil {
		return err
	}
	p := nativePoint{t: t, from: len(a.native.bars)}
	err = a.object(func(key []byte) error {
		if string(key) == "buckets" {
			return a.array(a.bucket)
		}
		return a.skip()
	})
	if err != nil {
		return err
	}
	p.to = len(a.native.bars)
	a.native.points = append(a.native.points, p)
	return a.expect(']')
}

// bucket reads [0,"1","2","3"]: which borders belong to it, the borders, how many.
func (a *answer) bucket() error {
	var v [4]float64
	i := 0
	err := a.array(func() error {
		defer func() { i++ }()
		c, err := a.peek()
		switch {
		case err != nil:
			return err
		case i >= len(v):
			return a.skip()
		case c == '"':
			if _, err = a.text(); err == nil {
				v[i], err = parseFloat(a.word)
			}
		default:
			v[i], err = a.number()
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case i < len(v):
		return fmt.Errorf("a bucket of %d parts where 4 were expected", i)
	case v[3] == 0:
		return nil
	case !(v[1] < v[2]) || !(v[3] > 0) || math.IsInf(v[3], 1):
		return fmt.Errorf("a bucket from %v to %v that holds %v", v[1], v[2], v[3])
	}
	at, err := a.native.find(cell{v[1], v[2]})
	a.native.bars = append(a.native.bars, bar{at, v[3]})
	return err
}

func (n *natives) find(c cell) (int32, error) {
	if at, ok := n.index[c]; ok {
		return at, nil
	}
	if len(n.cells) >= maxCells {
		return 0, debrief.Errorf(debrief.TooLarge, "histogram", "its buckets have more than %d different borders", maxCells).
			WithHint("sum over fewer series, or lower the histogram's resolution")
	}
	at := int32(len(n.cells)) // at most maxCells
	n.index[c] = at
	n.cells = append(n.cells, c)
	return at, nil
}

// keep lays the series just read on the grid.
func (m *matrix) keep(labels map[string]string) error {
	n := m.native
	defer func() { n.bars, n.points = n.bars[:0], n.points[:0] }()
	key := labelKey(labels)
	s, ok := n.series[key]
	if !ok {
		if len(n.series) >= m.o.MaxSeries {
			return m.errorf(debrief.TooLarge, "the query returns more than %d series (max_series)", m.o.MaxSeries).WithHint("sum them in the query: sum(…)")
		}
		s = &nativeSeries{labels: labels, rows: make([][]bar, m.points)}
		n.series[key] = s
	}
	held := slices.Clone(n.bars)
	origin, step := float64(m.start.UnixMilli())/1000, m.step.Seconds()
	for _, p := range n.points {
		i := math.Round((p.t-origin)/step) - 1
		if i >= float64(m.from) && i < float64(m.to) {
			s.rows[int(i)] = held[p.from:p.to:p.to]
		}
	}
	return nil
}

// sorted are the series, always in one order.
func (n *natives) sorted() []*nativeSeries {
	out := make([]*nativeSeries, 0, len(n.series))
	for _, key := range slices.Sorted(maps.Keys(n.series)) {
		out = append(out, n.series[key])
	}
	return out
}

// merged adds several series' rows into one distribution on common bounds.
func (n *natives) merged(start time.Time, step time.Duration, scale float64, all ...*nativeSeries) judge.Histogram {
	mass := make([]float64, len(n.cells))
	points := 0
	for _, s := range all {
		points = max(points, len(s.rows))
		for _, row := range s.rows {
			for _, b := range row {
				mass[b.cell] += b.n
			}
		}
	}
	h := judge.Histogram{Start: start, Step: step, Counts: make([][]float64, points)}
	var cells []cell
	var masses []float64
	for i, c := range n.cells {
		if mass[i] > 0 {
			cells, masses = append(cells, c), append(masses, mass[i])
		}
	}
	h.Bounds = commonBounds(cells, masses, mostCells)
	to := make([]int, len(n.cells))
	for i, c := range n.cells {
		to[i] = at(h.Bounds, c.hi)
	}
	for i := range h.Counts {
		for _, s := range all {
			if i >= len(s.rows) || s.rows[i] == nil {
				continue
			}
			if h.Counts[i] == nil {
				h.Counts[i] = make([]float64, len(h.Bounds))
			}
			for _, b := range s.rows[i] {
				if to[b.cell] < len(h.Bounds) {
					h.Counts[i][to[b.cell]] += b.n * scale
				}
			}
		}
	}
	return h
}

// near is how much two borders may differ by rounding and still be one.
const near = 1e-9

func isNear(a, b float64) bool {
	return a == b || !math.IsInf(a, 0) && !math.IsInf(b, 0) && math.Abs(a-b) <= near*math.Abs(a)
}

// at is the bucket a value that is some bucket's upper border falls into.
func at(bounds []float64, hi float64) int {
	j, _ := slices.BinarySearchFunc(bounds, hi, func(b, hi float64) int {
		if isNear(b, hi) {
			return 0
		}
		return cmp.Compare(b, hi)
	})
	return j
}

// commonBounds are the borders that cut no bucket: what several resolutions
// have in common. Where they are more than most, the neighbours that hold
// least become one.
func commonBounds(cells []cell, mass []float64, most int) []float64 {
	var borders []float64
	for _, c := range cells {
		for _, b := range [2]float64{c.lo, c.hi} {
			if !math.IsInf(b, -1) {
				borders = append(borders, b)
			}
		}
	}
	slices.Sort(borders)
	borders = slices.CompactFunc(borders, isNear)
	// A border inside any bucket is none of the common ones. Buckets by their
	// lower border; how far the ones begun so far reach.
	order := slices.Clone(cells)
	slices.SortFunc(order, func(a, b cell) int { return cmp.Compare(a.lo, b.lo) })
	var bounds []float64
	reach, next := math.Inf(-1), 0
	for _, b := range borders {
		for next < len(order) && order[next].lo < b && !isNear(order[next].lo, b) {
			reach = max(reach, order[next].hi)
			next++
		}
		if !(reach > b) || isNear(reach, b) {
			bounds = append(bounds, b)
		}
	}
	held := make([]float64, len(bounds))
	for i, c := range cells {
		if j := at(bounds, c.hi); j < len(held) {
			held[j] += mass[i]
		} else if len(held) > 0 {
			held[len(held)-1] += mass[i]
		}
	}
	for len(bounds) > most {
		least := 0
		for i := range len(bounds) - 1 {
			if held[i]+held[i+1] < held[least]+held[least+1] {
				least = i
			}
		}
		held[least+1] += held[least]
		bounds, held = slices.Delete(bounds, least, least+1), slices.Delete(held, least, least+1)
	}
	return bounds
}

// cellsOf are the buckets of a distribution that ever held something, and how
// much. The lowest reaches down as far as one goes.
func cellsOf(h judge.Histogram) (cells []cell, mass []float64) {
	all := make([]float64, len(h.Bounds))
	for _, row := range h.Counts {
		for j, c := range row {
			all[j] += c
		}
	}
	lo := math.Inf(-1)
	for j, b := range h.Bounds {
		if all[j] > 0 {
			cells, mass = append(cells, cell{lo, b}), append(mass, all[j])
		}
		lo = b
	}
	return cells, mass
}

// addRows adds a distribution's rows to one whose bounds it was counted in,
// from the grid point first on.
func addRows(to *judge.Histogram, first int, h judge.Histogram) {
	into := make([]int, len(h.Bounds))
	for j, b := range h.Bounds {
		into[j] = min(at(to.Bounds, b), len(to.Bounds)-1)
	}
	for i, row := range h.Counts {
		if row == nil || first+i < 0 || first+i >= len(to.Counts) {
			continue
		}
		if to.Counts[first+i] == nil {
			to.Counts[first+i] = make([]float64, len(to.Bounds))
		}
		for j, c := range row {
			if into[j] >= 0 {
				to.Counts[first+i][into[j]] += c
			}
		}
	}
}
