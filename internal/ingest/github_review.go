package ingest

import (
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// ghReview is https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request_review
type ghReview struct {
	Action string `json:"action"`
	Review struct {
		State       string `json:"state"`
		SubmittedAt ghTime `json:"submitted_at"`
	} `json:"review"`
	Pull struct {
		Number int `json:"number"`
	} `json:"pull_request"`
	Repository ghRepository `json:"repository"`
}

// githubReview notes when a pull request was reviewed and approved. Which
// commit it will become is not known yet: it is found by its number.
func githubReview(r Request) ([]debrief.Event, error) {
	var p ghReview
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Repository.check(); err != nil {
		return nil, err
	}
	if p.Action != "submitted" {
		return nil, ignored("review %s", line(p.Action, 40))
	}
	state := strings.ToLower(p.Review.State) // the API writes it in capitals
	if state != "approved" && state != "changes_requested" {
		return nil, ignored("review %q decides nothing", line(state, 40))
	}
	if p.Pull.Number <= 0 {
		return nil, debrief.Errorf(debrief.Invalid, "pull_request.number", "missing")
	}
	at := p.Review.SubmittedAt
	if err := ghTimes(r.Received, ghAt("review.submitted_at", at)); err != nil {
		return nil, err
	}
	e := event("github", r, 0, debrief.EventChange, at.Time)
	e.Service = p.Repository.service()
	e.Change = reviewed(p.Repository.FullName, p.Pull.Number)
	e.Change.Reviewed = e.At
	if state == "approved" {
		e.Change.Approved = e.At
	}
	return []debrief.Event{e}, nil
}

// reviewed begins what is said of a pull or merge request before it is merged.
func reviewed(repository string, number int) *debrief.Change {
	return &debrief.Change{
		ID:         changeID(repository, "pull/"+strconv.Itoa(number)),
		Repository: repository,
		PullNumber: number,
	}
}
