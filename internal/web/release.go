package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

type releaseView struct {
	debrief.Story
	Heading    string
	Facts      []string // the line above the title
	Bold, Rest string
	Tag        string
	Looks      []lookTab
	Look       *debrief.Look // the one shown
	LookWords  string
	Notes      []string // hold for every metric of the look
	Metrics    []metric
	Loud       []metric
	Quiet      []metric
	Logs       *logsView
	Stages     []stageSet
	Tries      []try
	Open       []debrief.Surprise
	Answered   []debrief.Surprise
	Noted      []debrief.Surprise
	Shipped    shipped
	Brought    *brought          // kinds of change; nil: not known
	KindsOf    map[string]string // by change
	Together   []row
	Blame      blamed
	Meanwhile  []happening // incidents, flags, configuration: in the watch window
	Written    *debrief.Debrief
	CanWrite   bool
	Foretold   []foretold // briefs of what it shipped
	Shown      string     // the version the service's own label shows, where nobody recorded it
}

type lookTab struct {
	debrief.Look
	Name string
	Says string
	On   bool
	Href string
}

type logsView struct {
	debrief.LogFindings
	Says   string
	Hatch  bool
	Worse  []debrief.LogPattern // new kinds of error: shown
	Others []debrief.LogPattern // the rest: folded
}

// try is one deployment's facts.
type try struct {
	debrief.Deployment
	Took, Waited string
	Show         bool // its output belongs into the story: it failed
	Facts        []fact
}

type fact struct{ Name, Value string }

type shipped struct {
	Known   bool
	Changes []debrief.Change
	Fact    string // "two changes", "goes back two commits"
	Words   string
	Short   bool // few enough to stand open
}

// release tells one release top down.
func (s *site) release(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	story, err := s.Reader.Story(r.Context(), id)
	if err != nil {
		return err
	}
	if story.Release.ID != id {
		// A deployment's id, or one that was absorbed: there is one address.
		to := "/releases/" + url.PathEscape(story.Release.ID)
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, to, http.StatusMovedPermanently)
		return nil
	}
	v := s.tellRelease(story, r.URL.Query().Get("look"))
	if v.Blame, err = s.blamed(r, story); err != nil {
		return err
	}
	if s.Desk != nil {
		d, found, err := s.Desk.Written(r.Context(), story.Release.Service, story.Release.ID)
		if err != nil {
			return err
		}
		if v.CanWrite = true; found {
			v.Written = &d
		}
	}
	if v.Foretold, err = s.foretold(r.Context(), story.Release); err != nil {
		return err
	}
	return s.show(w, r, "release", view{Title: v.Heading, Nav: "releases", Body: v})
}

func (s *site) tellRelease(story debrief.Story, look string) releaseView {
	rel := story.Release
	v := releaseView{Story: story, Heading: strings.TrimSpace(orElse(story.ServiceName, rel.Service) + " " + rel.Version)}
	v.Bold, v.Rest = tell.Lead(story, s.Location)
	v.Tag = s.rowOf(rel, nil).Tag
	v.Facts = s.factsLine(story)
	v.Looks, v.Look = s.lookTabs(story, look)
	if v.Look != nil {
		v.LookWords = tell.Length(v.Look.After) + " after"
		v.Metrics, v.Notes = s.metrics(story, *v.Look)
		for _, m := range v.Metrics {
			if m.Loud {
				v.Loud = append(v.Loud, m)
			} else {
				v.Quiet = append(v.Quiet, m)
			}
		}
		v.Logs = s.logs(story, *v.Look)
	}
	v.Stages = stageSets(story)
	for _, d := range story.Deployments {
		v.Tries = append(v.Tries, s.tryOf(d))
	}
	for _, sp := range story.Surprises {
		switch {
		case sp.Note:
			v.Noted = append(v.Noted, sp)
		case sp.Answer == debrief.Unanswered:
			v.Open = append(v.Open, sp)
		default:
			v.Answered = append(v.Answered, sp)
		}
	}
	v.Shipped, v.Shown = shippedOf(story), unrecorded(story)
	v.Brought, v.KindsOf = broughtOf(story.Kinds), kindsOf(story.ChangeKinds)
	for _, o := range story.Rollout {
		v.Together = append(v.Together, s.rowOf(o, nil))
	}
	v.Meanwhile = happenings(story.Incidents, story.Flips)
	return v
}

// unrecorded is the latest version that a label showed and no deployment
// explains; empty where there is none or a person said there is nothing.
func unrecorded(story debrief.Story) string {
	version, at := "", time.Time{}
	for _, sp := range story.Surprises {
		if sp.Kind == "unrecorded-release" && sp.Answer != debrief.NothingThere && !sp.At.Before(at) {
			version, at = sp.Subject, sp.At
		}
	}
	return version
}

func (s *site) factsLine(story debrief.Story) []string {
	rel := story.Release
	facts := []string{rel.Environment}
	targets := 0
	for _, d := range story.Deployments {
		if d.Target != "" {
			targets++
		}
	}
	if targets > 1 {
		facts = append(facts, tell.Count(targets, "target", "targets"))
	}
	if rel.Changes >= 0 && rel.Kind != debrief.ReleaseSame {
		facts = append(facts, tell.ShippedFact(story))
	}
	if !rel.FirstExposure.IsZero() && rel.Live() {
		if d := rel.FullExposure.Sub(rel.FirstExposure); d >= time.Minute {
			facts = append(facts, "to all users within "+tell.Length(d))
		} else if d >= 0 {
			facts = append(facts, "all users at once")
		}
	}
	return facts
}

// lookTabs lists the looks and picks the one shown: the one asked for, else the
// latest that is done, else the first that is planned.
func (s *site) lookTabs(story debrief.Story, asked string) ([]lookTab, *debrief.Look) {
	pick := -1
	n, _ := strconv.Atoi(asked)
	for i, l := range story.Looks {
		switch {
		case l.Number == n && n > 0:
			pick = i
		case n == 0 && (pick < 0 || l.State == debrief.LookDone):
			pick = i
		}
	}
	if pick < 0 && len(story.Looks) > 0 {
		pick = 0
	}
	var tabs []lookTab
	for i, l := range story.Looks {
		t := lookTab{Look: l, Name: tell.After(l.After), Says: tell.Word(l.Word), On: i == pick, Href: "?look=" + strconv.Itoa(l.Number)}
		if l.State != debrief.LookDone {
			t.Says = "too early"
			if wait := l.Due.Sub(s.Now()); !l.Due.IsZero() && wait > 0 {
				t.Says += ", in " + tell.Length(wait)
			} else if !l.Due.IsZero() {
				t.Says = "being taken"
			}
		}
		if l.CutShort != "" {
			t.Says += ", cut short by " + l.CutShort
		}
		tabs = append(tabs, t)
	}
	if pick < 0 {
		return tabs, nil
	}
	return tabs, &story.Looks[pick]
}

func (s *site) logs(story debrief.Story, l debrief.Look) *logsView {
	f := l.Logs
	if f.Word == debrief.Pending && f.Sentence == "" && len(f.Patterns) == 0 {
		return nil
	}
	v := &logsView{LogFindings: f, Says: sentence(orElse(tell.LogsOf(story, l, s.Location), orElse(f.Sentence, "Nothing new in the logs"))), Hatch: f.Word == debrief.CannotTell}
	for _, p := range f.Patterns {
		if p.New && (p.Level == "error" || p.Level == "") && len(v.Worse) < 5 {
			v.Worse = append(v.Worse, p)
		} else {
			v.Others = append(v.Others, p)
		}
	}
	return v
}

func (s *site) tryOf(d debrief.Deployment) try {
	t := try{Deployment: d, Show: d.Output != "" && (d.State == debrief.Failed || d.State == debrief.Aborted || d.State == debrief.Partial)}
	add := func(name, value string) {
		if value != "" {
			t.Facts = append(t.Facts, fact{name, value})
		}
	}
	add("state", string(d.State))
	add("target", d.Target)
	add("version", d.Version)
	add("commit", shortCommit(d.Commit))
	if took := d.Worked(); took > 0 {
		t.Took = tell.Duration(took)
		add("worked", t.Took)
	}
	if waited := d.Waited(); waited > 0 {
		t.Waited = tell.Duration(waited)
		add("waited", t.Waited)
	}
	if d.ExitCode != nil {
		add("exit code", strconv.Itoa(*d.ExitCode))
	}
	if d.Manual {
		add("by hand", "yes")
	}
	if d.Attempt > 1 {
		add("attempt", strconv.Itoa(d.Attempt))
	}
	add("command", d.Command)
	for _, k := range sortedKeys(d.Facts) {
		add(k, factValue(d.Facts[k]))
	}
	for _, st := range d.Stages {
		for _, k := range sortedKeys(st.Facts) {
			add(st.Name+", "+k, factValue(st.Facts[k]))
		}
	}
	add("told by", strings.Join(d.Sources, ", "))
	return t
}

const openChanges = 6

func shippedOf(story debrief.Story) shipped {
	rel := story.Release
	sh := shipped{Fact: tell.ShippedFact(story), Known: rel.Changes >= 0, Changes: story.Changes, Short: len(story.Changes) <= openChanges}
	files, added, deleted := 0, 0, 0
	for _, d := range story.Deployments {
		if g := d.Git; g != nil && g.Files > files {
			files, added, deleted = g.Files, g.Added, g.Deleted
		}
	}
	sh.Words = tell.Count(len(story.Changes), "change", "changes")
	if rel.Changes > len(story.Changes) {
		sh.Words = tell.Count(rel.Changes, "change", "changes") + ", " + strconv.Itoa(len(story.Changes)) + " listed"
	}
	if files > 0 {
		sh.Words += " in " + tell.Count(files, "file", "files") + ", " + strconv.Itoa(added) + " lines added, " + strconv.Itoa(deleted) + " deleted"
	}
	return sh
}
