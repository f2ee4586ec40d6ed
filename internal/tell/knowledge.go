package tell

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Page is one file of a folder of debriefs.
type Page struct {
	Path string // with slashes
	Text string
}

// Knowledge is what a team learned as a folder of Markdown that reads well in a
// git repository: one page for each finished debrief, by year, and an index by
// gap. The same debriefs give the same files.
func Knowledge(debriefs []debrief.Debrief, actions map[string]debrief.Action, loc *time.Location) []Page {
	var done []debrief.Debrief
	for _, d := range debriefs {
		if d.State == debrief.DebriefFinished {
			done = append(done, d)
		}
	}
	slices.SortFunc(done, func(a, b debrief.Debrief) int {
		if c := b.Finished.Compare(a.Finished); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	var pages []Page
	var index strings.Builder
	index.WriteString("# What our releases taught us\n")
	taken := map[string]bool{"README.md": true}
	where := map[string]string{}
	for _, d := range done {
		day := in(d.Finished, loc)
		slug := debrief.Slug(d.Title)
		if slug == "" {
			slug = "debrief"
		}
		name := path.Join(day.Format("2006"), day.Format("2006-01-02")+"-"+cutSlug(slug, 60))
		for n := 2; taken[name+".md"]; n++ {
			name = fmt.Sprintf("%s-%d", strings.TrimSuffix(name, fmt.Sprintf("-%d", n-1)), n)
		}
		taken[name+".md"], where[d.ID] = true, name+".md"
		pages = append(pages, Page{name + ".md", debriefPage(d, actions[d.ActionID], loc)})
	}
	for _, gap := range debrief.Gaps() {
		var lines []string
		for _, d := range done {
			if d.Gap == gap {
				line := "- [" + linkText(d.Title) + "](" + where[d.ID] + "), " + in(d.Finished, loc).Format("2 January 2006")
				if a, ok := actions[d.ActionID]; ok {
					line += ". One action: " + linkText(strings.TrimSuffix(a.Title, ".")) + " (" + ActionState(a) + ")"
				}
				lines = append(lines, line+".")
			}
		}
		if len(lines) > 0 {
			index.WriteString("\n## " + capital(string(gap)) + "\n\n" + strings.Join(lines, "\n") + "\n")
		}
	}
	if len(done) == 0 {
		index.WriteString("\nNo debrief is finished yet.\n")
	}
	return append([]Page{{"README.md", index.String()}}, pages...)
}

func debriefPage(d debrief.Debrief, a debrief.Action, loc *time.Location) string {
	var b strings.Builder
	text := strings.TrimSpace(d.Text)
	if !strings.HasPrefix(text, "# ") {
		b.WriteString("# " + Clean(d.Title) + "\n\n")
	}
	b.WriteString(text + "\n\n---\n\n")
	fmt.Fprintf(&b, "Service: %s. Finished %s. Gap: %s.\n", Clean(d.Service), in(d.Finished, loc).Format("2 January 2006"), d.Gap)
	if a.ID == "" {
		return b.String()
	}
	b.WriteString("\n## The one action\n\n" + Clean(a.Title) + "\n\n")
	for _, f := range []struct{ name, value string }{
		{"Scope", a.Scope}, {"Done when", a.DoneWhen}, {"Owner", a.Owner}, {"Issue", a.URL}, {"State", ActionState(a)},
	} {
		if f.value != "" {
			fmt.Fprintf(&b, "- %s: %s\n", f.name, Clean(f.value))
		}
	}
	if a.Promise != nil {
		fmt.Fprintf(&b, "- Shown by: %s\n", Clean(a.Promise.String()))
	}
	for _, p := range a.Postponed {
		fmt.Fprintf(&b, "- Put off on %s: %s\n", in(p.At, loc).Format("2 January 2006"), Clean(p.Reason))
	}
	if len(d.Parked) > 0 {
		b.WriteString("\nParked:\n\n")
		for _, p := range d.Parked {
			b.WriteString("- " + Clean(p) + "\n")
		}
	}
	return b.String()
}

// cutSlug ends a slug at a word.
func cutSlug(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if i := strings.LastIndexByte(s[:n], '-'); i > n/2 {
		return s[:i]
	}
	return s[:n]
}

func linkText(s string) string {
	return strings.NewReplacer("[", "\\[", "]", "\\]", "\n", " ").Replace(Clean(s))
}
