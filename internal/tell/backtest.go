package tell

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// BacktestSays is a backtest in one sentence or two: what the check would have
// seen, for the metric people ask about first, and how often it cried wolf.
func BacktestSays(b debrief.Backtest) (bold, rest string) {
	rest = capital(CriedWolf(b.False, b.Releases)) + " made-up releases would have cried wolf (" + FalseBounds(b.FalseLow, b.FalseHigh) + ")."
	m, l, ok := mostAsked(b)
	if !ok {
		return "At this traffic no change would surely be seen.", rest
	}
	return "At this traffic you will see " + Seen(m, l) + " " + Clean(m.Metric) + " within " + withinWord(l.After) + ".", rest
}

// mostAsked is the metric and look a team asks about first: the latency of the
// whole service within the hour.
func mostAsked(b debrief.Backtest) (debrief.BacktestMetric, debrief.BacktestLook, bool) {
	var best debrief.BacktestMetric
	var look debrief.BacktestLook
	rank := 1 << 30
	for _, m := range b.Metrics {
		for _, l := range m.Looks {
			if l.Seen <= 0 {
				continue
			}
			r := 100 * map[debrief.Role]int{debrief.Latency: 0, debrief.Errors: 1, debrief.Traffic: 2}[cmp.Or(m.Role, debrief.Other)]
			if m.Role == debrief.Other {
				r = 300
			}
			if m.Part {
				r += 1000
			}
			switch {
			case l.After > time.Hour:
				r += 20
			case l.After < time.Hour:
				r += 10
			}
			if r < rank {
				best, look, rank = m, l, r
			}
		}
	}
	return best, look, rank < 1<<30
}

func withinWord(d time.Duration) string {
	if d == time.Hour {
		return "the hour"
	}
	return Length(d)
}

// CriedWolf counts false alarms: "none of 100", "3 of 100".
func CriedWolf(k, n int) string {
	if k == 0 {
		return "none of " + strconv.Itoa(n)
	}
	return strconv.Itoa(k) + " of " + strconv.Itoa(n)
}

// FalseBounds are the bounds of a share of false alarms, rounded away from it
// to whole per cent: "0 to 4 %".
func FalseBounds(low, high float64) string {
	return Range(math.Floor(100*low), math.Ceil(100*high-1e-9), "%")
}

// Seen is the smallest change a look would have seen: "+12 %", "+0.3 points",
// "×2.4"; a dash where none was, or none could be tried.
func Seen(m debrief.BacktestMetric, l debrief.BacktestLook) string {
	if l.Seen <= 0 {
		return "–"
	}
	text := Size(debrief.Verdict{Relative: l.Relative, Unit: "share"}, l.Seen)
	if strings.HasPrefix(text, "×") {
		return text
	}
	return "+" + text
}

// BacktestBlind says where looks could not tell, and why: one line a metric
// and look of which at least a tenth could not.
func BacktestBlind(b debrief.Backtest) []string {
	var out []string
	for _, m := range b.Metrics {
		if m.Problem != "" {
			out = append(out, Clean(m.Metric)+": "+Clean(m.Problem))
			continue
		}
		for _, l := range m.Looks {
			where := Clean(m.Metric) + ", " + Length(l.After) + " after: "
			switch blind := l.Blind(); {
			case l.Taken == 0:
				out = append(out, where+"no quiet window between real deployments was long enough")
			case 10*blind >= l.Taken:
				var why []string
				for _, r := range sortedReasons(l.CannotTell) {
					why = append(why, Reason(r)+" ("+strconv.Itoa(l.CannotTell[r])+")")
				}
				out = append(out, where+strconv.Itoa(blind)+" of "+strconv.Itoa(l.Taken)+" could not tell: "+list(why))
			case l.Seen <= 0:
				out = append(out, where+"no change that was tried would surely be seen")
			}
		}
	}
	return out
}

// BacktestPlanted says what stands behind the sizes: how many planted changes
// of each were found.
func BacktestPlanted(b debrief.Backtest) []string {
	var out []string
	for _, m := range b.Metrics {
		var parts []string
		for _, l := range m.Looks {
			if l.Seen > 0 {
				parts = append(parts, strconv.Itoa(l.Found)+" of "+strconv.Itoa(l.Planted)+" of "+Seen(m, l)+" after "+Length(l.After))
			}
		}
		if len(parts) > 0 {
			out = append(out, Clean(m.Metric)+": "+list(parts))
		}
	}
	return out
}

func sortedReasons(counts map[debrief.Reason]int) []debrief.Reason {
	var rs []debrief.Reason
	for r := range counts {
		rs = append(rs, r)
	}
	slices.SortFunc(rs, func(a, b debrief.Reason) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return rs
}

// TerminalBacktest shows a backtest on one screen.
func TerminalBacktest(w TermWriter, name string, b debrief.Backtest) error {
	p := newPage(w)
	loc := w.Loc
	p.para(BacktestSays(b))
	p.line("")
	p.line(p.paint(muted, cut(Clean(name)+", "+Count(b.Releases, "made-up release", "made-up releases")+" from "+Clock(b.From, b.Measured, loc)+" to "+Clock(b.To, b.Measured, loc), p.Width)))
	rs := [][]cell{backtestHead(b)}
	for _, m := range b.Metrics {
		rs = append(rs, backtestRow(m))
	}
	p.rows(rs)
	if blind := BacktestBlind(b); len(blind) > 0 {
		p.line("")
		for _, text := range blind {
			p.para("", sentence(capital(text)))
		}
	}
	for _, text := range BacktestNotes(b) {
		p.para("", text)
	}
	return p.flush()
}

func backtestHead(b debrief.Backtest) []cell {
	row := []cell{{text: "", code: muted}, {text: "cried wolf", code: muted}}
	if len(b.Metrics) > 0 {
		for i, l := range b.Metrics[0].Looks {
			text := shortLength(l.After)
			if i == 0 {
				text = "sees in " + text
			}
			row = append(row, cell{text: text, code: muted})
		}
	}
	return append(row, cell{}) // columns end here: the last one would be wrapped
}

func backtestRow(m debrief.BacktestMetric) []cell {
	row := []cell{{text: Clean(m.Metric)}, {text: strconv.Itoa(m.False) + " of " + strconv.Itoa(m.Releases) + " (" + FalseBounds(m.FalseLow, m.FalseHigh) + ")"}}
	switch {
	case m.Releases == 0:
		row[1].text = "–"
	case m.False > 0:
		row[1].code = red
	}
	for _, l := range m.Looks {
		row = append(row, cell{text: Seen(m, l)})
	}
	return append(row, cell{})
}

// shortLength is how tables name a look: "5 min", "1 h", "24 h".
func shortLength(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	case d%time.Minute == 0:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	}
	return Length(d)
}

// BacktestNotes is what a reader has to know of the numbers.
func BacktestNotes(b debrief.Backtest) []string {
	var out []string
	if b.Avoided > 0 {
		out = append(out, capital(Count(b.Avoided, "real deployment was", "real deployments were"))+" kept away from.")
	}
	for _, warning := range b.Warnings {
		out = append(out, sentence(capital(Clean(warning))))
	}
	span := b.To.Sub(b.From)
	for _, m := range b.Metrics {
		if n := len(m.Looks); n > 0 && b.Releases > 0 {
			if last := m.Looks[n-1]; last.Taken > 1 && span/time.Duration(last.Taken) < last.After {
				out = append(out, "Looks of "+Length(last.After)+" overlap here: "+strconv.Itoa(last.Taken)+" of them are worth about "+strconv.Itoa(max(1, int(span/last.After)))+".")
			}
			break
		}
	}
	return out
}
