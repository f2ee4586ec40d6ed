package past

import (
	"fmt"
	"strings"
	"time"
)

// ask turns what stands out into questions about how the work is arranged.
// They ask what in the system makes it so, never who, and set no target.
func ask(p Picture) []string {
	var out []string
	day := (24 * time.Hour).Seconds()
	if w, m := p.Lead.Wait, p.Lead.Merge; w.N >= Enough && m.N >= Enough && w.Median > 2*m.Median && w.Median > day {
		out = append(out, fmt.Sprintf("Half of the changes wait %s or more between merge and release. What is waited for, and what would break if it were less?", span(w.Median)))
	} else if w.N >= Enough && m.N >= Enough && m.Median > 2*w.Median && m.Median > day {
		out = append(out, fmt.Sprintf("Half of the changes take %s or more from commit to merge. What are they waiting for there?", span(m.Median)))
	}
	if l := p.Lead.All; l.N >= Enough && l.P90 > 5*l.Median && l.P90 > 7*day {
		out = append(out, fmt.Sprintf("One change in ten takes over %s to be released, half of them under %s. What do the slow ones have in common?", span(l.P90), span(l.Median)))
	}
	for _, g := range p.Where {
		for _, r := range g.Rows {
			if r.Apart {
				out = append(out, apartQuestion(g.By, r))
			}
		}
	}
	if u := p.Undone; u.Shipped > 0 {
		out = append(out, fmt.Sprintf("%s undone only after %s released. What would have shown it before?", of(u.Shipped, u.Share.K, "undone change was", "undone changes were"), they(u.Shipped)))
	}
	if h := p.Hotfixes; h.Count > 0 {
		out = append(out, fmt.Sprintf("%s like a repair of the one before. What did users notice, and what noticed first: a person or an alert?", of(h.Count, h.Of, "release", "releases")+look(h.Count)))
	} else if p.Releases.Soon > 0 && p.Releases.Gap.N >= 5 && p.Releases.Gap.Median > 7*day {
		out = append(out, fmt.Sprintf("%s came within 48 hours of the one before, where %s is usual. What made that necessary?", of(p.Releases.Soon, p.Releases.Gap.N, "release", "releases"), span(p.Releases.Gap.Median)))
	}
	if u := p.Undone; u.Relanded > 0 && len(out) < 4 {
		out = append(out, fmt.Sprintf("%d that had been undone landed again. What was learned in between, and where is it written down?", u.Relanded))
	}
	if p.Lead.Waiting >= Enough && p.Lead.Oldest.Median > 30*day {
		out = append(out, fmt.Sprintf("%d changes wait to be released, half of them for %s or more. Is that on purpose?", p.Lead.Waiting, span(p.Lead.Oldest.Median)))
	}
	if p.Lead.Left.Silence > 0 && p.Lead.All.N == 0 {
		out = append(out, "Every release came after 60 days or more without one. Are deployments perhaps recorded somewhere else than in tags?")
	}
	return out[:min(len(out), 5)]
}

func apartQuestion(by string, r Row) string {
	counts := fmt.Sprintf("%d of %d", r.K, r.N)
	switch by {
	case "folder":
		return fmt.Sprintf("Changes in %s are undone more often than elsewhere (%s). What makes a mistake there hard to see before it lands?", r.Name, counts)
	case "kind of change":
		return fmt.Sprintf("Changes of the kind %s are undone more often than others (%s). What would show it before they land?", r.Name, counts)
	case "lines changed":
		return fmt.Sprintf("Changes of %s lines are undone more often than others (%s). What would let them land in smaller parts?", r.Name, counts)
	case "weekday":
		return fmt.Sprintf("Changes committed on a %s are undone more often than others (%s). What is different about that day?", dayOf(r.Name), counts)
	}
	return fmt.Sprintf("Changes committed at %s of the day are undone more often than others (%s). What is different then?", r.Name, counts)
}

func dayOf(short string) string {
	for _, d := range []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"} {
		if strings.HasPrefix(d, short) {
			return d
		}
	}
	return short
}

func of(k, n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("%d of %d %s", k, n, one)
	}
	return fmt.Sprintf("%d of %d %s", k, n, many)
}

func look(k int) string {
	if k == 1 {
		return " looks"
	}
	return " look"
}

func they(n int) string {
	if n == 1 {
		return "it was"
	}
	return "they were"
}

// span is a length of time in the unit a person would choose.
func span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	for _, u := range []struct {
		at, unit  time.Duration
		one, many string
	}{
		{14 * 24 * time.Hour, 24 * time.Hour, "day", "days"},
		{48 * time.Hour, 24 * time.Hour, "day", "days"},
		{90 * time.Minute, time.Hour, "hour", "hours"},
	} {
		if d >= u.at {
			n := int((d + u.unit/2) / u.unit)
			if n == 1 {
				return "1 " + u.one
			}
			return fmt.Sprintf("%d %s", n, u.many)
		}
	}
	if n := int((d + time.Minute/2) / time.Minute); n != 1 {
		return fmt.Sprintf("%d minutes", n)
	}
	return "1 minute"
}
