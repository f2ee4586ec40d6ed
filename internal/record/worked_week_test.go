package record

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// report makes one event: what source says of the deployment with this key.
func report(source, key string, at time.Time, r debrief.Report) debrief.Event {
	r.Keys = append([]string{key}, r.Keys...)
	return debrief.Event{
		ID: debrief.ID(source, key, at.Format(time.RFC3339Nano), string(r.State)), Source: source, Key: key,
		Kind: debrief.EventDeployment, At: at, Received: at, Service: r.Service, Report: &r,
	}
}

func day(d, hour, minute int) time.Time { return time.Date(2026, 3, 2+d, hour, minute, 0, 0, time.UTC) }

const mon, tue, wed, thu, fri = 0, 1, 2, 3, 4

// week is the worked week of the definitions: one service in production, ten deployments.
func week() []debrief.Event {
	var events []debrief.Event
	add := func(key, version string, at time.Time, state debrief.DeploymentState, exposed time.Time) {
		started := debrief.Report{
			Service: "shop", Environment: "production", Version: version, State: debrief.Running,
			Times: debrief.Times{Started: at},
		}
		ended := at.Add(5 * time.Minute)
		done := debrief.Report{State: state, Times: debrief.Times{Finished: ended, FirstExposure: exposed}}
		events = append(events, report("api", key, at, started), report("api", key, ended, done))
	}
	add("api/D1", "v1", day(mon, 10, 0), debrief.Succeeded, time.Time{})
	add("api/D2", "v2", day(mon, 15, 0), debrief.Succeeded, time.Time{})
	add("api/D3", "v3", day(tue, 10, 0), debrief.Succeeded, time.Time{})
	add("api/D4", "v4", day(tue, 15, 0), debrief.Succeeded, time.Time{})
	add("api/D5", "v5", day(tue, 16, 0), debrief.Succeeded, time.Time{})
	add("api/D6", "v6", day(wed, 10, 0), debrief.Succeeded, time.Time{})
	add("api/D7", "v7", day(thu, 10, 0), debrief.Succeeded, time.Time{})
	add("api/D8", "v8", day(thu, 11, 0), debrief.Succeeded, time.Time{})
	add("api/D9", "v6", day(thu, 12, 0), debrief.Succeeded, time.Time{})
	add("api/D10", "v9", day(fri, 10, 0), debrief.Aborted, day(fri, 10, 1)) // stopped by itself at 5 % of users
	return events
}

func TestWorkedWeek(t *testing.T) {
	t.Parallel()
	ds, _ := Deployments(week())
	if len(ds) != 10 {
		t.Fatalf("%d deployments, want 10", len(ds))
	}
	rs := Releases(ds)
	want := []struct {
		version  string
		kind     debrief.ReleaseKind
		previous string
		next     int // index of the release that followed; -1: none
	}{
		{"v1", debrief.ReleaseNew, "", 1},
		{"v2", debrief.ReleaseNew, "v1", 2},
		{"v3", debrief.ReleaseNew, "v2", 3},
		{"v4", debrief.ReleaseNew, "v3", 4},
		{"v5", debrief.ReleaseNew, "v4", 5},
		{"v6", debrief.ReleaseNew, "v5", 6},
		{"v7", debrief.ReleaseNew, "v6", 7},
		{"v8", debrief.ReleaseNew, "v7", 8},
		{"v6", debrief.ReleaseRollback, "v8", -1},
		{"v9", debrief.ReleaseAttempt, "v6", -1},
	}
	if len(rs) != len(want) {
		t.Fatalf("%d rows, want %d", len(rs), len(want))
	}
	count := map[debrief.ReleaseKind]int{}
	for i, w := range want {
		r := rs[i]
		count[r.Kind]++
		if r.Version != w.version || r.Kind != w.kind || r.PreviousVersion != w.previous {
			t.Errorf("D%d: %s %s after %q, want %s %s after %q", i+1, r.Kind, r.Version, r.PreviousVersion, w.kind, w.version, w.previous)
		}
		if (w.previous == "") != (r.PreviousID == "") {
			t.Errorf("D%d: previous id %q", i+1, r.PreviousID)
		}
		if w.next < 0 {
			if r.NextID != "" || !r.NextAt.IsZero() {
				t.Errorf("D%d: followed by %s at %v, want nothing", i+1, r.NextID, r.NextAt)
			}
		} else if next := rs[w.next]; r.NextID != next.ID || !r.NextAt.Equal(next.FirstExposure) {
			t.Errorf("D%d: followed by %s at %v, want %s at %v", i+1, r.NextID, r.NextAt, next.ID, next.FirstExposure)
		}
		if r.Changes != -1 {
			t.Errorf("D%d: %d changes, want not known", i+1, r.Changes)
		}
	}
	if count[debrief.ReleaseNew] != 8 || count[debrief.ReleaseRollback] != 1 || count[debrief.ReleaseAttempt] != 1 {
		t.Errorf("want 8 releases, 1 rollback, 1 attempt: %v", count)
	}
	// Caught early: it reached some users, and never took over.
	d10 := rs[9]
	if d10.Live() || !d10.FirstExposure.Equal(day(fri, 10, 1)) || d10.PreviousID != rs[8].ID {
		t.Errorf("D10: live %v, first exposed %v, previous %s", d10.Live(), d10.FirstExposure, d10.PreviousID)
	}
}
