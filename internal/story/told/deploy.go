package told

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// deployment reads "deploy SERVICE ENV VERSION took 4m stage migrate=58s …".
// The line's time is when it finished: its stages end there, one after another.
func deployment(at time.Time, w []string) (debrief.Envelope, error) {
	if len(w) < 3 {
		return debrief.Envelope{}, usage("at 14:03 deploy SERVICE ENV VERSION [took 4m] [stage NAME=58s]…")
	}
	r := debrief.Report{Service: w[0], Environment: w[1], Version: w[2], State: debrief.Succeeded}
	key := strings.Join([]string{w[0], w[1], w[2], at.Format("0102T150405")}, "-")
	took, waited := time.Minute, time.Duration(0)
	source := "api"
	var stages []debrief.Stage
	var exposed time.Time
	git := debrief.GitFacts{Repository: "told/" + w[0], From: "told"}
	for i := 3; i < len(w); i++ {
		word := w[i]
		switch word {
		case "rollback":
			r.Rollback = true
			continue
		case "manual":
			r.Manual = true
			continue
		case "bot", "squashed": // of the change named last
			if err := ofLast(&git, word, "", at); err != nil {
				return debrief.Envelope{}, err
			}
			continue
		}
		if i++; i == len(w) {
			return debrief.Envelope{}, debrief.Errorf(debrief.Invalid, "", "%q needs a value", word)
		}
		var err error
		switch word {
		case "took":
			took, err = time.ParseDuration(w[i])
		case "waited":
			waited, err = time.ParseDuration(w[i])
		case "state":
			r.State = debrief.DeploymentState(w[i])
		case "key":
			key = w[i]
		case "target":
			r.Target = w[i]
		case "commit":
			r.Commit = w[i]
		case "rollout":
			r.Rollout = w[i]
		case "source":
			source = w[i]
		case "attempt":
			r.Attempt, err = strconv.Atoi(w[i])
		case "people":
			r.People, err = strconv.Atoi(w[i])
		case "exposed":
			exposed, err = clockOn(at, w[i])
		case "carries", "branch":
			git.Commits = append(git.Commits, commit(at, w[i], ""))
			if word == "branch" {
				git.Commits[len(git.Commits)-1].Branch = w[i]
			}
		case "made", "authored", "pull", "opened", "reviewed", "merged":
			err = ofLast(&git, word, w[i], at)
		case "fact":
			name, value, _ := strings.Cut(w[i], "=")
			if r.Facts == nil {
				r.Facts = debrief.Facts{}
			}
			r.Facts[name] = value
		case "reverts":
			git.Commits = append(git.Commits, commit(at, "Revert \""+w[i]+"\"", w[i]))
		case "stage":
			var s debrief.Stage
			if s, err = stage(w[i]); err == nil {
				stages = append(stages, s)
			}
		default:
			err = debrief.Errorf(debrief.Invalid, "", "%q is no word of a deployment; known are took, waited, state, key, target, commit, rollout, attempt, people, exposed, carries, made, authored, opened, reviewed, merged, pull, bot, squashed, branch, reverts, stage, fact, rollback, manual", word)
		}
		if err != nil {
			return debrief.Envelope{}, err
		}
	}
	r.Times = debrief.Times{Started: at.Add(-took), Finished: at}
	if waited > 0 {
		r.Times.Queued = at.Add(-took - waited)
	}
	r.Times.FirstExposure = exposed
	if len(git.Commits) > 0 {
		r.Git = &git
	}
	r.Stages = place(stages, at)
	body, err := json.Marshal(map[string]any{"key": key, "services": []string{r.Service}, "report": r})
	return debrief.Envelope{Source: source, Key: "deployments/" + key, Body: body, Received: debrief.Instant(at)}, err
}

// ofLast says more of the change named last: how long before the deployment ended
// something happened to it, or what it is.
func ofLast(git *debrief.GitFacts, word, value string, at time.Time) error {
	if len(git.Commits) == 0 {
		return debrief.Errorf(debrief.Invalid, "", "%q is said of a change: write it after carries \"title\"", word)
	}
	c := &git.Commits[len(git.Commits)-1]
	switch word {
	case "bot":
		c.Bot = true
		return nil
	case "squashed":
		c.Squashed = true
		return nil
	case "pull":
		n, err := strconv.Atoi(value)
		c.PullNumber = n
		return err
	}
	before, err := time.ParseDuration(value)
	when := map[string]*time.Time{"made": &c.Committed, "authored": &c.AuthoredAt, "opened": &c.Opened, "reviewed": &c.Reviewed, "merged": &c.Merged}[word]
	*when = at.Add(-before)
	return err
}

// clockOn is a clock time of the day a line stands in.
func clockOn(at time.Time, w string) (time.Time, error) {
	t, err := time.Parse("15:04", w)
	y, m, d := at.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, at.Location()), err
}

// commit is a change a deployment carries; its title names it.
func commit(at time.Time, title, reverts string) debrief.Change {
	return debrief.Change{Commit: debrief.ID("told", title) + debrief.ID(title), Title: title, Reverts: reverts, Committed: at.Add(-time.Hour)}
}

// update reads "KEY STATE": what is said later of a deployment that was told.
func update(at time.Time, w []string) (debrief.Envelope, error) {
	if len(w) != 2 {
		return debrief.Envelope{}, usage("at 14:05 tell KEY STATE")
	}
	r := debrief.Report{State: debrief.DeploymentState(w[1]), Times: debrief.Times{Finished: at}}
	body, err := json.Marshal(map[string]any{"key": w[0], "report": r})
	key := "deployments/" + w[0] + "/" + debrief.ID(string(body))
	return debrief.Envelope{Source: "api", Key: key, Body: body, Received: debrief.Instant(at)}, err
}

// stage reads "migrate=5m12s,rows=31000000,manual".
func stage(word string) (debrief.Stage, error) {
	parts := strings.Split(word, ",")
	name, took, ok := strings.Cut(parts[0], "=")
	d, err := time.ParseDuration(took)
	if !ok || err != nil {
		return debrief.Stage{}, usage("stage migrate=5m12s,rows=31000000")
	}
	s := debrief.Stage{Name: name, State: debrief.Succeeded, Started: time.Unix(0, 0), Finished: time.Unix(0, int64(d))}
	for _, p := range parts[1:] {
		k, v, fact := strings.Cut(p, "=")
		switch {
		case fact && k == "attempt":
			if s.Attempt, err = strconv.Atoi(v); err != nil {
				return s, err
			}
		case fact:
			if s.Facts == nil {
				s.Facts = debrief.Facts{}
			}
			s.Facts[k] = v
		case k == "manual":
			s.Manual = true
		case k == "waiting":
			s.Waiting = true
		}
	}
	return s, nil
}

// place puts stages one after another so that the last ends at end.
func place(stages []debrief.Stage, end time.Time) []debrief.Stage {
	for i := len(stages) - 1; i >= 0; i-- {
		took := stages[i].Finished.Sub(stages[i].Started)
		stages[i].Finished, stages[i].Started = end, end.Add(-took)
		end = stages[i].Started
	}
	return stages
}
