package tell

import (
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// tried is how an attempt that never took over is told.
type tried struct {
	bold  string // "Deployment failed."
	where string // " in migrate after 3:20"
	exit  string // "exit code 1"
}

// attempt tells of a deployment that did not change what runs.
func attempt(s debrief.Story) tried {
	t := tried{bold: "Deployment failed."}
	d, ok := lastDeployment(s)
	if !ok {
		return t
	}
	switch d.State {
	case debrief.Aborted:
		t.bold = "Deployment aborted."
	case debrief.Superseded:
		t.bold = "Deployment superseded."
	case debrief.Partial:
		t.bold = "Deployment only partly done."
	}
	for _, st := range d.Stages {
		if st.State == debrief.Failed || st.State == debrief.Aborted {
			t.where = " in " + Clean(st.Name)
		}
	}
	if took := d.Worked(); took > 0 {
		t.where += " after " + Duration(took)
	}
	if d.ExitCode != nil && *d.ExitCode != 0 {
		t.exit = "exit code " + strconv.Itoa(*d.ExitCode)
	}
	return t
}

func lastDeployment(s debrief.Story) (debrief.Deployment, bool) {
	var last debrief.Deployment
	ok := false
	for _, d := range s.Deployments {
		if !ok || d.Times.Started.After(last.Times.Started) {
			last, ok = d, true
		}
	}
	return last, ok
}

func leadAttempt(s debrief.Story) (bold, rest string) {
	t := attempt(s)
	var parts []string
	switch {
	case t.where != "" && t.exit != "":
		parts = append(parts, "It ended"+t.where+", with "+t.exit+".")
	case t.where != "":
		parts = append(parts, "It ended"+t.where+".")
	case t.exit != "":
		parts = append(parts, "It ended with "+t.exit+".")
	}
	if v := s.Release.PreviousVersion; v != "" {
		parts = append(parts, "Before it, "+Clean(v)+" was running.")
	}
	parts = append(parts, surpriseSentences(s, 2)...)
	return t.bold, strings.Join(parts, " ")
}

func leadSame(s debrief.Story) (bold, rest string) {
	parts := []string{"Nothing new was shipped, so no looks are taken."}
	if s.Release.Version != "" {
		parts[0] = Clean(s.Release.Version) + " was running already; nothing new was shipped, so no looks are taken."
	}
	return "Same version again.", strings.Join(append(parts, surpriseSentences(s, 2)...), " ")
}

func leadRunning(s debrief.Story, loc *time.Location) (bold, rest string) {
	parts := []string{"It started at " + Clock(s.Release.Started, time.Time{}, loc) + "."}
	if d, ok := lastDeployment(s); ok {
		switch d.State {
		case debrief.Queued:
			bold = "Queued."
		case debrief.Waiting:
			bold = "Waiting for an approval."
		}
		for _, st := range d.Stages {
			if st.State == debrief.Running || !st.Started.IsZero() && st.Finished.IsZero() && !st.State.Final() {
				parts = append(parts, capital(Clean(st.Name))+" is running since "+Clock(st.Started, s.Release.Started, loc)+".")
				break
			}
		}
	}
	if bold == "" {
		bold = "Deploying."
	}
	return bold, strings.Join(append(parts, surpriseSentences(s, 2)...), " ")
}
