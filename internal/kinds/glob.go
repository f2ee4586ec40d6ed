package kinds

import (
	"path"
	"strings"

	"github.com/debriefhq/debrief"
)

// pattern is one way a path may look. Its language, as in docs/kinds.md: "*"
// and "?" within a name, "[0-9]" one of a set, "**" any number of folders,
// "{a,b}" either. A pattern without a slash is a file's name in any folder; one
// that begins with a slash begins at the top; any other may begin in any folder.
type pattern struct {
	rule     int
	segments []segment
}

// segment is one folder or name of a pattern. Most are plain, or have one star:
// those are compared without path.Match, which most of the time went into.
type segment struct {
	text          string
	before, after string // what stands before the first wildcard, and behind the last
	how           byte   // '=' plain, '*' one star, 'm' asks path.Match, 'd' any number of folders
}

const wildcards = `*?[]\\`

func newSegment(text string) segment {
	s := segment{text: text, how: 'm'}
	first, last := strings.IndexAny(text, wildcards), strings.LastIndexAny(text, wildcards)
	switch {
	case text == "**":
		s.how = 'd'
		return s
	case first < 0:
		s.how = '='
		return s
	case first == last && text[first] == '*':
		s.how = '*'
	}
	s.before, s.after = text[:first], text[last+1:]
	return s
}

func (s *segment) fits(name string) bool {
	if s.how == '=' {
		return s.text == name
	}
	if len(name) < len(s.before)+len(s.after) || !strings.HasPrefix(name, s.before) || !strings.HasSuffix(name, s.after) {
		return false
	}
	if s.how == '*' {
		return true
	}
	ok, err := path.Match(s.text, name)
	return ok && err == nil
}

// Bounds of patterns, which a team may write.
const (
	maxPattern  = 300
	maxSegments = 20
	maxExpanded = 400
)

// parsePattern reads one text into the patterns it stands for.
func parsePattern(text string) ([][]segment, error) {
	if text == "" || len(text) > maxPattern {
		return nil, debrief.Errorf(debrief.Invalid, "", "a pattern has 1 to %d characters", maxPattern)
	}
	plain, err := expand(text, nil)
	if err != nil {
		return nil, err
	}
	var out [][]segment
	for _, p := range plain {
		p, top := strings.CutPrefix(p, "/")
		names := strings.Split(p, "/")
		if !top && names[0] != "**" {
			names = append([]string{"**"}, names...)
		}
		if len(names) > maxSegments {
			return nil, debrief.Errorf(debrief.TooLarge, "", "%q has more than %d folders", text, maxSegments)
		}
		segments := make([]segment, len(names))
		for i, s := range names {
			segments[i] = newSegment(s)
			if _, err := path.Match(s, "x"); err != nil || s == "" {
				return nil, debrief.Errorf(debrief.Invalid, "", "%q is no pattern", text).WithHint("for example db/migrate/*.rb, **/schema/*.sql or *.{yml,yaml}")
			}
		}
		out = append(out, segments)
	}
	return out, nil
}

// expand replaces {a,b} by each of them.
func expand(text string, out []string) ([]string, error) {
	open := strings.IndexByte(text, '{')
	if open < 0 {
		if strings.IndexByte(text, '}') >= 0 {
			return nil, debrief.Errorf(debrief.Invalid, "", "%q closes what it did not open", text)
		}
		if len(out) >= maxExpanded {
			return nil, debrief.Errorf(debrief.TooLarge, "", "a pattern stands for at most %d", maxExpanded)
		}
		return append(out, text), nil
	}
	length := strings.IndexByte(text[open:], '}')
	if length < 0 || strings.IndexByte(text[open+1:open+length], '{') >= 0 {
		return nil, debrief.Errorf(debrief.Invalid, "", "%q opens { and does not close it before the next", text)
	}
	for _, word := range strings.Split(text[open+1:open+length], ",") {
		var err error
		if out, err = expand(text[:open]+word+text[open+length+1:], out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// matches reports whether the folders and the name are as the pattern says.
func matches(pattern []segment, parts []string) bool {
	for len(pattern) > 0 {
		if pattern[0].how == 'd' {
			rest := pattern[1:]
			if len(rest) == 0 {
				return len(parts) > 0 // something lies below
			}
			if len(rest) == 1 { // the usual case: a name in any folder
				return len(parts) > 0 && rest[0].fits(parts[len(parts)-1])
			}
			for i := 0; i <= len(parts); i++ {
				if matches(rest, parts[i:]) {
					return true
				}
			}
			return false
		}
		if len(parts) == 0 || !pattern[0].fits(parts[0]) {
			return false
		}
		pattern, parts = pattern[1:], parts[1:]
	}
	return len(parts) == 0
}

// index finds the patterns that can hold for a path by a word they need: most
// paths then meet a handful of them.
type index struct {
	byName, byFolder, byEnding map[string][]pattern
	rest                       []pattern
}

func newIndex() *index {
	return &index{map[string][]pattern{}, map[string][]pattern{}, map[string][]pattern{}, nil}
}

func (x *index) add(p pattern) {
	last := p.segments[len(p.segments)-1]
	folder := ""
	for _, s := range p.segments[:len(p.segments)-1] {
		if s.how == '=' && len(s.text) > len(folder) {
			folder = s.text
		}
	}
	switch end := path.Ext(last.text); {
	case last.how == '=':
		x.byName[last.text] = append(x.byName[last.text], p)
	case folder != "":
		x.byFolder[folder] = append(x.byFolder[folder], p)
	case len(end) > 1 && !strings.ContainsAny(end, wildcards):
		x.byEnding[end] = append(x.byEnding[end], p)
	default:
		x.rest = append(x.rest, p)
	}
}

// find calls found with the rule of every pattern that holds.
func (x *index) find(parts []string, found func(rule int)) {
	try := func(ps []pattern) {
		for i := range ps {
			if matches(ps[i].segments, parts) {
				found(ps[i].rule)
			}
		}
	}
	name := parts[len(parts)-1]
	try(x.byName[name])
	try(x.byEnding[path.Ext(name)])
	for _, dir := range parts[:len(parts)-1] {
		if ps := x.byFolder[dir]; ps != nil {
			try(ps)
		}
	}
	try(x.rest)
}
