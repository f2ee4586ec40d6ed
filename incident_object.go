package debrief

import (
	"slices"
	"time"
)

// IncidentState is how far an incident has come.
type IncidentState string

const (
	IncidentBegun        IncidentState = "impact"       // it is known to hurt; nothing says that anybody knows
	IncidentDetected     IncidentState = "detected"     // an alert fired, or somebody opened it
	IncidentAcknowledged IncidentState = "acknowledged" // somebody took note
	IncidentRestored     IncidentState = "restored"     // the service works again
	IncidentClosed       IncidentState = "closed"       // nothing is left to do
)

// IncidentStates lists the states in their order.
func IncidentStates() []IncidentState {
	return []IncidentState{IncidentBegun, IncidentDetected, IncidentAcknowledged, IncidentRestored, IncidentClosed}
}

// IncidentTimes are kept apart and never overwritten by one another. Zero: not
// known. Where sources differ, these are the earliest beginnings and the latest
// ends; what each source said stands in Incident.Said.
type IncidentTimes struct {
	Impact       time.Time `json:"impact_at,omitzero"`
	Detected     time.Time `json:"detected_at,omitzero"`
	Acknowledged time.Time `json:"acknowledged_at,omitzero"`
	Restored     time.Time `json:"restored_at,omitzero"`
	Closed       time.Time `json:"closed_at,omitzero"`
}

// Incident is something that hurt, or an alert that said so. It is recomputed
// from all reports about it.
type Incident struct {
	ID          string        `json:"id"`      // ID("incident", least key)
	Service     string        `json:"service"` // its home: the least service it touches, else "org"
	Services    []string      `json:"services,omitempty"`
	Environment string        `json:"environment,omitempty"`
	Title       string        `json:"title,omitempty"`
	URL         string        `json:"url,omitempty"`
	Severity    string        `json:"severity,omitempty"`
	Alert       bool          `json:"alert,omitempty"` // only machines spoke of it
	State       IncidentState `json:"state"`
	Began       time.Time     `json:"began_at"` // the first moment known: what it is listed by
	Times       IncidentTimes `json:"times"`
	// Acknowledges: at least one source tells when somebody took note.
	Acknowledges bool     `json:"acknowledges,omitempty"`
	People       int      `json:"people,omitempty"`
	Deployments  []string `json:"deployments,omitempty"` // keys or ids named as its cause
	Versions     []string `json:"versions,omitempty"`    // versions named
	Labels       Facts    `json:"labels,omitempty"`
	Keys         []string `json:"keys"`           // sorted; the least one gives the ID
	Sources      []string `json:"sources"`        // sorted
	Said         []Fact   `json:"said,omitempty"` // every fact with who said it
	Skew         []string `json:"skew,omitempty"` // spans that are negative: some clock is wrong
}

// Ended is when the service worked again; where nobody said so, when the
// incident was closed. Zero: it is open.
func (i Incident) Ended() time.Time { return firstOf(i.Times.Restored, i.Times.Closed) }

// Open reports whether the incident is still running.
func (i Incident) Open() bool { return i.Ended().IsZero() }

// Touches reports whether the incident is about a service.
func (i Incident) Touches(service string) bool { return slices.Contains(i.Services, service) }

// Ticket is what users or colleagues wrote down. It is recomputed from all
// reports about it.
type Ticket struct {
	ID      string    `json:"id"` // ID("ticket", least key)
	Service string    `json:"service"`
	Title   string    `json:"title,omitempty"`
	Text    string    `json:"text,omitempty"`
	URL     string    `json:"url,omitempty"`
	State   string    `json:"state,omitempty"` // as the source words it
	Labels  []string  `json:"labels,omitempty"`
	Opened  time.Time `json:"opened_at,omitzero"`
	Closed  time.Time `json:"closed_at,omitzero"` // zero: open
	Keys    []string  `json:"keys"`
	Sources []string  `json:"sources"`
	Said    []Fact    `json:"said,omitempty"`
	Skew    []string  `json:"skew,omitempty"`
}

// Open reports whether the ticket is still open.
func (t Ticket) Open() bool { return t.Closed.IsZero() }

// Fact is one thing that one source says of an object.
type Fact struct {
	Source string    `json:"source"`
	Name   string    `json:"name"` // the field, as in the object: "restored_at", "version"
	Value  string    `json:"value"`
	At     time.Time `json:"at"` // when it was so, as the source says
}
