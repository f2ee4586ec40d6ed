package api

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
)

// person names fields that hold a person, or a list of them. A repository's
// owner is one where it is nobody's company; its name stands in full_name.
var person = map[string]bool{
	"author": true, "committer": true, "pusher": true, "sender": true, "user": true, "owner": true, "creator": true,
	"actor": true, "triggering_actor": true, "merged_by": true, "assignee": true, "assignees": true,
	"requested_reviewers": true, "reviewer": true, "reviewers": true, "enabled_by": true, "approver": true,
}

// people hides who is named in one text. Nil hides nobody.
type people struct {
	more  map[string]bool
	about []bool         // for each object and list around: whether it speaks of a person
	seen  map[string]int // ids of persons, in the order met
}

func newPeople(more []string) *people {
	p := &people{more: make(map[string]bool, len(more)), seen: map[string]int{}}
	for _, name := range more {
		p.more[name] = true
	}
	return p
}

func (p *people) is(name string) bool { return person[name] || p.more[name] }

func (p *people) within() bool { return len(p.about) > 0 && p.about[len(p.about)-1] }

func (p *people) enter(name string) {
	if p != nil {
		p.about = append(p.about, p.within() || p.is(name))
	}
}

func (p *people) leave() {
	if p != nil {
		p.about = p.about[:len(p.about)-1]
	}
}

// hide replaces a string that is about a person. Their ids become numbers that
// mean nothing outside this text: how many were involved can be counted, who
// they were cannot be told.
func (p *people) hide(name string, quoted, masked []byte, changed bool) ([]byte, bool) {
	switch {
	case p == nil || len(quoted) == 2:
		return masked, changed
	case name == "type" && p.within():
		return masked, changed // what kind of actor: a person, or a machine
	case p.within() && (name == "id" || name == "accountId"):
		return p.number(string(quoted)), true
	case p.within() || p.is(name):
		return []byte(`"***"`), true
	case name == "field" && len(p.about) > 0 && p.is(string(bytes.Trim(quoted, `"`))):
		p.about[len(p.about)-1] = true // a list of changes: from whom to whom stands beside it
	case signed[name] && bytes.ContainsAny(quoted, "-]"):
		return maskSigners(masked, quoted, changed)
	}
	return masked, changed
}

func (p *people) number(id string) []byte {
	if _, known := p.seen[id]; !known {
		p.seen[id] = len(p.seen) + 1
	}
	return []byte(`"***` + strconv.Itoa(p.seen[id]) + `"`)
}

// signed names fields whose words may say who wrote and read a change, or who
// made it.
var signed = map[string]bool{"message": true, "body": true, "description": true, "title": true}

var (
	signers = regexp.MustCompile(`(?mi)^([a-z]+(?:-[a-z]+)*-by):.*$`)
	mailto  = regexp.MustCompile(`\[[^\]]*\]\(mailto:[^)]*\)`)
)

// maskSigners hides who is named in "Co-authored-by: Jane Doe <…>" and in
// "[Jane Doe](mailto:…)".
func maskSigners(masked, quoted []byte, changed bool) ([]byte, bool) {
	if !changed {
		masked = quoted
	}
	var text string
	if json.Unmarshal(masked, &text) != nil {
		return masked, changed
	}
	short := mailto.ReplaceAllString(signers.ReplaceAllString(text, "$1: ***"), "***")
	if short == text {
		return masked, changed
	}
	b, err := json.Marshal(short)
	return b, err == nil
}
