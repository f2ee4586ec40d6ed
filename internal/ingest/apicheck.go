package ingest

import (
	"regexp"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

func itoa(n int) string { return strconv.Itoa(n) }

// moment is one of a deployment's times with the field that says it.
type moment struct {
	field string
	at    *time.Time
}

// momentsOf lists a deployment's times, always in this order.
func momentsOf(t *debrief.Times) []moment {
	return []moment{
		{"queued_at", &t.Queued},
		{"waiting_since", &t.WaitingSince},
		{"approved_at", &t.Approved},
		{"started_at", &t.Started},
		{"first_exposure_at", &t.FirstExposure},
		{"full_exposure_at", &t.FullExposure},
		{"finished_at", &t.Finished},
	}
}

// reportTimes lists every time of a report; prefix is where its author put
// the deployment's own.
func reportTimes(r *debrief.Report, prefix string) []moment {
	list := momentsOf(&r.Times)
	for i := range list {
		list[i].field = prefix + list[i].field
	}
	for i := range r.Stages {
		at := "stages." + itoa(i)
		list = append(list, moment{at + ".started_at", &r.Stages[i].Started}, moment{at + ".finished_at", &r.Stages[i].Finished})
	}
	return list
}

// plausible refuses what cannot be true: a future, an end before its start,
// an end without an outcome.
func plausible(r *debrief.Report, prefix string, received time.Time) error {
	for _, t := range reportTimes(r, prefix) {
		if farAhead(*t.at, received) {
			return futureDated(t.field, *t.at, received)
		}
	}
	t := r.Times
	if before(t.Finished, t.Started) {
		return debrief.Errorf(debrief.Invalid, prefix+"finished_at", "is before %sstarted_at", prefix)
	}
	if before(t.FullExposure, t.FirstExposure) {
		return debrief.Errorf(debrief.Invalid, prefix+"full_exposure_at", "is before %sfirst_exposure_at", prefix)
	}
	if !t.Finished.IsZero() && r.State != "" && !r.State.Final() {
		return debrief.Errorf(debrief.Invalid, "state", "is %q although %sfinished_at is given", r.State, prefix).WithHint("%s", howEnded)
	}
	if !t.Finished.IsZero() && r.State == "" && r.ExitCode == nil {
		return debrief.Errorf(debrief.Invalid, "state", "missing, although %sfinished_at is given", prefix).WithHint("%s", howEnded)
	}
	for i, s := range r.Stages {
		at := "stages." + itoa(i)
		if s.Name == "" {
			return debrief.Errorf(debrief.Invalid, at+".name", "missing")
		}
		if before(s.Finished, s.Started) {
			return debrief.Errorf(debrief.Invalid, at+".finished_at", "is before %s.started_at", at)
		}
	}
	return nil
}

const howEnded = "say how it ended: succeeded, failed, aborted, superseded or partial"

func before(a, b time.Time) bool { return !a.IsZero() && !b.IsZero() && a.Before(b) }

// tidy brings a checked report into the form everything is kept in.
func tidy(r *debrief.Report, key string) {
	r.Keys = append(r.Keys, "api/"+key)
	tidyReport(r)
}

func tidyReport(r *debrief.Report) {
	r.Output = clean(escapes.ReplaceAllString(r.Output, ""), true)
	r.Command = clean(r.Command, true)
	for _, t := range reportTimes(r, "") {
		*t.at = debrief.Instant(*t.at)
	}
	if r.Git == nil {
		return
	}
	for i := range r.Git.Commits {
		tidyChange(&r.Git.Commits[i], r.Git.Repository)
	}
}

// escapes are a terminal's colours and cursor movements.
var escapes = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]`)

// saltedHash is the form the command line gives authors in, hashed with a salt
// that never leaves the machine.
var saltedHash = regexp.MustCompile(`^[a-z2-7]{16}$`)

func tidyChange(c *debrief.Change, repository string) {
	if c.Repository == "" {
		c.Repository = repository
	}
	if c.Commit != "" {
		c.ID = changeID(c.Repository, c.Commit)
	}
	c.Title = line(c.Title, maxTitle)
	c.Reverts = line(c.Reverts, maxTitle)
	if !saltedHash.MatchString(c.AuthorHash) {
		c.AuthorHash = "" // people are only ever counted: no name may slip in here
	}
	for _, t := range []*time.Time{&c.AuthoredAt, &c.Committed, &c.Pushed, &c.Opened, &c.Merged} {
		*t = debrief.Instant(*t)
	}
}

func changeID(repository, commit string) string { return debrief.ID("change", repository, commit) }
