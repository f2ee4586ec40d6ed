package plot

// label is one line of text and the box it takes.
type label struct {
	text    string
	x, base float64
	anchor  string // "", "middle", "end"
	box     box
}

type box struct{ x0, y0, x1, y1 float64 }

func (b box) meets(o box) bool {
	return b.x0 < o.x1 && o.x0 < b.x1 && b.y0 < o.y1 && o.y0 < b.y1
}

func (b box) inside(o box) bool {
	return b.x0 >= o.x0 && b.y0 >= o.y0 && b.x1 <= o.x1 && b.y1 <= o.y1
}

// labelAt sets text with its anchor at (x, base).
func labelAt(text string, x, base, size float64, anchor string) label {
	w := textWidth(text, size)
	x0 := x
	switch anchor {
	case "middle":
		x0 = x - w/2
	case "end":
		x0 = x - w
	}
	return label{text, x, base, anchor, box{x0, base - size, x0 + w, base + size*0.3}}
}

// labels keeps what was set already and refuses what would cover it.
type labels struct {
	within box
	set    []label
}

// try sets l where it is inside the picture and covers no other label.
func (ls *labels) try(l label) bool {
	if l.text == "" || !l.box.inside(ls.within) {
		return false
	}
	for _, o := range ls.set {
		grown := box{o.box.x0 - 4, o.box.y0, o.box.x1 + 4, o.box.y1}
		if l.box.meets(grown) {
			return false
		}
	}
	ls.set = append(ls.set, l)
	return true
}

// least sets that one of the candidates which covers the fewest points of the
// line. A later candidate must be better by dear points for each place it
// stands behind: a label far from what it names says little.
func (ls *labels) least(cands []label, points [][2]float64) (label, bool) {
	const dear = 1
	best, cost := -1, 0
	for i, c := range cands {
		probe := labels{ls.within, ls.set}
		if !probe.try(c) {
			continue
		}
		n := i * dear
		for _, p := range points {
			if p[0] > c.box.x0-3 && p[0] < c.box.x1+3 && p[1] > c.box.y0-2 && p[1] < c.box.y1+2 {
				n++
			}
		}
		if best < 0 || n < cost {
			best, cost = i, n
		}
	}
	if best < 0 {
		return label{}, false
	}
	ls.set = append(ls.set, cands[best])
	return cands[best], true
}
