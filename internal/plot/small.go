package plot

import (
	"strings"
)

// Spark is a series as small as a word: no axes, no labels.
type Spark struct {
	Title     string // its name; empty: the words beside it say it all
	V         []float64
	Low, High []float64
	Release   float64 // where the release is, as a share of the width; 0 or 1: no line
	Tone      Tone
	Since     float64 // as Release: from here on the line has the tone
}

const sparkW, sparkH = 160.0, 36.0

// SVG draws the sparkline.
func (k Spark) SVG() string {
	s := &svg{b: make([]byte, 0, 2<<10)}
	s.open("spark", sparkW, sparkH, 0, k.Title)
	s.head(k.Title, "")
	n := min(len(k.Low), len(k.High))
	low, every := Means(k.Low[:n], 40)
	high, _ := Means(k.High[:n], 40)
	vals, ok := spanOf(k.V, append(append([]float64{}, low...), high...)...)
	y := axis{vals.lo, vals.hi, sparkH - 2, 2}
	total := float64(max(len(k.V), n))
	if ok && total > 0 {
		x := axis{0, total, 1, sparkW - 1}
		s.area("band", low, high, func(i float64) float64 { return x.at((i + 0.5) * float64(every)) }, y)
		at := func(i float64) float64 { return x.at(i + 0.5) }
		pts := thin(k.V, 100)
		cut := len(pts)
		if k.Tone != Quiet && k.Since > 0 && k.Since < 1 {
			for cut = 0; cut < len(pts) && pts[cut].i+1 < k.Since*total; cut++ {
			}
		}
		s.path("line", pts[:min(cut+1, len(pts))], at, y)
		if cut < len(pts) {
			s.path("line "+string(k.Tone), pts[cut:], at, y)
		}
	}
	if k.Release > 0 && k.Release < 1 {
		s.line("rel", k.Release*sparkW, 0, k.Release*sparkW, sparkH)
	}
	return s.close()
}

// Hatch stands where a sparkline would, when nothing can be told.
func Hatch(title string) string {
	s := &svg{}
	s.open("spark", sparkW, sparkH, 0, title)
	s.head(title, "")
	s.hatch(0.5, 6.5, sparkW-1, sparkH-13, 9)
	return s.close()
}

// Outline stands where a sparkline would, when it is too early.
func Outline(title string) string {
	s := &svg{}
	s.open("spark", sparkW, sparkH, 0, title)
	s.head(title, "")
	s.rect("early", 0.5, 6.5, sparkW-1, sparkH-13)
	return s.close()
}

// Bar is how long something took, with a mark at what is usual, both as shares
// of the longest one beside it. It stretches to the room it is given.
type Bar struct {
	Title       string
	Took, Usual float64 // Usual 0 or less: not known
	Max         float64
	Tone        Tone
	Waiting     bool // waited, not worked: hatched
}

// SVG draws the bar.
func (b Bar) SVG() string {
	s := &svg{}
	s.open("bar", 100, 20, 0, b.Title)
	s.raw(` preserveAspectRatio="none"`)
	s.head(b.Title, "")
	share := func(v float64) float64 {
		if !finite(v) || !finite(b.Max) || v <= 0 || b.Max <= 0 {
			return 0
		}
		return 1 + 98*min(v/b.Max, 1)
	}
	if w := share(b.Took); w > 0 {
		class := strings.TrimSpace("took " + string(b.Tone))
		if b.Waiting {
			class = "took waiting"
		}
		s.line(class, 0, 10, w, 10)
	}
	if u := share(b.Usual); u > 0 {
		s.line("usual", u, 1, u, 19)
	}
	return s.close()
}

// Word is what a mark stands for. They are debrief's own words; a level 0
// package cannot ask for them.
type Word string

// Mark is a verdict as a sign: its shape says it, the colour only repeats it.
// Worse is a filled diamond, better a triangle, changed an open diamond, steady
// a quiet dot, cannot tell a hatched circle, and anything else an outline: too
// early.
func Mark(word Word, title string) string {
	s := &svg{}
	s.open("mark", 14, 14, 0, title)
	s.head(title, "")
	switch word {
	case "worse":
		s.raw(`<path class="dot worse" d="M7 .5L13.5 7L7 13.5L.5 7Z"/>`)
	case "better":
		s.raw(`<path class="dot better" d="M7 1L13 12H1Z"/>`)
	case "changed":
		s.raw(`<path class="ring changed" d="M7 1.5L12.5 7L7 12.5L1.5 7Z"/>`)
	case "steady":
		s.circle("dot steady", 7, 7, 4.5)
	case "cannot tell":
		s.circle("ring", 7, 7, 5)
		s.raw(`<path class="hatch-line" d="M2.6 8.6L8.6 2.6M3.6 10.4L10.4 3.6M5.4 11.4L11.4 5.4"/>`)
	default:
		s.circle("ring early", 7, 7, 5)
	}
	return s.close()
}
