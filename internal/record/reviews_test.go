package record

import (
	"slices"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// A review is told before the pull request has a commit; it is found by the
// pull request's number, whatever comes first.
func TestReviewsBelongToWhatTheirPullRequestBecame(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 3, 3, 14, minute, 0, 0, time.UTC) }
	change := func(id string, when time.Time, c debrief.Change) debrief.Event {
		c.Repository = "acme/shop"
		return debrief.Event{ID: id, Source: "github", Kind: debrief.EventChange, At: when, Change: &c}
	}
	events := []debrief.Event{
		change("1", at(5), debrief.Change{PullNumber: 7, Reviewed: at(5)}),
		change("2", at(9), debrief.Change{PullNumber: 7, Reviewed: at(9), Approved: at(9)}),
		change("3", at(11), debrief.Change{PullNumber: 7, Reviewed: at(11), Approved: at(11)}),
		change("4", at(12), debrief.Change{PullNumber: 8, Reviewed: at(12)}),
		change("5", at(20), debrief.Change{PullNumber: 7, Commit: "abcdef1", Merged: at(20)}),
		change("6", at(21), debrief.Change{Commit: "abcdef1", Pushed: at(21)}),
		change("7", at(22), debrief.Change{Commit: "0123456", Pushed: at(22)}),
	}
	for range 2 {
		got := Changes(events)
		if len(got) != 2 || !got[0].Reviewed.Equal(at(5)) || !got[0].Approved.Equal(at(9)) || !got[1].Reviewed.IsZero() {
			t.Errorf("got %+v", got)
		}
		slices.Reverse(events)
	}
	if !slices.Contains(Keys(events[0]), "change/acme/shop/pull/7") || !slices.Contains(Keys(events[4]), "change/acme/shop/pull/7") {
		t.Errorf("a review and its pull request do not meet: %v, %v", Keys(events[0]), Keys(events[4]))
	}
}

// Jobs of a run stand in as stages; a build that began long before is not when
// a deployment began.
func TestARunsJobsDoNotMoveADeploymentsStart(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 3, 3, 14, minute, 0, 0, time.UTC) }
	ds, _ := Deployments([]debrief.Event{
		{ID: "1", Source: "github", Kind: debrief.EventDeployment, At: at(20), Service: "shop", Report: &debrief.Report{
			Keys: []string{"github/deployment/acme/shop/1", "github/run/5"}, Service: "shop", Environment: "production", State: debrief.Succeeded,
			Times: debrief.Times{Queued: at(15), Finished: at(20)},
		}},
		{ID: "2", Source: "github", Kind: debrief.EventDeployment, At: at(9), Service: "org", Report: &debrief.Report{
			Keys: []string{"github/run/5"}, Stages: []debrief.Stage{{Name: "build", State: debrief.Succeeded, Started: at(1), Finished: at(9)}},
		}},
	})
	if len(ds) != 1 || len(ds[0].Stages) != 1 || !ds[0].Times.Started.Equal(at(15)) {
		t.Errorf("got %+v", ds)
	}
}
