package tell

import (
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// goesBack is how many commits lie between what ran before and this, where
// this is the earlier one: nothing new shipped, and still something changed.
func goesBack(s debrief.Story) int {
	n := 0
	for _, d := range s.Deployments {
		if d.Git != nil && len(d.Git.Commits) == 0 {
			n = max(n, d.Git.Back)
		}
	}
	return n
}

// ShippedFact is a release's changes in a word or two.
func ShippedFact(s debrief.Story) string {
	if n := goesBack(s); n > 0 && s.Release.Changes == 0 {
		return "goes back " + Count(n, "commit", "commits")
	}
	return Count(s.Release.Changes, "change", "changes")
}

// targets are the deployments that went to a region, a cluster or a customer,
// in the order they began.
func targets(s debrief.Story) []debrief.Deployment {
	var ds []debrief.Deployment
	for _, d := range s.Deployments {
		if d.Target != "" {
			ds = append(ds, d)
		}
	}
	slices.SortStableFunc(ds, func(a, b debrief.Deployment) int { return a.Times.First().Compare(b.Times.First()) })
	return ds
}

func (p *page) targets(s debrief.Story) {
	ds := targets(s)
	if len(ds) < 2 { // one stands in the title
		return
	}
	p.head(capital(Count(len(ds), "target", "targets")))
	var rs [][]cell
	for _, d := range ds {
		var says []string
		if d.State != "" && d.State != debrief.Succeeded {
			says = append(says, string(d.State))
		}
		if !d.Times.Started.IsZero() {
			says = append(says, "from "+Clock(d.Times.Started, s.Release.Started, p.Loc))
		}
		took := ""
		if worked := d.Worked(); worked > 0 {
			took = Duration(worked)
		}
		rs = append(rs, []cell{{text: cut(Clean(d.Target), p.Width/3)}, {text: took, right: true}, {text: strings.Join(says, ", "), code: muted}})
	}
	p.rows(rs)
}

// together lists the other services' releases of the same rollout.
func (p *page) together(s debrief.Story) {
	if len(s.Rollout) == 0 {
		return
	}
	p.head("Went out together")
	const most = 10
	var rs [][]cell
	for i, r := range s.Rollout {
		if i == most {
			rs = append(rs, []cell{{}, {}, {text: "and " + numeral(len(s.Rollout)-i) + " more"}})
			break
		}
		word := r.Verdict
		if word == "" {
			word = debrief.Pending
		}
		text := Clean(r.Headline)
		if text == "" {
			text = Clean(string(r.Kind))
		}
		rs = append(rs, []cell{
			{text: cut(strings.TrimSpace(Clean(r.Service)+" "+Clean(r.Version)), p.Width/3)},
			{text: glyph(word), code: colourOf(word)},
			{text: text},
		})
	}
	p.rows(rs)
}

// backSentence says in the lead that something changed although nothing new shipped.
func backSentence(s debrief.Story) []string {
	n := goesBack(s)
	if n == 0 || s.Release.Changes > 0 {
		return nil
	}
	than := "what ran before"
	if v := s.Release.PreviousVersion; v != "" {
		than = Clean(v)
	}
	return []string{"It goes back " + Count(n, "commit", "commits") + ", to before " + than + "."}
}
