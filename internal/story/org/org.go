package org

import (
	"time"

	"github.com/debriefhq/debrief"
)

// Org is a made-up organisation: who there is and what is planted. What
// happened there is told by Walk.
type Org struct {
	Options
	services []*service
	teams    [][]*service
	causes   []Cause
	year     seasons
}

// New draws an organisation's services and what is planted in them.
func New(o Options) (*Org, error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	made := &Org{Options: o, year: newSeasons(o.start(), o.End)}
	made.draw()
	if err := made.plant(); err != nil {
		return nil, err
	}
	return made, nil
}

// Item is one thing that happened; exactly one of its fields is set.
type Item struct {
	Service     *debrief.Service     `json:"service,omitempty"`
	Release     *Release             `json:"release,omitempty"`
	Flip        *Flip                `json:"flip,omitempty"`
	Incident    *Incident            `json:"incident,omitempty"`
	Surprise    *debrief.Surprise    `json:"surprise,omitempty"`
	Attribution *debrief.Attribution `json:"attribution,omitempty"`
	Debrief     *debrief.Debrief     `json:"debrief,omitempty"`
	Action      *debrief.Action      `json:"action,omitempty"`
}

// Release is one production deployment, boiled down.
type Release struct {
	debrief.ReleaseFacts
	// Planned is false for what followed from something else: a failed attempt,
	// a rollback, a repair.
	Planned bool `json:"planned"`
	// Causes lists the planted causes (places in Truth.Causes) that this release
	// met, whether it failed or not.
	Causes []int `json:"causes,omitempty"`

	made *release
	of   *simulation
}

// Incident is an incident and, as nobody in real life is told, where it came from.
type Incident struct {
	debrief.Incident
	Led     string `json:"led,omitempty"`      // the id of the release or of the change that led to it; empty: neither
	LedKind string `json:"led_kind,omitempty"` // "release" or "flag"
}

// Flip is a flag that was switched.
type Flip struct {
	debrief.Change
	Service string `json:"service"`
}

// Walk tells of everything that happened, team by team and service by service,
// each in the order of time. It stops at the first error visit returns. Every
// walk tells the same. Only one team is in memory at a time.
func (o *Org) Walk(visit func(Item) error) error {
	for _, team := range o.teams {
		if err := o.walkTeam(team, visit); err != nil {
			return err
		}
	}
	return nil
}

// Start is when history begins.
func (o *Org) Start() time.Time { return o.start() }
