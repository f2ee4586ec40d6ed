package plot

// svg writes one picture. It knows no NaN (appendPx) and no raw text (escape).
type svg struct{ b []byte }

func (s *svg) raw(parts ...string) {
	for _, p := range parts {
		s.b = append(s.b, p...)
	}
}

func (s *svg) open(class string, w, h, font float64, title string) {
	s.raw(`<svg class="`, class, `" viewBox="0 0 `, px(w), " ", px(h), `"`)
	if font > 0 {
		s.raw(` font-size="`, px(font), `"`)
	}
	if title == "" {
		s.raw(` aria-hidden="true"`)
	} else {
		s.raw(` role="img"`)
	}
}

// head ends the opening tag and gives the picture its name and description.
func (s *svg) head(title, desc string) {
	s.raw(">")
	if title == "" {
		return
	}
	s.raw("<title>", escape(title), "</title>")
	if desc != "" {
		s.raw("<desc>", escape(desc), "</desc>")
	}
}

func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	s.raw(`<line class="`, class, `" x1="`, px(x1), `" y1="`, px(y1), `" x2="`, px(x2), `" y2="`, px(y2), `"/>`)
}

func (s *svg) rect(class string, x, y, w, h float64) {
	s.raw(`<rect class="`, class, `" x="`, px(x), `" y="`, px(y), `" width="`, px(max(w, 0)), `" height="`, px(max(h, 0)), `"/>`)
}

func (s *svg) circle(class string, x, y, r float64) {
	s.raw(`<circle class="`, class, `" cx="`, px(x), `" cy="`, px(y), `" r="`, px(r), `"/>`)
}

// path draws a line through points, broken at gaps; a lone point becomes a dot
// (a line of no length with a round cap).
func (s *svg) path(class string, pts []point, x func(i float64) float64, y axis) {
	d := make([]byte, 0, 11*len(pts))
	run := 0
	for k, p := range pts {
		if !finite(p.v) {
			run = 0
			continue
		}
		d = append(d, "ML"[min(run, 1)])
		d = appendPx(d, x(p.i))
		d = append(d, ' ')
		d = appendPx(d, y.at(p.v))
		run++
		if run == 1 && (k+1 == len(pts) || !finite(pts[k+1].v)) {
			d = append(d, "h0"...)
		}
	}
	if len(d) > 0 {
		s.raw(`<path class="`, class, `" d="`)
		s.b = append(s.b, d...)
		s.raw(`"/>`)
	}
}

// area fills between two lines, broken where either is missing.
func (s *svg) area(class string, low, high []float64, x func(i float64) float64, y axis) {
	var d []byte
	for at := 0; at < len(low); {
		if !finite(low[at]) || !finite(high[at]) {
			at++
			continue
		}
		end := at
		for end < len(low) && finite(low[end]) && finite(high[end]) {
			end++
		}
		cmd := byte('M')
		for i := at; i < end; i++ {
			d = append(d, cmd)
			d = appendPx(append(appendPx(d, x(float64(i))), ' '), y.at(max(low[i], high[i])))
			cmd = 'L'
		}
		for i := end - 1; i >= at; i-- {
			d = appendPx(append(appendPx(append(d, 'L'), x(float64(i))), ' '), y.at(min(low[i], high[i])))
		}
		d = append(d, 'Z')
		at = end
	}
	if len(d) > 0 {
		s.raw(`<path class="`, class, `" d="`)
		s.b = append(s.b, d...)
		s.raw(`"/>`)
	}
}

// hatch fills a rectangle with diagonals, drawn one by one so that the picture
// needs no pattern and so no id.
func (s *svg) hatch(x, y, w, h, gap float64) {
	if w <= 0 || h <= 0 {
		return
	}
	s.rect("hatch-edge", x, y, w, h)
	var d []byte
	for c := gap / 2; c < w+h; c += gap {
		// from the top or right edge down to the left or bottom edge
		x1, y1 := x+min(c, w), y+max(c-w, 0)
		x2, y2 := x+max(c-h, 0), y+min(c, h)
		d = appendPx(append(appendPx(append(d, 'M'), x1), ' '), y1)
		d = appendPx(append(appendPx(append(d, 'L'), x2), ' '), y2)
	}
	if len(d) > 0 {
		s.raw(`<path class="hatch-line" d="`, string(d), `"/>`)
	}
}

func (s *svg) text(class string, l label) {
	s.raw(`<text class="`, class, `" x="`, px(l.x), `" y="`, px(l.base), `"`)
	if l.anchor != "" {
		s.raw(` text-anchor="`, l.anchor, `"`)
	}
	s.raw(">", escape(l.text), "</text>")
}

func (s *svg) close() string {
	s.raw("</svg>")
	return string(s.b)
}
