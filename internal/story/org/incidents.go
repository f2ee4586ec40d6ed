package org

import (
	"time"

	"github.com/debriefhq/debrief"
)

// told makes the incidents of a release that failed.
func (sim *simulation) told(r *release) {
	d := sim.d.cast(sim.o.Seed, forAlerts, uint64(sim.s.n), uint64(r.n), 1)
	x := &r.outcome
	if x.noticed == byAlert || x.noticed == byBoth {
		i := sim.incident(d, pick(d, sim.s.alerts), x.detected)
		i.Alert, i.Times.Restored = true, x.restored
		sim.lead(i, r, d)
	}
	if x.noticed == byPerson || x.noticed == byBoth {
		opened := x.detected
		if x.noticed == byBoth {
			opened = opened.Add(seconds(d.between(60, 900)))
		}
		i := sim.incident(d, personTitle(d, r), opened)
		i.Times.Impact, i.Times.Restored = x.impact, x.restored
		i.Times.Closed = x.restored.Add(seconds(d.between(600, 7200)))
		i.Severity, i.People = pick(d, []string{"SEV3", "SEV3", "SEV2"}), 1+d.IntN(5)
		sim.lead(i, r, d)
	}
}

func personTitle(d *dice, r *release) string {
	return pick(d, r.modules) + pick(d, []string{" answers slowly", " fails for some customers", " loses input", " shows old data", " times out"})
}

// incident is something that hurt or an alert that fired, so far on its own.
func (sim *simulation) incident(d *dice, title string, at time.Time) *Incident {
	sim.keys++
	key := sim.s.key("incident", number(sim.keys))
	i := &Incident{Incident: debrief.Incident{
		ID: debrief.ID("incident", key), Service: sim.s.id, Services: []string{sim.s.id}, Environment: "production",
		Title: title, Keys: []string{key}, Sources: []string{"sample"}, Acknowledges: true, State: debrief.IncidentRestored,
	}}
	i.Times.Detected = at
	if !d.chance(0.08) {
		i.Times.Acknowledged = at.Add(seconds(min(d.around(200, 0.7), 800)))
	}
	sim.incidents = append(sim.incidents, i)
	return i
}

// lead ties an incident to the release it came from, and lets some of them name it.
func (sim *simulation) lead(i *Incident, r *release, d *dice) {
	i.Led, i.LedKind = r.id, "release"
	if d.chance(0.4) {
		i.Versions = []string{r.version}
	}
	if d.chance(0.15) {
		i.Deployments = []string{r.key}
	}
	r.outcome.incidents = append(r.outcome.incidents, i)
}

// alone adds what comes of no release: outages of others, alerts that pass,
// flags that are flipped and now and then hurt.
func (sim *simulation) alone() {
	d := sim.d.cast(sim.o.Seed, forAlerts, uint64(sim.s.n), 1<<40)
	start, years := sim.o.start(), sim.o.End.Sub(sim.o.start()).Hours()/(24*365)
	any := func() time.Time {
		span := sim.o.End.Sub(start) - quietEnd*24*time.Hour
		return start.Add(time.Duration(d.Int64N(int64(span)))).Truncate(time.Second)
	}
	for range d.count(0.8 * years) {
		at := any()
		i := sim.incident(d, pick(d, []string{"The cloud's region is down", "A certificate expired", "The payment provider does not answer", "DNS answers slowly"}), at)
		i.Times.Impact = at.Add(-seconds(d.between(60, 900)))
		i.Times.Restored = at.Add(seconds(d.around(5400, 0.8)))
		i.Severity, i.People = "SEV2", 2+d.IntN(6)
	}
	for _, name := range sim.s.alerts {
		perYear, ignored := 1.2, 0.08
		for _, c := range sim.growing {
			if c := &sim.o.causes[c]; c.What == AlertUnanswered && c.Subject == name {
				perYear, ignored = c.Factor, 0.96
			}
		}
		for range d.count(perYear * years) {
			i := sim.incident(d, name, any())
			i.Alert = true
			if i.Times.Acknowledged = (time.Time{}); !d.chance(ignored) {
				i.Times.Acknowledged = i.Times.Detected.Add(seconds(min(d.around(200, 0.7), 800)))
			}
			i.Times.Restored = i.Times.Detected.Add(seconds(d.around(1500, 0.6)))
		}
	}
	for range d.count(float64(sim.s.planned) / 12) {
		flag := "new-" + pick(d, sim.s.modules)
		f := sim.flip(flag, pick(d, []string{"on", "on for a tenth of users", "off"}), any())
		sim.flips = append(sim.flips, f)
		if d.chance(0.04) {
			i := sim.incident(d, flag+" shows errors", f.Live.Add(seconds(d.around(600, 0.6))))
			i.Times.Impact = f.Live.Add(30 * time.Second)
			i.Times.Restored = i.Times.Detected.Add(seconds(d.around(1800, 0.5)))
			i.Severity, i.People = "SEV3", 1+d.IntN(3)
			i.Led, i.LedKind = f.ID, "flag"
		}
	}
}

// settle fills what follows from an incident's times.
func (i *Incident) settle() {
	t := &i.Times
	i.Began = t.Detected
	if !t.Impact.IsZero() && t.Impact.Before(i.Began) {
		i.Began = t.Impact
	}
	if !t.Acknowledged.IsZero() && !t.Restored.IsZero() && t.Acknowledged.After(t.Restored) {
		t.Acknowledged = t.Restored
	}
	if !t.Closed.IsZero() {
		i.State = debrief.IncidentClosed
	}
}
