package tell

import "strings"

// Sheet is a page for a terminal with names in a left column and text beside
// them. It is written at once, or not at all.
type Sheet struct {
	p    *page
	left int
}

// NewSheet begins a sheet whose left column has so many columns.
func NewSheet(w TermWriter, left int) *Sheet {
	p := newPage(w)
	return &Sheet{p, min(left, p.Width/3)}
}

// Width is what is left beside the names.
func (s *Sheet) Width() int { return s.p.Width - s.left }

// Title is the first line; rest is said more quietly behind it.
func (s *Sheet) Title(title, rest string) {
	s.p.para(Clean(title), Clean(rest))
}

// Say writes a paragraph beside a name; an empty name goes on with the last.
func (s *Sheet) Say(name, text string) {
	for i, l := range wrap(Clean(text), s.Width()) {
		if i > 0 {
			name = ""
		}
		s.beside(name, l)
	}
}

// Line writes one line as it is, cut at the width.
func (s *Sheet) Line(name, text string) { s.beside(name, cut(text, s.Width())) }

// Quiet writes a paragraph in muted type.
func (s *Sheet) Quiet(text string) {
	for _, l := range wrap(Clean(text), s.Width()) {
		s.p.line(strings.Repeat(" ", s.left) + s.p.paint(muted, l))
	}
}

// Gap leaves a line empty.
func (s *Sheet) Gap() { s.p.line("") }

// Write hands the sheet over.
func (s *Sheet) Write() error { return s.p.flush() }

func (s *Sheet) beside(name, text string) {
	name = cut(Clean(name), s.left-1)
	s.p.line(s.p.paint(bold, name) + strings.Repeat(" ", s.left-columns(name)) + text)
}

// Pad brings text to a width, on the left or the right.
func Pad(text string, width int, right bool) string {
	text = cut(Clean(text), width)
	space := strings.Repeat(" ", max(width-columns(text), 0))
	if right {
		return space + text
	}
	return text + space
}
