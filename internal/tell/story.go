package tell

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/plot"
)

// Terminal writes a release's story: the lead, the looks, the metrics with
// their sparklines, targets, stages, surprises, logs, changes with
// their kinds, and what went out together. A section that has nothing to say is left out.
func Terminal(w TermWriter, s debrief.Story) error {
	p := newPage(w)
	p.title(s)
	p.para(Lead(s, p.Loc))
	p.looks(s)
	p.metrics(s)
	p.targets(s)
	p.stages(s)
	p.surprises(s)
	p.logs(s)
	p.changes(s)
	p.kinds(s.Kinds)
	p.together(s)
	return p.flush()
}

func (p *page) title(s debrief.Story) {
	r := s.Release
	facts := []string{Clean(r.Environment)}
	if ds := targets(s); len(ds) == 1 {
		facts = append(facts, "target "+Clean(ds[0].Target))
	}
	if !r.Started.IsZero() {
		facts = append(facts, in(r.Started, p.Loc).Format("Mon 2 Jan 15:04"))
	}
	if r.Kind != debrief.ReleaseNew && r.Kind != "" {
		facts = append(facts, string(r.Kind))
	}
	if r.Kind == debrief.ReleaseNew && r.Changes >= 0 {
		facts = append(facts, ShippedFact(s))
	}
	if r.PreviousVersion != "" {
		facts = append(facts, "before: "+Clean(r.PreviousVersion))
	}
	if r.Sample {
		facts = append(facts, "sample")
	}
	p.line(p.paint(bold, cut(title(s), p.Width)))
	for _, l := range wrap(strings.Join(facts, ", "), p.Width) {
		p.line(p.paint(muted, l))
	}
	p.line("")
}

func (p *page) looks(s debrief.Story) {
	if len(s.Looks) == 0 {
		return
	}
	p.head("Looks")
	var rs [][]cell
	for _, l := range s.Looks {
		word, text := l.Word, ""
		if l.State != debrief.LookDone {
			word = debrief.Pending
			if !l.Due.IsZero() {
				text = "due " + clock(l.Due, s.Release.Started, p.Loc, quick(l))
			}
		} else if parts := shortFindings(l, 3, false, p.Loc); parts[0] != Word(l.Word) {
			text = strings.TrimPrefix(strings.TrimPrefix(strings.Join(parts, "; "), "cannot tell: "), "cannot tell for ")
		}
		rs = append(rs, []cell{
			{text: After(l.After), right: true},
			{text: glyph(word) + " " + Word(word), code: colourOf(word)},
			{text: text},
		})
	}
	p.rows(rs)
}

// glyph carries the word's meaning by shape, so that nothing depends on colour.
func glyph(w debrief.Word) string {
	switch w {
	case debrief.Worse:
		return "◆"
	case debrief.Better:
		return "▲"
	case debrief.Changed:
		return "■"
	case debrief.CannotTell:
		return "▨"
	case debrief.Steady:
		return "●"
	}
	return "○"
}

func (p *page) metrics(s debrief.Story) {
	l := current(s)
	if l == nil || len(l.Verdicts) == 0 {
		return
	}
	p.head("Metrics, " + Length(l.After) + " after")
	cells := max(min(p.Width/4, 24), 8)
	vs := slices.Clone(l.Verdicts)
	slices.SortStableFunc(vs, func(a, b debrief.Verdict) int { return wordRank(a.Word) - wordRank(b.Word) })
	shared := sharedWarnings(l.Verdicts)
	var rs [][]cell
	for _, v := range vs {
		value := Number(v.After, v.Unit)
		if v.Word == debrief.CannotTell && v.Reason == debrief.TooLittle {
			value = "n = " + strconv.Itoa(v.N)
		} else if v.Word == debrief.CannotTell && v.After == 0 {
			value = ""
		}
		text := Verdict(v, p.Loc)
		if v.Word == debrief.CannotTell {
			text = "cannot tell: " + whyIn(*l, v, p.Loc)
		}
		colour := colourOf(v.Word)
		if v.Usual {
			colour = muted
		} else if wordRank(v.Word) < 3 {
			text = string(v.Word) + ", " + text
		}
		if v.Beside != "" && v.Word != debrief.CannotTell {
			text += ", held against " + Clean(v.Beside)
		}
		for _, warning := range v.Warnings {
			if !slices.Contains(shared, warning) && !reachedBlind(*l, warning) {
				text += "; " + Clean(warning)
			}
		}
		spark := plot.Blocks(v.Trace.V, cells, point(v.Trace, s.Release.FullExposure))
		rs = append(rs, []cell{
			{text: cut(Clean(v.Metric), p.Width/3)},
			{text: spark, code: colour},
			{text: value, right: true},
			{text: text, code: colour},
		})
	}
	p.rows(rs)
	for _, w := range shared {
		p.para("", sentence(capital(Clean(w))))
	}
}

// point is where in a trace a moment lies; 0 where that is not known.
func point(t debrief.Trace, at time.Time) int {
	if t.Step <= 0 || at.IsZero() {
		return 0
	}
	return int(at.Sub(t.Start) / t.Step)
}

func (p *page) stages(s debrief.Story) {
	d, ok := lastDeployment(s)
	if !ok || len(d.Stages) == 0 {
		return
	}
	p.head("Stages")
	var rs [][]cell
	for _, st := range d.Stages {
		took := Duration(st.Took())
		if st.Took() == 0 && st.Finished.IsZero() {
			took = ""
		}
		var says []string
		if st.State != "" && st.State != debrief.Succeeded {
			says = append(says, string(st.State))
		}
		if st.Manual {
			says = append(says, "by hand")
		}
		if st.Attempt > 1 {
			says = append(says, "attempt "+strconv.Itoa(st.Attempt))
		}
		if u := usually(s.Recent, st.Name); u > 0 {
			says = append(says, "usually "+Duration(u))
		}
		if g := usually(s.Staging[:min(1, len(s.Staging))], st.Name); g > 0 {
			says = append(says, "staging "+Duration(g))
		}
		rs = append(rs, []cell{{text: cut(Clean(st.Name), p.Width/3)}, {text: took, right: true}, {text: strings.Join(says, ", "), code: muted}})
	}
	p.rows(rs)
}

// usually is the median time a stage took; zero: never seen.
func usually(ds []debrief.Deployment, stage string) time.Duration {
	var took []time.Duration
	for _, d := range ds {
		for _, st := range d.Stages {
			if st.Name == stage && st.Took() > 0 {
				took = append(took, st.Took())
			}
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return (took[(len(took)-1)/2] + took[len(took)/2]) / 2
}

func (p *page) logs(s debrief.Story) {
	l := current(s)
	if l == nil {
		return
	}
	text := strings.Join(logSentences(s, l, p.Loc), " ")
	if text == "" && len(l.Logs.Patterns) == 0 {
		return
	}
	p.head("Logs")
	if text != "" {
		p.para("", text)
	}
	var rs [][]cell
	for i, lp := range l.Logs.Patterns {
		if i == 10 {
			rs = append(rs, []cell{{}, {}, {text: "and " + numeral(len(l.Logs.Patterns)-i) + " more"}})
			break
		}
		word := "before: " + digits(lp.Before, 0)
		if lp.New {
			word = "new"
		}
		rs = append(rs, []cell{{text: digits(float64(lp.Count), 0) + "×", right: true}, {text: word, code: muted}, {text: Clean(lp.Says())}})
	}
	if len(rs) > 0 {
		p.rows(rs)
	}
}

func (p *page) changes(s debrief.Story) {
	if len(s.Changes) == 0 {
		return
	}
	p.head(capital(Count(len(s.Changes), "change", "changes")))
	var rs [][]cell
	for i, c := range s.Changes {
		if i == 10 {
			rs = append(rs, []cell{{}, {text: "and " + numeral(len(s.Changes)-i) + " more"}})
			break
		}
		id := Clean(c.Commit)
		if c.PullNumber > 0 {
			id = "#" + strconv.Itoa(c.PullNumber)
		} else {
			id = short(id)
		}
		rs = append(rs, []cell{{text: id, code: muted}, {text: cut(Clean(c.Title), 200)}})
	}
	p.rows(rs)
}

// short is the part of a commit that people read.
func short(commit string) string { return displaywidth.TruncateString(commit, 8, "") }
