package cli

import (
	"fmt"
	"io"
)

// progress shows how far something is: one line that is redrawn on a terminal,
// and elsewhere (a CI log) a line only when something changes.
type progress struct {
	w    io.Writer
	live bool
	last string
}

// show tells the state; detail may change every second and is left out of logs.
func (p *progress) show(state, detail string) {
	if !p.live {
		if state != p.last {
			fmt.Fprintln(p.w, "debrief: "+state)
		}
		p.last = state
		return
	}
	if detail != "" {
		state += " (" + detail + ")"
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s", state)
	p.last = state
}

// done leaves the terminal as it was.
func (p *progress) done() {
	if p.live && p.last != "" {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
