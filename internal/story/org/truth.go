package org

import (
	"slices"
	"time"
)

// Truth is what was planted, for those who look for it to be held to.
type Truth struct {
	Seed     uint64         `json:"seed"`
	From     time.Time      `json:"from"`
	To       time.Time      `json:"to"`
	Shuffled bool           `json:"shuffled,omitempty"` // no cause is left
	Causes   []Cause        `json:"causes"`
	Services []ServiceTruth `json:"services"`
}

// ServiceTruth is what one service is drawn from.
type ServiceTruth struct {
	ID       string   `json:"id"`
	Team     string   `json:"team"`
	Planned  int      `json:"planned_releases"`
	Fails    float64  `json:"fails"`           // share of its releases that fail where no cause is at work, over the years
	Ratio    float64  `json:"migration_ratio"` // of a migration's time in production to that in staging, where no cause is at work
	Modules  []string `json:"modules"`
	Alerts   []string `json:"alerts"`
	Approves bool     `json:"approves"` // somebody approves each roll-out
	Targets  bool     `json:"targets"`  // it goes to two regions, one after the other
}

// Truth tells what was planted. Which action a cause is about is known after
// the first Walk.
func (o *Org) Truth() Truth {
	t := Truth{Seed: o.Seed, From: o.start(), To: o.End, Shuffled: o.Shuffle, Causes: slices.Clone(o.causes)}
	if o.Shuffle {
		t.Causes = []Cause{}
	}
	for _, s := range o.services {
		t.Services = append(t.Services, ServiceTruth{
			ID: s.id, Team: teamName(s.team), Planned: s.planned, Fails: s.base, Ratio: s.ratio,
			Modules: s.modules, Alerts: s.alerts, Approves: s.approval > 0, Targets: s.targets,
		})
	}
	return t
}
