package ingest

import (
	"regexp"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

func itoa(n int) string { return strconv.Itoa(n) }

// namedTime is a time with the field that said it.
type namedTime struct {
	field string
	at    time.Time
}

func reportTimes(r *debrief.Report) []namedTime {
	list := make([]namedTime, 0, 7+2*len(r.Stages))
	list = append(
		list,
		namedTime{"queued_at", r.Times.Queued},
		namedTime{"waiting_since", r.Times.WaitingSince},
		namedTime{"approved_at", r.Times.Approved},
		namedTime{"started_at", r.Times.Started},
		namedTime{"first_exposure_at", r.Times.FirstExposure},
		namedTime{"full_exposure_at", r.Times.FullExposure},
		namedTime{"finished_at", r.Times.Finished},
	)
	// In Report the times stand in an object of their own.
	for i := range list {
		list[i].field = "times." + list[i].field
	}
	for i, s := range r.Stages {
		at := "stages." + itoa(i)
		list = append(list, namedTime{at + ".started_at", s.Started}, namedTime{at + ".finished_at", s.Finished})
	}
	return list
}

// plausible refuses what cannot be true: a future, an end before its start,
// an end without an outcome.
func plausible(r *debrief.Report, received time.Time) error {
	for _, t := range reportTimes(r) {
		if farAhead(t.at, received) {
			return futureDated(t.field, t.at, received)
		}
	}
	t := r.Times
	if before(t.Finished, t.Started) {
		return debrief.Errorf(debrief.Invalid, "times.finished_at", "is before times.started_at")
	}
	if before(t.FullExposure, t.FirstExposure) {
		return debrief.Errorf(debrief.Invalid, "times.full_exposure_at", "is before times.first_exposure_at")
	}
	if !t.Finished.IsZero() && r.State != "" && !r.State.Final() {
		return debrief.Errorf(debrief.Invalid, "state", "is %q although times.finished_at is given", r.State).WithHint("%s", howEnded)
	}
	if !t.Finished.IsZero() && r.State == "" && r.ExitCode == nil {
		return debrief.Errorf(debrief.Invalid, "state", "missing, although times.finished_at is given").WithHint("%s", howEnded)
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
func tidy(b *apiBody) {
	r := b.Report
	r.Keys = append(r.Keys, "api/"+b.Key)
	r.Output = clean(escapes.ReplaceAllString(r.Output, ""), true)
	r.Command = clean(r.Command, true)
	for _, t := range []*time.Time{
		&r.Times.Queued, &r.Times.WaitingSince, &r.Times.Approved, &r.Times.Started,
		&r.Times.FirstExposure, &r.Times.FullExposure, &r.Times.Finished,
	} {
		*t = debrief.Instant(*t)
	}
	for i := range r.Stages {
		s := &r.Stages[i]
		s.Started, s.Finished = debrief.Instant(s.Started), debrief.Instant(s.Finished)
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

func tidyChange(c *debrief.Change, repository string) {
	if c.Repository == "" {
		c.Repository = repository
	}
	if c.Commit != "" {
		c.ID = changeID(c.Repository, c.Commit)
	}
	c.Title = line(c.Title, maxTitle)
	c.AuthorHash = "" // people are only ever counted, with a salt that is kept elsewhere
	for _, t := range []*time.Time{&c.AuthoredAt, &c.Committed, &c.Pushed, &c.Opened, &c.Merged} {
		*t = debrief.Instant(*t)
	}
}

func changeID(repository, commit string) string { return debrief.ID("change", repository, commit) }
