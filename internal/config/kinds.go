package config

import "strings"

// ChangeKinds is what a team adds to the rules by which changes are sorted. They are
// checked by those who know the rules.
type ChangeKinds struct {
	Own    []string            `yaml:"own"`   // kinds of the team's own
	Rules  map[string]KindRule `yaml:"rules"` // by name
	Off    []string            `yaml:"off"`   // rules of debrief's that do not hold here
	Limits KindLimits          `yaml:"limits"`
	// Where are the places in the file that said these, for messages.
	Where map[string]string `yaml:"-"`
}

// KindRule says that files which look so make a change one of a kind.
type KindRule struct {
	Kind  string   `yaml:"kind"`
	Paths []string `yaml:"paths"`
	Not   []string `yaml:"not"`
	Lines []string `yaml:"lines"` // regular expressions for added or removed lines
	Why   string   `yaml:"why"`   // what it recognises, in the team's words
}

// KindLimits say when a change is large, and when its place stands out.
type KindLimits struct {
	Lines   int `yaml:"lines"`
	Files   int `yaml:"files"`
	Months  int `yaml:"months"`
	Authors int `yaml:"authors"`
	Changes int `yaml:"changes"`
	Mended  int `yaml:"mended"`
}

// Place is a part of the block as a message names it: with the line of the file
// that said it, or the block around it.
func (k ChangeKinds) Place(path string) string {
	full := strings.TrimSuffix("kinds."+path, ".")
	for p := full; p != ""; p = p[:max(strings.LastIndexByte(p, '.'), 0)] {
		if at, ok := k.Where[p]; ok {
			return at + ": " + full
		}
	}
	return full
}

func (k *ChangeKinds) remember(at map[string]string) {
	for path, place := range at {
		if (path == "kinds" || strings.HasPrefix(path, "kinds.")) && !strings.HasSuffix(place, ":0") {
			if k.Where == nil {
				k.Where = map[string]string{}
			}
			k.Where[path] = place
		}
	}
}

func (k ChangeKinds) check(out *complaints) {
	for name, n := range map[string]int{"lines": k.Limits.Lines, "files": k.Limits.Files, "months": k.Limits.Months, "authors": k.Limits.Authors, "changes": k.Limits.Changes, "mended": k.Limits.Mended} {
		out.say(n < 1, "kinds.limits."+name, "leave it out for the usual one", "a limit of at least 1 is needed")
	}
	out.say(k.Limits.Months > 120, "kinds.limits.months", "for example 12", "more than ten years")
}
