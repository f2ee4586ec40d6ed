package notice

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// alert is a machine's alert that fired so long after t0 and was acknowledged
// and ended so long after that; negative: never.
func alert(id string, fired, ack, ended time.Duration) debrief.Incident {
	i := debrief.Incident{
		ID: id, Service: "shop", Services: []string{"shop"}, Title: "p95 is high", Alert: true, Acknowledges: true,
		Began: at(fired), Times: debrief.IncidentTimes{Detected: at(fired)}, Keys: []string{"pagerduty/incident/" + id}, Sources: []string{"pagerduty"},
	}
	if ack >= 0 {
		i.Times.Acknowledged = at(fired + ack)
	}
	if ended >= 0 {
		i.Times.Restored = at(fired + ended)
	}
	return i
}

func (in Input) hurt(list ...debrief.Incident) Input { in.Story.Incidents = list; return in }
func (in Input) by(d time.Duration) Input            { in.Now = at(d); return in }

func TestUnnoticedAlert(t *testing.T) {
	t.Parallel()
	mute := alert("a", 20*m, -1, -1)
	mute.Acknowledges, mute.Sources = false, []string{"alertmanager"}
	incident := alert("a", 20*m, -1, -1)
	incident.Alert = false
	overtaken := input(production(10 * m)).hurt(alert("a", 20*m, -1, -1)).by(2 * time.Hour)
	overtaken.Story.Release.NextAt = at(15 * m)
	play(t, "unnoticed-alert", []scene{
		{"nobody took note", input(production(10 * m)).hurt(alert("a", 20*m, -1, -1)).by(time.Hour), []string{"a: Nobody acknowledged the alert “p95 is high” within 15:00."}},
		{"there is still time", input(production(10 * m)).hurt(alert("a", 20*m, -1, -1)).by(34 * m), nil},
		{"the quarter of an hour is over", input(production(10 * m)).hurt(alert("a", 20*m, -1, -1)).by(35 * m), []string{"a: Nobody acknowledged"}},
		{"acknowledged in time", input(production(10 * m)).hurt(alert("a", 20*m, 15*m, 40*m)).by(time.Hour), nil},
		{"acknowledged too late", input(production(10 * m)).hurt(alert("a", 20*m, 16*m, 40*m)).by(time.Hour), []string{"a: Nobody acknowledged the alert “p95 is high” within 15:00; it took 16:00."}},
		{"ended by itself", input(production(10 * m)).hurt(alert("a", 20*m, -1, 4*m)).by(time.Hour), []string{"a: Nobody acknowledged the alert “p95 is high” within 15:00; it ended after 4:00 without."}},
		{"a person's incident was noticed", input(production(10 * m)).hurt(incident).by(time.Hour), nil},
		{"told of the release that was the newest then", overtaken, nil},
		{"before the release", input(production(10 * m)).hurt(alert("a", -5*m, -1, -1)).by(time.Hour), nil},
		{"its source does not say", input(production(10 * m)).hurt(mute).by(time.Hour), []string{"acknowledgement: Whether anybody took note of 1 alert cannot be told: alertmanager does not say."}},
	})
	for _, s := range Find(input(production(10 * m)).hurt(mute).by(time.Hour)) {
		if s.Kind == "unnoticed-alert" && !s.Note {
			t.Error("what cannot be told is a note, no surprise")
		}
	}
	in := input(production(10*m)).hurt(alert("a", 20*m, -1, -1), alert("b", 40*m, 1*m, -1)).by(21 * m)
	if got := Again(in); !got.Equal(at(35 * m)) {
		t.Errorf("looked at again at %v, want when the quarter of an hour is over", got)
	}
	if got := Again(in.by(2 * time.Hour)); !got.IsZero() {
		t.Errorf("looked at again at %v though all is known", got)
	}
}

func TestCrowdedRollback(t *testing.T) {
	t.Parallel()
	rollback := func(people int, around ...debrief.Incident) Input {
		d := production(10 * m)
		d.People = people
		in := input(d)
		in.Story.Release.Kind, in.Around = debrief.ReleaseRollback, around
		return in
	}
	crowd := func(n int, from, ended time.Duration) debrief.Incident {
		i := alert("a", from, 0, ended)
		i.People = n
		return i
	}
	release := rollback(5)
	release.Story.Release.Kind = debrief.ReleaseNew
	play(t, "crowded-rollback", []scene{
		{"three people", rollback(3), []string{"rollback: The rollback to v1.42 needed 3 people."}},
		{"two people", rollback(2), nil},
		{"nobody counted", rollback(0), nil},
		{"five people, but no rollback", release, nil},
		{"the incident it ended counts them", rollback(0, crowd(4, -30*m, time.Hour)), []string{"rollback: The rollback to v1.42 needed 4 people."}},
		{"the same people may be counted twice", rollback(2, crowd(2, -30*m, time.Hour)), nil},
		{"an incident that was over", rollback(0, crowd(4, -time.Hour, 20*m)), nil},
	})
}

func TestNotShipped(t *testing.T) {
	t.Parallel()
	daily := func(now time.Duration, merged ...time.Duration) Input {
		in := input(production(10*m)).recent(m, m, m, m, m, m).by(now)
		for _, d := range merged {
			in.Merged = append(in.Merged, debrief.Change{ID: "c", Title: "faster carts", Merged: at(d)})
		}
		return in
	}
	const day = 24 * time.Hour
	next := daily(9*day, day)
	next.Next = at(3 * day)
	late := daily(9*day, day)
	late.Next = at(5 * day)
	young := input(production(10*m)).recent(m, m, m).by(9 * day)
	young.Merged = daily(0, day).Merged
	failed := daily(4 * day)
	failed.Story.Release.Kind = debrief.ReleaseAttempt
	failed.Story.Deployments[0].State = debrief.Failed
	repeated := failed
	repeated.Next = at(day)
	weekend := daily(5*day, day)
	weekend.Story.Recent[5].Times.Finished = at(-11 * day) // once there was a longer pause
	play(t, "merged-not-shipped", []scene{
		{"three days of waiting where one is usual", daily(4*day+time.Minute, day, 2*day), []string{"merged: 2 changes merged after v1.42 waited up to 3 days so far to be shipped."}},
		{"not quite", daily(4*day, day), nil},
		{"nothing was merged", daily(9 * day), nil},
		{"shipped in time", next, nil},
		{"shipped, but late", late, []string{"merged: 1 change merged after v1.42 waited up to 4 days to be shipped."}},
		{"too little past to say what is usual", young, nil},
		{"there was a longer pause before", weekend, nil},
		{"nobody repeated what failed", failed, []string{"attempt: The deployment failed and nobody repeated it for 4 days so far."}},
		{"it was repeated the next day", repeated, nil},
	})
	if got, want := Again(daily(2*day, day)), at(4*day+time.Second); !got.Equal(want) {
		t.Errorf("looked at again at %v, want %v", got, want)
	}
}
