package plot

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Chart is a series drawn with the characters of a terminal: the line in
// braille dots, the range of its own past shaded, a bar where each mark is.
// All slices lie on one grid.
type Chart struct {
	V         []float64
	Low, High []float64
	Marks     []ChartMark
	Width     int // columns, labels included
	Height    int // rows, without the axis
	Label     func(float64) string
	From, To  string // stand under the first and the last point
}

// ChartMark is an upright line where point At begins, and what stands under it.
type ChartMark struct {
	At    int
	Label string
}

// Lines draws the chart, one string a row, the axis and its labels last.
func (c Chart) Lines() []string {
	rows := max(c.Height, 2)
	n := min(len(c.Low), len(c.High))
	vals, ok := spanOf(c.V, append(append([]float64{}, c.Low[:n]...), c.High[:n]...)...)
	if !ok {
		return nil
	}
	labels := make([]string, rows)
	wide := 0
	for _, v := range vals.ticks() {
		at := clampInt(int(vals.down(v)*float64(rows)), 0, rows-1)
		labels[at] = c.Label(v)
		wide = max(wide, utf8.RuneCountInString(labels[at]))
	}
	cols := max(c.Width-wide-2, 8)
	d := newDots(cols, rows)
	total := float64(max(len(c.V), n))
	d.line(c.V, total, vals)
	cells := make([][]rune, rows)
	for r := range cells {
		cells[r] = make([]rune, cols)
		for x := range cells[r] {
			i := int((float64(x) + 0.5) / float64(cols) * total)
			y := vals.at((float64(r) + 0.5) / float64(rows))
			switch {
			case d.cells[r*cols+x] != 0:
				cells[r][x] = 0x2800 + rune(d.cells[r*cols+x])
			case i < n && c.Low[i] <= y && y <= c.High[i]:
				cells[r][x] = '░'
			default:
				cells[r][x] = ' '
			}
		}
	}
	axis := []rune(strings.Repeat("─", cols))
	under := blank(cols + wide + 2)
	for _, m := range c.Marks {
		x := int(float64(m.At) / total * float64(cols))
		if m.At <= 0 || x >= cols {
			continue
		}
		for r := range cells {
			if cells[r][x] == ' ' || cells[r][x] == '░' {
				cells[r][x] = '│'
			}
		}
		axis[x] = '┴'
		under.put(wide+2+x-utf8.RuneCountInString(m.Label)/2, m.Label)
	}
	under.put(wide+2, c.From)
	under.put(cols+wide+2-utf8.RuneCountInString(c.To), c.To)
	out := make([]string, 0, rows+2)
	for r, line := range cells {
		tick := "│"
		if labels[r] != "" {
			tick = "┤"
		}
		out = append(out, strings.Repeat(" ", wide-utf8.RuneCountInString(labels[r]))+labels[r]+" "+tick+strings.TrimRight(string(line), " "))
	}
	return append(out, strings.Repeat(" ", wide)+" └"+string(axis), strings.TrimRight(string(under), " "))
}

// down is how far from the top of the range v lies, as a share of it.
func (s span) down(v float64) float64 { return (s.hi - v) / (s.hi - s.lo) }

// at is the value that lies so far from the top.
func (s span) at(down float64) float64 { return s.hi - down*(s.hi-s.lo) }

// row is a line of text that words are put into where they do not touch others.
type row []rune

func blank(n int) row { return row(strings.Repeat(" ", max(n, 0))) }

func (r row) put(at int, text string) {
	w := utf8.RuneCountInString(text)
	at = clampInt(at, 0, len(r)-w)
	if w == 0 || at < 0 {
		return
	}
	for i := max(at-1, 0); i < min(at+w+1, len(r)); i++ {
		if r[i] != ' ' {
			return
		}
	}
	copy(r[at:], []rune(text))
}

// dots is a drawing in braille: two columns and four rows of dots a character.
type dots struct {
	cols, rows int
	cells      []byte
}

func newDots(cols, rows int) *dots { return &dots{cols, rows, make([]byte, cols*rows)} }

func (d *dots) set(x, y int) {
	if x < 0 || y < 0 || x >= 2*d.cols || y >= 4*d.rows {
		return
	}
	bit := [4][2]byte{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}[y%4][x%2]
	d.cells[y/4*d.cols+x/2] |= bit
}

// line joins neighbouring values; a gap stays one.
func (d *dots) line(vs []float64, total float64, vals span) {
	lastX, lastY, drawn := 0, 0, false
	for _, p := range thin(vs, 4*d.cols) {
		if !finite(p.v) {
			drawn = false
			continue
		}
		x := int((p.i + 0.5) / total * float64(2*d.cols))
		y := clampInt(int(vals.down(p.v)*float64(4*d.rows)), 0, 4*d.rows-1)
		if !drawn {
			d.set(x, y)
		} else {
			d.join(lastX, lastY, x, y)
		}
		lastX, lastY, drawn = x, y, true
	}
}

func (d *dots) join(x0, y0, x1, y1 int) {
	n := max(abs(x1-x0), abs(y1-y0), 1)
	for k := 0; k <= n; k++ {
		at := float64(k) / float64(n)
		d.set(int(math.Round(float64(x0)+at*float64(x1-x0))), int(math.Round(float64(y0)+at*float64(y1-y0))))
	}
}

func abs(x int) int { return max(x, -x) }

func clampInt(x, lo, hi int) int { return max(lo, min(x, hi)) }
