package tell

import (
	"strings"

	"github.com/debriefhq/debrief"
)

// KindWords is what a change or release is, in a line: "a migration and a
// dependency; large".
func KindWords(k debrief.Kinds) string {
	if len(k.Names) == 0 {
		if k.Primary == debrief.KindCode {
			return "code"
		}
		return ""
	}
	return list(k.Names)
}

// shownKindFiles is how many files are named for a kind.
const shownKindFiles = 3

// KindWhy says why a kind holds: what was found, where.
func KindWhy(r debrief.KindReason) string {
	var parts []string
	if r.Says != "" {
		parts = append(parts, Clean(r.Says))
	} else if r.Count > 0 {
		files := make([]string, 0, shownKindFiles+1)
		for _, f := range r.Files[:min(len(r.Files), shownKindFiles)] {
			files = append(files, Clean(f))
		}
		if more := r.Count - len(files); more > 0 {
			files = append(files, numeral(more)+" more")
		}
		parts = append(parts, list(files))
	}
	return strings.Join(parts, "; ")
}

// KindRules names the rules that held: "by the rule flyway".
func KindRules(r debrief.KindReason) string {
	switch len(r.Rules) {
	case 0:
		return ""
	case 1:
		return "by the rule " + r.Rules[0]
	}
	return "by the rules " + list(r.Rules)
}

// SheetKinds writes what a diff is and why.
func SheetKinds(w TermWriter, title, rest string, k debrief.Kinds, files int) error {
	s := NewSheet(w, 22)
	s.Title(title, rest)
	s.Gap()
	if files == 0 {
		s.Say("", "Nothing differs.")
		return s.Write()
	}
	for i, r := range k.Why {
		s.Say(k.Names[i], KindWhy(r))
		s.Say("", KindRules(r))
	}
	if len(k.Names) == 0 {
		s.Say("code", "No rule claims any of its files, and nothing about its size or place stands out.")
	}
	s.Gap()
	s.Say("Counts once as", orUnknown(k.Primary))
	if len(k.Modules) > 0 {
		s.Say("Modules", Modules(k.Modules))
	}
	return s.Write()
}

// shownModules is how many modules are named in a list of them.
const shownModules = 12

// Modules lists modules, the first of them where they are many.
func Modules(all []string) string {
	shown := all[:min(len(all), shownModules)]
	text := Clean(strings.Join(shown, ", "))
	if more := len(all) - len(shown); more > 0 {
		text += " and " + numeral(more) + " more"
	}
	return text
}

// kinds writes what a release brought, and why.
func (p *page) kinds(k debrief.Kinds) {
	words := KindWords(k)
	if words == "" {
		return
	}
	p.head("Kinds of change")
	if len(k.Why) == 0 {
		p.para("", capital(words)+".")
		return
	}
	var rs [][]cell
	for _, r := range k.Why {
		rs = append(rs, []cell{{text: r.Kind}, {text: KindWhy(r), code: muted}})
	}
	p.rows(rs)
}

func orUnknown(s string) string {
	if s == "" {
		return "not known: its files are not"
	}
	return s
}
