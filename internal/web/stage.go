package web

import (
	"html/template"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/plot"
	"github.com/debriefhq/debrief/internal/tell"
)

// stageSet is one deployment's stages.
type stageSet struct {
	Target string
	Stages []stageRow
	Took   string
	Usual  string
}

type stageRow struct {
	Name   string
	Took   string
	Bar    template.HTML
	Beside string // "usually 2:04", "staging 0:58"
	Remark string // "5.4× staging", "failed, exit code 1"
	Worse  bool
	Facts  string // "31 M rows, staging 1.2 M"
	URL    string
}

func stageSets(story debrief.Story) []stageSet {
	slow := map[string]bool{}
	for _, sp := range story.Surprises {
		if sp.Kind == "slow-step" && !sp.Note {
			slow[sp.Subject] = true
		}
	}
	var sets []stageSet
	for _, d := range story.Deployments {
		set := stageSet{Target: d.Target}
		if took := d.Worked(); took > 0 {
			set.Took = tell.Duration(took)
		}
		if u := usualWork(story.Recent); u > 0 {
			set.Usual = tell.Duration(u)
		}
		longest := time.Duration(0)
		for _, st := range d.Stages {
			longest = max(longest, st.Took(), usualStage(story.Recent, st.Name))
		}
		for _, st := range d.Stages {
			late := slow[st.Name] || slow[st.Name+" in "+d.Target]
			if !late {
				st.Facts = ownFacts(d.Stages, st)
			}
			set.Stages = append(set.Stages, stageRowOf(story, st, longest, late))
		}
		if len(set.Stages) > 0 || len(story.Deployments) == 1 && set.Took != "" && set.Usual != "" {
			sets = append(sets, set)
		}
	}
	return sets
}

func stageRowOf(story debrief.Story, st debrief.Stage, longest time.Duration, slow bool) stageRow {
	took, usual := st.Took(), usualStage(story.Recent, st.Name)
	staged, there := stageIn(story.Staging, st.Name)
	row := stageRow{Name: st.Name, Took: tell.Duration(took), URL: st.URL, Worse: slow}
	against := usual
	switch {
	case there && staged.Took() > 0 && (slow || usual == 0):
		against = staged.Took()
		row.Beside = "staging " + tell.Duration(against)
	case usual > 0:
		row.Beside = "usually " + tell.Duration(usual)
	}
	var remarks []string
	if slow && against > 0 {
		times := float64(took) / float64(against)
		where := "as usual"
		if there {
			where = "staging"
		}
		remarks = append(remarks, strconv.FormatFloat(times, 'f', 1, 64)+"× "+where)
	}
	switch st.State {
	case debrief.Failed, debrief.Aborted:
		what := string(st.State)
		if st.ExitCode != nil {
			what += ", exit code " + strconv.Itoa(*st.ExitCode)
		}
		remarks, row.Worse = append(remarks, what), true
	case debrief.Running:
		row.Took = "running"
	}
	if st.Waiting {
		remarks = append(remarks, "waiting")
	}
	if st.Manual {
		remarks = append(remarks, "by hand")
	}
	if st.Attempt > 1 {
		remarks = append(remarks, "attempt "+strconv.Itoa(st.Attempt))
	}
	row.Remark = strings.Join(remarks, ", ")
	row.Facts = besideStaging(st.Facts, staged.Facts, slow)
	bar := plot.Bar{Took: took.Seconds(), Usual: against.Seconds(), Max: longest.Seconds(), Waiting: st.Waiting}
	if row.Worse {
		bar.Tone = plot.Worse
	}
	row.Bar = template.HTML(bar.SVG()) //nolint:gosec // ours
	return row
}

// ownFacts are what was measured at one stage only. What several stages
// recorded, such as the size of the database, is none of them's doing: it
// stands with the deployment, and under a stage only where that was slow.
func ownFacts(stages []debrief.Stage, st debrief.Stage) debrief.Facts {
	own := debrief.Facts{}
	for k, v := range st.Facts {
		having := 0
		for _, o := range stages {
			if _, ok := o.Facts[k]; ok {
				having++
			}
		}
		if having == 1 {
			own[k] = v
		}
	}
	return own
}

// besideStaging sets a stage's measured facts beside staging's. The line holds
// what is measured as a whole and, where the stage was slow, its first part
// ("rows" and "rows.orders"); all of them stand with the deployment.
func besideStaging(here, there debrief.Facts, slow bool) string {
	var out []string
	seen := map[string]bool{}
	for _, k := range sortedKeys(here) {
		what, part, parted := strings.Cut(k, ".")
		if parted && !slow || len(out) == 2 {
			continue
		}
		if parted {
			what += " of " + part
		}
		s := factValue(here[k]) + " " + what
		if other, ok := there[k]; ok && other != here[k] {
			s += ", staging " + factValue(other)
		}
		if same := here[k] + "/" + there[k]; !seen[same] { // one part may be the whole
			seen[same] = true
			out = append(out, s)
		}
	}
	return strings.Join(out, "; ")
}

// factValue writes a whole number as people say it: 31000000 is 31 M.
func factValue(s string) string {
	if x, err := strconv.ParseFloat(s, 64); err == nil && x >= 10_000 && x < 1e15 {
		return tell.Number(x, "")
	}
	return s
}

func sortedKeys(f debrief.Facts) []string {
	keys := make([]string, 0, len(f))
	for k := range f {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// usualStage is the median time of a stage over the deployments before.
func usualStage(recent []debrief.Deployment, name string) time.Duration {
	var all []time.Duration
	for _, d := range recent {
		if st, ok := stageIn([]debrief.Deployment{d}, name); ok && st.Took() > 0 {
			all = append(all, st.Took())
		}
	}
	return median(all)
}

func usualWork(recent []debrief.Deployment) time.Duration {
	var all []time.Duration
	for _, d := range recent {
		if w := d.Worked(); w > 0 {
			all = append(all, w)
		}
	}
	return median(all)
}

func stageIn(ds []debrief.Deployment, name string) (debrief.Stage, bool) {
	for _, d := range ds {
		for _, st := range d.Stages {
			if st.Name == name {
				return st, true
			}
		}
	}
	return debrief.Stage{}, false
}

func median(ds []time.Duration) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return (ds[(len(ds)-1)/2] + ds[len(ds)/2]) / 2
}
