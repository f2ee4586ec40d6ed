package coach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Input is everything a draft is made of.
type Input struct {
	Story    debrief.Story        // of the release the debrief is about, or of the one the incident is held to come from
	Incident *debrief.Incident    // what it is about, where it is about an incident
	Held     *debrief.Attribution // what the incident is held to come from
	Facts    debrief.ReleaseFacts
	Earlier  []debrief.Debrief // of this service and others like it, newest first
	Lessons  []debrief.Lesson  // taught by releases like this one
	Clock    func(time.Time) string
	Took     func(time.Duration) string
	Link     func(kind, id string) string // to a page; empty: there is none
}

// Draft is what can be written without people.
type Draft struct {
	Title     string      `json:"title"`
	Timeline  []Line      `json:"timeline"`
	Well      []string    `json:"went_well"`
	Surprised []string    `json:"surprised_us"`
	Asks      []Ask       `json:"questions"`
	Gap       debrief.Gap `json:"gap,omitempty"` // which the facts speak for most
}

// Line is one moment of the timeline.
type Line struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
	Link string    `json:"link,omitempty"`
}

// Ask is one question that these facts raise, asked of the system.
type Ask struct {
	ID      string      `json:"id"`
	Text    string      `json:"text"`
	Gap     debrief.Gap `json:"gap"`
	Because []string    `json:"because"` // the facts that raise it
}

// New drafts a debrief.
func New(in Input) Draft {
	d := Draft{Title: heading(in), Timeline: timeline(in), Well: well(in), Surprised: surprised(in), Asks: asks(in)}
	d.Gap = likeliest(d.Asks)
	return d
}

func heading(in Input) string {
	r := in.Story.Release
	if in.Incident != nil && in.Incident.Title != "" {
		if r.ID == "" {
			return in.Incident.Title
		}
		return fmt.Sprintf("%s (%s %s)", in.Incident.Title, in.Story.ServiceName, r.Version)
	}
	return strings.TrimSpace(in.Story.ServiceName + " " + r.Version)
}

// surprised are the surprises as they were told, those a person said are not
// there left out.
func surprised(in Input) []string {
	var out []string
	for _, s := range in.Story.Surprises {
		if !s.Note && s.Answer != debrief.NothingThere && s.Answer != debrief.Expected {
			out = append(out, s.Sentence)
		}
	}
	return out
}

// likeliest is the gap most questions point at; the first named of several.
func likeliest(asks []Ask) (gap debrief.Gap) {
	n, most := map[debrief.Gap]int{}, 0
	for _, a := range asks {
		n[a.Gap] += len(a.Because)
	}
	for _, g := range debrief.Gaps() {
		if n[g] > most {
			gap, most = g, n[g]
		}
	}
	return gap
}

// Markdown is the draft as the text people go on with.
func (d Draft) Markdown(in Input) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n## What happened\n\n", d.Title)
	day := ""
	for _, l := range d.Timeline {
		if x := l.At.Format("2006-01-02"); x != day && day != "" {
			b.WriteString("\n")
		}
		day = l.At.Format("2006-01-02")
		text := plain(l.Text)
		if l.Link != "" {
			text = fmt.Sprintf("[%s](%s)", text, l.Link)
		}
		fmt.Fprintf(&b, "- %s %s\n", in.Clock(l.At), text)
	}
	section := func(title string, lines []string, none string) {
		fmt.Fprintf(&b, "\n## %s\n\n", title)
		for _, l := range lines {
			fmt.Fprintf(&b, "- %s\n", plain(l))
		}
		if len(lines) == 0 {
			fmt.Fprintf(&b, "%s\n", none)
		}
	}
	section("What went well", d.Well, "Nothing is known of it by itself. What would you keep?")
	section("What surprised us", d.Surprised, "Nothing was noticed by itself. What did you not expect?")
	b.WriteString("\n## Questions these facts raise\n")
	for _, a := range d.Asks {
		fmt.Fprintf(&b, "\n**%s** (%s)\n\n", a.Text, plain(strings.Join(a.Because, "; ")))
	}
	if len(d.Asks) == 0 {
		b.WriteString("\nNone by themselves. What would you like to know of the system now?\n")
	}
	b.WriteString("\n## What made it possible\n\n")
	return b.String()
}

// plain keeps what others wrote from becoming markup.
func plain(s string) string {
	return strings.NewReplacer("\n", " ", "[", "\\[", "]", "\\]", "<", "&lt;", "`", "'").Replace(s)
}

// Smooth is the one line of a release that taught nothing by going wrong;
// false: there is more to say of it. Smooth releases count.
func Smooth(in Input) (string, bool) {
	r, f := in.Story.Release, in.Facts
	if !r.Kind.Checked() || !r.Live() || r.Verdict == debrief.Worse || r.Verdict == debrief.CannotTell || f.Failure != debrief.NotFailed ||
		len(surprised(in)) > 0 || in.Incident != nil || slices.ContainsFunc(in.Story.Incidents, func(i debrief.Incident) bool { return !i.Alert }) {
		return "", false
	}
	done := 0
	for _, k := range in.Story.Looks {
		if k.State == debrief.LookDone {
			done++
		}
	}
	if done == 0 || done < len(in.Story.Looks) {
		return "", false // it is still being looked at
	}
	var worked time.Duration
	for _, d := range in.Story.Deployments {
		worked += d.Worked()
	}
	looks := fmt.Sprintf("%d looks found nothing", done)
	if done == 1 {
		looks = "one look found nothing"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s went out in %s; %s unusual.", in.Story.ServiceName, r.Version, in.Took(worked), looks)), true
}

// timeline begins before the trigger, with what shipped, and goes forward.
func timeline(in Input) []Line {
	var lines []Line
	add := func(at time.Time, link, format string, a ...any) {
		if !at.IsZero() {
			lines = append(lines, Line{At: at, Text: fmt.Sprintf(format, a...), Link: link})
		}
	}
	r := in.Story.Release
	release := in.Link("release", r.ID)
	if p := in.Story.Previous; p != nil {
		add(p.FullExposure, in.Link("release", p.ID), "%s %s runs", in.Story.ServiceName, p.Version)
	}
	if n := len(in.Story.Changes); n > 0 {
		first, last := in.Story.Changes[0].Landed(), in.Story.Changes[0].Landed()
		for _, c := range in.Story.Changes {
			if at := c.Landed(); !at.IsZero() && (first.IsZero() || at.Before(first)) {
				first = at
			}
			if at := c.Landed(); at.After(last) {
				last = at
			}
		}
		what := "“" + in.Story.Changes[0].Title + "”"
		if n > 1 {
			what = fmt.Sprintf("the last of %d changes (the first at %s)", n, in.Clock(first))
		}
		add(last, release, "merged: %s", what)
	}
	for _, d := range in.Story.Deployments {
		where := d.Environment
		if d.Target != "" {
			where += " " + d.Target
		}
		add(d.Times.Started, release, "%s %s begins to go out to %s", in.Story.ServiceName, d.Version, where)
		for _, s := range d.Stages {
			if s.Took() >= time.Minute {
				add(s.Started, release, "step %s begins; it takes %s", s.Name, in.Took(s.Took()))
			}
		}
		switch {
		case d.State == debrief.Succeeded:
			add(d.Times.Live(), release, "all of %s has %s", where, d.Version)
		case d.State.Final():
			add(d.Times.Finished, release, "the deployment to %s ends: %s", where, d.State)
		}
	}
	for _, k := range in.Story.Looks {
		for _, v := range k.Verdicts {
			if v.Word == debrief.Worse && !v.Since.IsZero() && firstTold(in.Story.Looks, k, v) {
				add(v.Since, release, "%s: %s", v.Metric, v.Sentence)
			}
		}
		if k.State == debrief.LookDone {
			add(k.Closed, release, "look %d (%s after) says: %s", k.Number, in.Took(k.After), k.Word)
		}
	}
	for _, c := range in.Story.Flips {
		add(c.Live, c.URL, "%s: %s", kindOf(c), c.Title)
	}
	hurts := in.Story.Incidents
	if in.Incident != nil {
		hurts = append([]debrief.Incident{*in.Incident}, slices.DeleteFunc(slices.Clone(hurts), func(i debrief.Incident) bool { return i.ID == in.Incident.ID })...)
	}
	for _, i := range hurts {
		link, what := in.Link("incident", i.ID), "incident"
		if i.Alert {
			what = "alert"
		}
		t := i.Times
		add(t.Impact, link, "it begins to hurt: %s", i.Title)
		add(t.Detected, link, "%s: %s", what, i.Title)
		add(t.Acknowledged, link, "acknowledged: %s", i.Title)
		add(t.Restored, link, "restored: %s", i.Title)
	}
	if n := in.Story.Next; n != nil {
		what := "goes out"
		if n.Kind == debrief.ReleaseRollback {
			what = "goes out again (a rollback)"
		}
		add(n.FirstExposure, in.Link("release", n.ID), "%s %s %s", in.Story.ServiceName, n.Version, what)
		add(n.FullExposure, in.Link("release", n.ID), "all users have %s", n.Version)
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Text, b.Text)) })
	return slices.Compact(lines)
}

// firstTold reports that no earlier look told the same of this metric.
func firstTold(looks []debrief.Look, of debrief.Look, v debrief.Verdict) bool {
	for _, k := range looks {
		if k.Number >= of.Number {
			continue
		}
		for _, x := range k.Verdicts {
			if x.Metric == v.Metric && x.Word == v.Word {
				return false
			}
		}
	}
	return true
}

func kindOf(c debrief.Change) string {
	if c.Kind == "manual" {
		return "by hand"
	}
	return c.Kind
}
