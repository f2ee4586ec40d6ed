package tell

import (
	"bytes"
	"io"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"

	"github.com/debriefhq/debrief"
)

// TermWriter is where terminal text goes, and what the terminal can do.
type TermWriter struct {
	Out    io.Writer
	Width  int  // columns; 0: 80
	Colour bool // ask Colour
	Loc    *time.Location
}

// Colour decides whether to use colour: only on a terminal, never when
// NO_COLOR is set (to anything but the empty string) or the terminal is dumb.
func Colour(getenv func(string) string, terminal bool) bool {
	return terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

const (
	bold  = "1"
	muted = "2"
	red   = "38;5;166" // vermilion: worse
	teal  = "38;5;30"  // better
)

// page collects lines, so that a story is written at once or not at all.
type page struct {
	TermWriter
	buf bytes.Buffer
}

func newPage(w TermWriter) *page {
	if w.Width <= 0 {
		w.Width = 80
	}
	w.Width = max(w.Width, 24)
	return &page{TermWriter: w}
}

func (p *page) flush() error {
	_, err := p.Out.Write(p.buf.Bytes())
	return err
}

func (p *page) paint(code, text string) string {
	if !p.Colour || code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *page) line(text string) {
	p.buf.WriteString(strings.TrimRight(text, " "))
	p.buf.WriteByte('\n')
}

func (p *page) head(text string) {
	p.line("")
	p.line(p.paint(muted, cut(text, p.Width)))
}

// para writes prose, wrapped, with its opening in bold.
func (p *page) para(opening, rest string) {
	lines := wrap(strings.TrimSpace(opening+" "+rest), p.Width)
	left := opening
	for _, l := range lines {
		switch {
		case left == "":
		case strings.HasPrefix(left, l):
			left = strings.TrimSpace(left[len(l):])
			l = p.paint(bold, l)
		case strings.HasPrefix(l, left):
			l = p.paint(bold, left) + l[len(left):]
			left = ""
		default:
			left = ""
		}
		p.line(l)
	}
}

// cell is one field of a row.
type cell struct {
	text  string
	code  string // colour
	right bool   // aligned right
}

// rows writes aligned columns; the last one wraps within what width is left,
// and moves to its own line where that is too little.
func (p *page) rows(rs [][]cell) {
	const gap = "  "
	var widths []int
	for _, r := range rs {
		for i, c := range r[:len(r)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(c.text))
		}
	}
	indent := fit(widths, p.Width, len(gap))
	own := p.Width-indent < 20
	for _, r := range rs {
		var b strings.Builder
		for i, c := range r[:len(r)-1] {
			c.text = cut(c.text, widths[i])
			space := strings.Repeat(" ", max(widths[i]-columns(c.text), 0))
			b.WriteString(gap)
			if c.right {
				b.WriteString(space + p.paint(c.code, c.text))
			} else {
				b.WriteString(p.paint(c.code, c.text) + space)
			}
		}
		last := r[len(r)-1]
		at := indent
		if own {
			at = 4
			p.line(b.String())
			b.Reset()
			b.WriteString("  ")
		}
		for i, l := range wrap(last.text, p.Width-at) {
			if i > 0 {
				b.Reset()
				b.WriteString(strings.Repeat(" ", at-len(gap)))
			}
			p.line(b.String() + gap + p.paint(last.code, l))
		}
		if last.text == "" && !own {
			p.line(b.String())
		}
	}
}

// fit narrows the widest columns until all of them stand on one line, and
// returns where the next one begins.
func fit(widths []int, width, gap int) int {
	for {
		sum, widest := gap, 0
		for i, w := range widths {
			sum += w + gap
			if w > widths[widest] {
				widest = i
			}
		}
		if sum <= width || len(widths) == 0 || widths[widest] <= 4 {
			return sum
		}
		widths[widest]--
	}
}

func columns(s string) int { return displaywidth.String(s) }

// wrap breaks text into lines of at most width columns, at spaces; a word that
// is longer is cut.
func wrap(text string, width int) []string {
	width = max(width, 8)
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(text) {
		w := columns(word)
		if line != "" && used+1+w > width {
			lines, line, used = append(lines, line), "", 0
		}
		for w > width {
			head := displaywidth.TruncateString(word, width, "")
			if head == "" {
				break
			}
			lines, word = append(lines, head), word[len(head):]
			w = columns(word)
		}
		if line != "" {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+w
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// cut shortens text to width columns with an ellipsis.
func cut(text string, width int) string {
	if columns(text) <= width {
		return text
	}
	return displaywidth.TruncateString(text, width, "…")
}

func colourOf(w debrief.Word) string {
	switch w {
	case debrief.Worse:
		return red
	case debrief.Better:
		return teal
	case debrief.Steady, debrief.CannotTell, debrief.Pending:
		return muted
	}
	return ""
}
