package coach

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Hint is a place in a text where other words would serve learning better.
type Hint struct {
	From   int    `json:"from"` // bytes into the text
	To     int    `json:"to"`
	Found  string `json:"found"`
	Why    string `json:"why"`
	Better string `json:"better"` // a wording to start from
}

// wording is one rule. Whatever it finds is pointed out, never refused.
type wording struct {
	find   *regexp.Regexp
	why    string
	better string
}

// The rules follow the literature on blameless reviews: counterfactuals ("should
// have") describe a past that did not happen; judgements ("careless") end the
// search where it gets interesting; a person as the cause hides what let any
// person do the same (Dekker, The Field Guide to Understanding 'Human Error').
var wordings = func() []wording {
	word := func(s string) *regexp.Regexp { return regexp.MustCompile(`(?i)\b(?:` + s + `)\b`) }
	const counterfactual = "It tells of something that did not happen. What did happen, and what made it the sensible thing to do?"
	const judgement = "It judges a person, and the search ends there. What made this easy to do?"
	return []wording{
		{word(`should(?:n't| not)? have|ought(?: not)? to have|could(?:n't| not)? have|must have known|had to know`), counterfactual, "what would have made it easy to …"},
		{word(`failed to|neglected to|omitted to|didn't bother to|did not bother to|forgot to`), "It names what a person left undone. What would have reminded them, or done it for them?", "nothing reminded us to …"},
		{word(`careless(?:ly|ness)?|sloppy|sloppily|negligen(?:t|tly|ce)|reckless(?:ly)?|lazy|incompeten(?:t|ce)|stupid(?:ly)?|dumb|foolish(?:ly)?|unprofessional|irresponsible|inattentive|complacen(?:t|cy)`), judgement, "it was easy to …"},
		{word(`human error|operator error|user error|pilot error`), "Human error is where a review begins, not what it finds. What made the error possible, and its effect so large?", "the system let one step …"},
		{word(`(?:is|was|were|are) to blame|to blame for|at fault|(?:his|her|their|whose|someone's|somebody's) fault|responsible for (?:the|this) (?:outage|incident|failure|mess)|culprit|guilty`), "Blame ends the learning. What let this change reach users as it did?", "what led to it was …"},
		{word(`broke (?:production|prod|the site|everything)|took down (?:production|prod|the site)`), "What in the system let one change do that?", "the change reached all users at once, and …"},
		{word(`(?:did not|didn't) (?:follow|read|check|test|look|think|pay attention)`), "It tells of what did not happen. What did they see and know at that moment?", "at that moment it looked as if …"},
		{word(`violated|ignored (?:the|an|our|all)|disregarded|disobeyed`), judgement, "the rule was hard to keep because …"},
		{word(`obvious(?:ly)?|clearly|of course|simply|trivial(?:ly)?|common sense`), "It is plain only afterwards. What was there to be seen at the time?", "looking back we see …"},
		{word(`root cause|the cause was|caused by (?:a )?(?:person|people|developer|engineer|operator|team)`), "Several conditions met. Which of them can be changed soonest?", "it took all of these: …"},
		{word(`be more careful|pay more attention|try harder|think before|double[- ]check next time|be more diligent|remember to`), "It asks people to be other people. What would work on a bad day too?", "let … do it, or refuse to go on without it"},
		{word(`why did(?:n't| not)? (?:he|she|they|you|the (?:developer|engineer|operator|admin|reviewer|tester|team|on-?call))`), "It asks a person to explain themselves. Ask the system.", "what made … look right at that moment?"},
		{regexp.MustCompile(`(?:^|[\s(])(@[A-Za-z0-9][A-Za-z0-9_.-]{1,38})\b`), named, "the engineer on call"},
	}
}()

const named = "It names a person. What matters is what anybody in that place would have seen: a role says it."

// acts are what people do in such texts: a capitalised word before one of them
// is most likely a name.
const acts = `(?:accidentally |mistakenly |wrongly |quickly |then |also |again )?(?:pushed|merged|deployed|released|shipped|forgot|ran|executed|rolled back|reverted|restarted|deleted|dropped|noticed|missed|overlooked|approved|reviewed|changed|edited|wrote|fixed|broke|decided|thought|assumed|said|told|asked|called|paged|escalated|acknowledged|ignored|saw|clicked|typed|started|stopped|disabled|enabled|flipped|committed)`

// Wording points out what would be better said of the system. known are the
// names of services and tools, which act too and are nobody.
func Wording(text string, known []string) []Hint {
	var hints []Hint
	aside := quoted.FindAllStringIndex(text, -1)
	add := func(from, to int, why, better string) {
		for _, q := range aside {
			if from >= q[0] && to <= q[1] {
				return
			}
		}
		hints = append(hints, Hint{From: from, To: to, Found: text[from:to], Why: why, Better: better})
	}
	for _, w := range wordings {
		for _, m := range w.find.FindAllStringSubmatchIndex(text, -1) {
			from, to := m[0], m[1]
			if len(m) > 2 && m[2] >= 0 {
				from, to = m[2], m[3]
			}
			add(from, to, w.why, w.better)
		}
	}
	for _, m := range persons.FindAllStringSubmatchIndex(text, -1) {
		if name := text[m[2]:m[3]]; !nobody(name, known) {
			add(m[2], m[3], named, "the engineer on call")
		}
	}
	slices.SortStableFunc(hints, func(a, b Hint) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To)) })
	// Of two that overlap the one that begins first (the longer one) says it.
	end := -1
	return slices.DeleteFunc(hints, func(h Hint) bool {
		if h.From < end {
			return true
		}
		end = h.To
		return false
	})
}

var (
	persons = regexp.MustCompile(`(?:^|[\s(])(\p{Lu}[\p{Ll}'’-]{1,30}(?: \p{Lu}[\p{Ll}'’-]{1,30})?) ` + acts + `\b`)
	quoted  = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`|\"[^\"\n]*\"|“[^”\n]*”|(?m:^>.*$)") // or code: somebody's own words, a log line
)

// nobody reports a capitalised word that is no person's name.
func nobody(name string, known []string) bool {
	first, _, _ := strings.Cut(name, " ")
	for _, k := range known {
		if strings.EqualFold(k, name) || strings.EqualFold(k, first) {
			return true
		}
	}
	switch strings.ToLower(first) {
	case "we", "it", "they", "he", "she", "you", "i", "this", "that", "these", "those", "the", "a", "an", "who", "what", "which", "nobody", "somebody", "someone",
		"everybody", "everyone", "users", "customers", "support", "people", "engineers", "developers", "monitoring", "alerts", "production", "staging", "then", "after",
		"kubernetes", "postgres", "postgresql", "prometheus", "grafana", "github", "gitlab", "jenkins", "argo", "pagerduty", "slack", "terraform", "redis", "kafka", "nginx",
		"linux", "docker", "helm", "flyway", "liquibase", "alembic", "rails", "django", "debrief", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday":
		return true
	}
	return false
}
