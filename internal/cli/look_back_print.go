package cli

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/debriefhq/debrief/internal/past"
	"github.com/debriefhq/debrief/internal/tell"
)

// printPicture shows a repository's past on one screen.
func printPicture(w tell.TermWriter, p past.Picture, path string) error {
	s := tell.NewSheet(w, 12)
	s.Title(p.Repository, fmt.Sprintf("%s to %s, %s without merges", p.From.Format("2 Jan 2006"), p.To.Format("2 Jan 2006"), things(p.Commits, "commit", "commits")))
	s.Gap()
	printReleases(s, p)
	s.Gap()
	printLead(s, p.Lead, p.Releases.Assumed == "merge")
	s.Gap()
	printUndone(s, p)
	s.Gap()
	printWhere(s, p)
	for i, q := range p.Ask {
		s.Say(map[bool]string{true: "Ask"}[i == 0], "· "+q)
	}
	if len(p.Ask) > 0 {
		s.Gap()
	}
	s.Say("Next", "debrief serve, and beside it: debrief import git "+path)
	s.Say("", "debrief look-back "+path+" --json gives every figure, with its counts.")
	return s.Write()
}

func printReleases(s *tell.Sheet, p past.Picture) {
	r := p.Releases
	if r.Count == 0 {
		s.Say("Releases", "No tag that reads like a version, and no merge to the main branch, lies in this time. When releases went out cannot be told from this repository.")
		return
	}
	what := "tags that read like a version, " + r.First + " to " + r.Last
	if r.Assumed == "merge" {
		what = "assumed: there are no version tags, or merges were asked for, so every merge to the main branch stands in for one"
	}
	s.Say("Releases", things(r.Count, "release", "releases")+": "+what+".")
	months, most := make([]float64, len(r.Months)), 0
	for i, m := range r.Months {
		months[i], most = float64(m.Releases), max(most, m.Releases)
	}
	if len(months) > 1 {
		s.Line("", bars(months, s.Width()))
		s.Quiet(fmt.Sprintf("a month, %s to %s, 0 to %d", r.Months[0].Month, r.Months[len(months)-1].Month, most))
	}
	if r.Gap.N > 0 {
		text := fmt.Sprintf("Between two: %s in the median (n = %d)", length(r.Gap.Median), r.Gap.N)
		if r.Soon > 0 && r.Assumed == "tag" {
			text += fmt.Sprintf("; %d came within 48 hours of the one before", r.Soon)
		}
		s.Say("", text+".")
	}
	if c := r.Changes; c.N > 0 && c.Most > 1 {
		s.Say("", fmt.Sprintf("Changes in one: %d in the median, %s at most.", c.Median, thousands(c.Most)))
	}
	if n := len(r.Services); n > 0 {
		var names []string
		for _, v := range r.Services[:min(n, 8)] {
			names = append(names, fmt.Sprintf("%s %d", v.Name, v.Releases))
		}
		if n > 8 {
			names = append(names, fmt.Sprintf("and %d more", n-8))
		}
		s.Say("", fmt.Sprintf("By service (tag prefix): %s.", strings.Join(names, ", ")))
	}
	if r.PreReleases > 0 {
		s.Quiet(fmt.Sprintf("Left out: %s of the whole repository, such as candidates and betas.", things(r.PreReleases, "pre-release tag", "pre-release tags")))
	}
}

func printLead(s *tell.Sheet, l past.Lead, merges bool) {
	switch {
	case l.All.N == 0:
		s.Say("Lead time", "Not available: no change is known to have been released after a release less than 60 days before.")
	case l.All.N < 20:
		s.Say("Lead time", fmt.Sprintf("%s from commit to release in the median (n = %d: too few for more).", length(l.All.Median), l.All.N))
	default:
		s.Say("Lead time", fmt.Sprintf("%s from commit to release in the median (n = %s); nine in ten within %s.", length(l.All.Median), thousands(l.All.N), length(l.All.P90)))
	}
	if l.Wait.N > 0 && !merges { // where a merge stands for the release, nothing lies between
		text := fmt.Sprintf("Merged to released: %s (n = %s)", length(l.Wait.Median), thousands(l.Wait.N))
		if l.Merge.N > 0 {
			text = fmt.Sprintf("Commit to merge: %s (n = %s). ", length(l.Merge.Median), thousands(l.Merge.N)) + text
		}
		s.Say("", text+".")
	}
	if l.Waiting > 0 {
		s.Say("", fmt.Sprintf("%s %s to be released, half of them for %s or more.", things(l.Waiting, "change", "changes"), map[bool]string{true: "waits", false: "wait"}[l.Waiting == 1], length(l.Oldest.Median)))
	}
	var left []string
	for _, x := range []struct {
		n   int
		why string
	}{
		{l.Left.Bots, "by dependency bots"},
		{l.Left.Silence, "after 60 days or more without a release"},
		{l.Left.First, "in a release whose predecessor is not known"},
		{l.Left.Many, "beyond the first 5,000 of one release"},
		{l.Left.Skewed, "released before they were committed, by their clocks"},
	} {
		if x.n > 0 {
			left = append(left, thousands(x.n)+" "+x.why)
		}
	}
	if len(left) > 0 {
		s.Quiet("Not in the median: " + strings.Join(left, "; ") + ".")
	}
	if l.Squashed > 0 {
		s.Quiet(fmt.Sprintf("%s squash %s begin at the squash: what went before is not in the repository.", thousands(l.Squashed), map[bool]string{true: "commit", false: "commits"}[l.Squashed == 1]))
	}
}

func printUndone(s *tell.Sheet, p past.Picture) {
	u := p.Undone
	if u.Share.N == 0 {
		s.Say("Undone", "No changes in this time.")
		return
	}
	text := fmt.Sprintf("%s of %s %s reverted later", thousands(u.Share.K), things(u.Share.N, "change", "changes"), map[bool]string{true: "was", false: "were"}[u.Share.K == 1])
	if u.Share.K > 0 && u.Share.N >= past.Enough {
		text += fmt.Sprintf(": %s (%s to %s)", percent(u.Share.Part), percent(u.Share.Low), percent(u.Share.High))
	}
	if u.After.N > 0 {
		text += fmt.Sprintf("; after %s in the median (n = %d)", length(u.After.Median), u.After.N)
	}
	s.Say("Undone", text+".")
	if u.Relanded > 0 {
		s.Say("", fmt.Sprintf("%d more had been undone and landed again.", u.Relanded))
	}
	if h := p.Hotfixes; h.Of > 0 && p.Releases.Assumed == "tag" || h.Count > 0 {
		text := fmt.Sprintf("%d of %s %s like a repair of the one before", h.Count, things(h.Of, "release", "releases"), map[bool]string{true: "looks", false: "look"}[h.Count == 1])
		if len(h.Examples) > 0 {
			text += ": " + strings.Join(h.Examples, ", ")
			if h.Count > len(h.Examples) {
				text += " and others"
			}
		}
		s.Say("Hotfixes", text+". A hint: only people know.")
	}
}

// printWhere shows where the undone changes lie: folders one a line, the rest
// side by side.
func printWhere(s *tell.Sheet, p past.Picture) {
	if len(p.Where) == 0 {
		if p.Undone.Share.K > 0 {
			s.Say("Where", "Fewer than five: too few to say where they cluster.")
			s.Gap()
		}
		return
	}
	marked := false
	for i, g := range p.Where {
		head := map[bool]string{true: "Where"}[i == 0]
		switch g.By {
		case "folder":
			printFolders(s, head, g.Rows)
		case "kind of change":
			s.Say(head, "By kind of change:")
			printFolders(s, "", g.Rows)
		default:
			printAcross(s, head, g)
		}
		for _, r := range g.Rows {
			marked = marked || r.Apart
		}
	}
	if marked {
		s.Quiet("◆ more than in all the rest together, beyond chance.")
	}
	s.Quiet("Undone of changes; one change may touch several folders and be of several kinds; hours by the committer's clock.")
	s.Gap()
}

func printFolders(s *tell.Sheet, head string, rows []past.Row) {
	name := 0
	for _, r := range rows {
		name = max(name, len([]rune(r.Name)))
	}
	name = min(name, s.Width()-26)
	for _, r := range rows {
		row := tell.Pad(r.Name, name, false) + fmt.Sprintf("  %4d of %s", r.K, thousands(r.N))
		if r.N >= past.Enough {
			row += fmt.Sprintf("  %s", percent(r.Part))
		}
		if r.Apart {
			row += " ◆"
		}
		s.Line(head, row)
		head = ""
	}
}

func printAcross(s *tell.Sheet, head string, g past.Group) {
	names, counts := "", ""
	for _, r := range g.Rows {
		count := fmt.Sprintf("%d/%s", r.K, thousands(r.N)) + map[bool]string{true: " ◆"}[r.Apart]
		width := max(len([]rune(r.Name)), len([]rune(count))) + 2
		names += tell.Pad(r.Name, width, false)
		counts += tell.Pad(count, width, false)
	}
	s.Say(head, "By "+g.By+":")
	s.Line("", names)
	s.Line("", counts)
}

// bars are counts as blocks: nothing is a dot, and the scale begins at zero.
func bars(vs []float64, cells int) string {
	if len(vs) > cells {
		vs = vs[len(vs)-max(cells, 1):]
	}
	most := 0.0
	for _, v := range vs {
		most = max(most, v)
	}
	var b strings.Builder
	for _, v := range vs {
		if v == 0 {
			b.WriteRune('·')
			continue
		}
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[min(int(math.Ceil(v/most*8)), 8)-1])
	}
	return b.String()
}

func things(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

func percent(p float64) string {
	switch {
	case p == 0 || p == 1 || p >= 0.0995:
		return fmt.Sprintf("%.0f %%", p*100)
	case p >= 0.00995:
		return fmt.Sprintf("%.1f %%", p*100)
	}
	return fmt.Sprintf("%.2f %%", p*100)
}

// length is a length of time in words, roughly.
func length(seconds float64) string {
	return tell.Length(time.Duration(seconds * float64(time.Second)))
}
