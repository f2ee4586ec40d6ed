package plot

import (
	"math"
	"strconv"
	"time"
)

// Tone is which way a picture leans. Only Worse and Better have a colour of
// their own.
type Tone string

const (
	Quiet   Tone = ""
	Worse   Tone = "worse"
	Better  Tone = "better"
	Differs Tone = "changed" // no good direction
)

// Known is how much may be said of what came after the release.
type Known int

const (
	Told       Known = iota
	CannotTell       // hatched
	TooEarly         // outlined
)

// Series is a metric around a release. Missing values are NaN. Low and High,
// where given, are the band of its own past on the same grid.
type Series struct {
	Title, Desc string // the picture's name and its sentence, for those who do not see it
	Start       time.Time
	Step        time.Duration
	V           []float64
	Low, High   []float64
	Release     time.Time // zero: no line
	Label       string    // at the release's line: "v1.42 live 14:03"
	Next        time.Time // the release that followed, where it falls into the picture
	NextLabel   string
	Since       time.Time // from here on the line has the tone; zero: nowhere
	SinceLabel  string    // at the dot: "rises since 14:21"
	Until       time.Time // the end of what is judged
	Tone        Tone
	Known       Known
	Interval    *Interval
	Location    *time.Location // nil: UTC
}

// Interval is where the level after lies, in the series' unit.
type Interval struct{ Low, At, High float64 }

// Frame is the size a series is drawn for. Font is the labels' size in px when
// the picture is shown at its own size.
type Frame struct {
	Class               string
	Width, Height, Font float64
	Points              int // at most so many of the line
}

// Wide is drawn for a column of 600 px and more: there its labels are 12 px.
func Wide() Frame { return Frame{"plot wide", 640, 178, 13, 240} }

// Narrow is drawn for a phone: on 320 px less two margins its labels are 12 px.
func Narrow() Frame { return Frame{"plot narrow", 312, 186, 13, 120} }

// Shaded reports whether the band can be seen: one that is narrower than the
// line itself over the whole width is not worth a word.
func (s Series) Shaded() bool {
	n := min(len(s.Low), len(s.High))
	vals, ok := spanOf(s.V, append(append([]float64{}, s.Low[:n]...), s.High[:n]...)...)
	if !ok {
		return false
	}
	least, seen := (vals.hi-vals.lo)*0.03, 0
	for i := range n {
		if finite(s.Low[i]) && finite(s.High[i]) && min(s.High[i], vals.hi)-max(s.Low[i], vals.lo) > least {
			seen++
		}
	}
	return seen*10 > n
}

// SVG draws the series. Any values give a well-formed picture.
func (s Series) SVG(f Frame) string {
	d := s.lay(f)
	return d.draw()
}

// drawing is a series laid out for one frame.
type drawing struct {
	Series
	f      Frame
	g      grid
	line   []point
	low    []float64
	high   []float64
	every  int // grid points per band point
	vals   span
	has    bool
	t1     float64 // end of the time axis, in seconds after start
	x, y   axis
	ls     labels
	ticks  []label
	tickAt []float64
	times  []label
	rel    float64 // x of the release's line; NaN: none
	next   float64
	dot    *[2]float64
	named  []label // release, next, since
	classy []string
}

func (s Series) lay(f Frame) *drawing {
	d := &drawing{Series: s, f: f, g: gridOf(s.Start, s.Step), rel: math.NaN(), next: math.NaN()}
	if d.Location == nil {
		d.Location = time.UTC
	}
	d.ls.within = box{0, 0, f.Width, f.Height}
	d.line = thin(s.V, f.Points)
	n := min(len(s.Low), len(s.High))
	d.low, d.every = Means(s.Low[:n], f.Points/2)
	d.high, _ = Means(s.High[:n], f.Points/2)
	d.layValues()
	d.layTimes()
	d.layNames()
	return d
}

func (d *drawing) layValues() {
	around := append(append([]float64{}, d.low...), d.high...)
	if iv := d.Interval; iv != nil {
		around = append(around, iv.Low, iv.At, iv.High)
	}
	d.vals, d.has = spanOf(d.V, around...)
	top, bottom := d.f.Font+10, d.f.Height-d.f.Font-10
	d.y = axis{d.vals.lo, d.vals.hi, bottom, top}
	left := 8.0
	if d.has {
		d.tickAt = d.vals.ticks()
		names := tickLabels(d.tickAt)
		for _, n := range names {
			left = max(left, textWidth(n, d.f.Font)+8)
		}
		left = min(left, d.f.Width/3)
		for i, n := range names {
			l := labelAt(fit(n, d.f.Font, left-6), left-6, d.y.at(d.tickAt[i])+d.f.Font*0.36, d.f.Font, "end")
			if d.ls.try(l) {
				d.ticks = append(d.ticks, l)
			}
		}
	}
	right := 4.0
	if d.Interval != nil {
		right = 16
	}
	d.x = axis{0, 1, left, d.f.Width - right}
}

func (d *drawing) layTimes() {
	data := d.g.step * float64(max(len(d.V), len(d.Low)))
	d.t1 = data
	if d.Known == TooEarly && d.Until.After(d.Start) {
		// The outline shows where data will come, but never squeezes what is there.
		room := d.g.seconds(d.Until)
		if data > 0 {
			room = min(room, 2*data)
		}
		d.t1 = max(d.t1, room)
	}
	if d.t1 <= 0 {
		d.t1 = 1
	}
	d.x.v1 = d.t1
	if d.Start.IsZero() || data <= 0 && d.Known != TooEarly {
		return
	}
	base := d.f.Height - 4
	add := func(at float64, anchor string) {
		t := d.Start.Add(time.Duration(at * float64(time.Second))).In(d.Location)
		layout := "15:04"
		if d.t1 < 10*60 {
			layout = "15:04:05"
		}
		if d.t1 > 20*3600 {
			layout = "Mon 15:04"
		}
		if d.t1 > 7*24*3600 {
			layout = "2 Jan"
		}
		if l := labelAt(t.Format(layout), d.x.at(at), base, d.f.Font, anchor); d.ls.try(l) {
			d.times = append(d.times, l)
		}
	}
	if d.t1 > 200*365*24*3600 {
		return // beyond what a duration holds
	}
	add(0, "")
	add(d.t1, "end")
	if at := d.g.seconds(d.Release); !d.Release.IsZero() && at > 0 && at < d.t1 {
		d.rel = d.x.at(at)
		add(at, "middle")
	}
	if at := d.g.seconds(d.Next); !d.Next.IsZero() && at > 0 && at < d.t1 {
		d.next = d.x.at(at)
	}
}

func (d *drawing) layNames() {
	d.nameLine(d.rel, d.Label, "lab")
	d.nameLine(d.next, d.NextLabel, "lab mut")
	if d.Since.IsZero() {
		return
	}
	i := math.Floor(d.g.seconds(d.Since) / d.g.step)
	at := -1
	for k := range d.V { // the first value at or after; else the last before
		if finite(d.V[k]) {
			at = k
			if float64(k) >= i {
				break
			}
		}
	}
	if at < 0 {
		return
	}
	px, py := d.x.at(d.g.middle(float64(at))), d.y.at(d.V[at])
	d.dot = &[2]float64{px, py}
	d.split(float64(at))
	var pts [][2]float64
	for _, p := range d.line {
		if finite(p.v) {
			pts = append(pts, [2]float64{d.x.at(d.g.middle(p.i)), d.y.at(p.v)})
		}
	}
	text := fit(clean(d.SinceLabel), d.f.Font, (d.x.p1-d.x.p0)*0.8)
	w := textWidth(text, d.f.Font)
	near, far := d.f.Font+6, 2*d.f.Font+8
	right, left := px+7, px-7-w
	var cands []label
	for _, at := range [][2]float64{
		{right, near},
		{left, -8},
		{left, near},
		{right, -8},
		{right, far},
		{left, -d.f.Font - 10},
		{d.x.p1 - w, near},
		{d.x.p1 - w, -8},
		{d.x.p0 + 4, near},
		{d.x.p0 + 4, -8},
	} {
		base := min(max(py+at[1], d.y.p1+d.f.Font), d.y.p0-4)
		cands = append(cands, labelAt(text, at[0], base, d.f.Font, ""))
	}
	if l, ok := d.ls.least(cands, pts); ok {
		d.named, d.classy = append(d.named, l), append(d.classy, "lab "+string(d.Tone))
	}
}

// nameLine puts a name above a vertical line: right of it, else left of it.
func (d *drawing) nameLine(x float64, text, class string) {
	if math.IsNaN(x) {
		return
	}
	right, left := d.x.p1-x-5, x-5
	text = fit(clean(text), d.f.Font, max(right, left))
	for _, l := range []label{labelAt(text, x+5, d.f.Font+1, d.f.Font, ""), labelAt(text, x-5, d.f.Font+1, d.f.Font, "end")} {
		if d.ls.try(l) {
			d.named, d.classy = append(d.named, l), append(d.classy, class)
			return
		}
	}
}

// split puts the exact point where the change began into the line.
func (d *drawing) split(at float64) {
	out := make([]point, 0, len(d.line)+1)
	done := false
	for _, p := range d.line {
		if !done && p.i >= at {
			out, done = append(out, point{at, d.V[int(at)]}), true
			if p.i == at {
				continue
			}
		}
		out = append(out, p)
	}
	if !done {
		out = append(out, point{at, d.V[int(at)]})
	}
	d.line = out
}

func (d *drawing) draw() string {
	s := &svg{b: make([]byte, 0, 8<<10)}
	s.open(d.f.Class, d.f.Width, d.f.Height, d.f.Font, d.Title)
	if d.has && !d.Start.IsZero() {
		s.raw(` data-x="`, px(d.x.p0), " ", px(d.x.p1), `" data-t="`, sec(d.Start, 0), " ", sec(d.Start, d.t1),
			`" data-y="`, px(d.y.p0), " ", px(d.y.p1), `" data-v="`, num(d.vals.lo), " ", num(d.vals.hi), `"`)
	}
	s.head(d.Title, d.Desc)
	for _, t := range d.tickAt {
		s.line("grid", d.x.p0, d.y.at(t), d.x.p1, d.y.at(t))
	}
	for _, l := range d.ticks {
		s.text("tick", l)
	}
	bandX := func(i float64) float64 {
		switch i { // the band begins and ends with the line, however coarse it is
		case 0:
			return d.x.at(d.g.middle(0))
		case float64(len(d.low) - 1):
			return d.x.at(d.g.middle(float64(min(len(d.Low), len(d.High)) - 1)))
		}
		return d.x.at((i + 0.5) * float64(d.every) * d.g.step)
	}
	s.area("band", d.low, d.high, bandX, d.y)
	d.drawAfter(s)
	lineX := func(i float64) float64 { return d.x.at(d.g.middle(i)) }
	if d.dot == nil {
		s.path("line", d.line, lineX, d.y)
	} else {
		k := 0
		for k < len(d.line) && lineX(d.line[k].i) < d.dot[0] {
			k++
		}
		k = min(k, len(d.line)-1)
		s.path("line", d.line[:k+1], lineX, d.y)
		s.path("line "+string(d.Tone), d.line[k:], lineX, d.y)
	}
	for _, x := range []float64{d.rel, d.next} {
		if !math.IsNaN(x) {
			s.line("rel", x, 3, x, d.y.p0)
		}
	}
	if d.dot != nil {
		s.circle("dot "+string(d.Tone), d.dot[0], d.dot[1], 3.5)
	}
	d.drawInterval(s)
	for i, l := range d.named {
		s.text(d.classy[i], l)
	}
	for _, l := range d.times {
		s.text("tick", l)
	}
	return s.close()
}

// drawAfter hatches or outlines the time of which nothing is told.
func (d *drawing) drawAfter(s *svg) {
	if d.Known == Told {
		return
	}
	x0, x1 := d.x.p0, d.x.p1
	if !math.IsNaN(d.rel) {
		x0 = d.rel
	}
	if at := d.g.seconds(d.Until); !d.Until.IsZero() && at > 0 && at < d.t1 {
		x1 = max(d.x.at(at), x0)
	}
	if d.Known == CannotTell {
		s.hatch(x0, d.y.p1, x1-x0, d.y.p0-d.y.p1, 10)
		return
	}
	s.rect("early", x0, d.y.p1, x1-x0, d.y.p0-d.y.p1)
}

func (d *drawing) drawInterval(s *svg) {
	iv := d.Interval
	if iv == nil || !d.has || !finite(iv.Low) || !finite(iv.High) || !finite(iv.At) {
		return
	}
	x := d.f.Width - 7
	class := "interval " + string(d.Tone)
	lo, hi := d.y.at(min(iv.Low, iv.High)), d.y.at(max(iv.Low, iv.High))
	s.line(class, x, lo, x, hi)
	s.line(class, x-4, lo, x+4, lo)
	s.line(class, x-4, hi, x+4, hi)
	s.circle("dot "+string(d.Tone), x, d.y.at(iv.At), 2.5)
}

func sec(start time.Time, after float64) string {
	return strconv.FormatFloat(math.Round(float64(start.Unix())+after), 'f', -1, 64)
}

func num(v float64) string {
	if !finite(v) {
		v = 0
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}
