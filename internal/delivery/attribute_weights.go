package delivery

import "slices"

// The reasons for or against a candidate, by name. Each adds its weight, times
// how far it holds, to the candidate's log-odds against "no change at all".
const (
	ReasonChange     = "change"
	ReasonNamed      = "named"
	ReasonUndone     = "undone"
	ReasonReverted   = "reverted"
	ReasonReplaced   = "replaced"
	ReasonIncident   = "incident"
	ReasonVersion    = "version"
	ReasonTelemetry  = "telemetry"
	ReasonService    = "service"
	ReasonTime       = "time"
	ReasonRolledBack = "rolled back"
	ReasonArea       = "area"
	ReasonDependency = "dependency"
	ReasonSteady     = "steady"
)

// Reason is one row of the table of weights.
type Reason struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
	Says   string  `json:"says"`
}

// Reasons is the table: what each reason adds where nobody corrected anything
// yet. Their order is the order of evidence: named explicitly, version-tagged errors,
// same service, time. docs/attribution.md says where the figures come from, and a
// test holds it against this table.
func Reasons() []Reason {
	return []Reason{
		{ReasonChange, -3.7, "that it is this one of all changes, before anything speaks for it"},
		{ReasonNamed, 6, "the incident names it: its key, id or version; 0.6 of it where only the title does"},
		{ReasonUndone, 6, "a rollback took it away"},
		{ReasonReverted, 6, "it brought a change that was reverted"},
		{ReasonReplaced, 4, "a hotfix replaced it"},
		{ReasonIncident, 3, "an incident that ran then is held to have come from it"},
		{ReasonVersion, 3, "the errors or alerts carry its version; minus half of it where they carry another one of its service"},
		{ReasonTelemetry, 2.6, "a metric or the logs shifted within 10 minutes of it, and the incident began at most an hour from there; half of it where they shifted later"},
		{ReasonService, 2.5, "it changed a service the incident is about"},
		{ReasonTime, 2.4, "all of it within 30 minutes, then half as much every 2 hours, nothing past 24 hours"},
		{ReasonRolledBack, 2, "it was rolled back while the incident ran"},
		{ReasonArea, 1.5, "at least two words, routes or modules in common; half of it for one"},
		{ReasonDependency, 1.2, "it changed a service the incident's depends on; half of it where it is two steps away, the other way round, or belongs to no service"},
		{ReasonSteady, -1, "its look that reached into the incident saw nothing change"},
	}
}

// Weights are what the reasons add, in the order of Reasons.
type Weights []float64

// Defaults are the fixed weights.
func Defaults() Weights {
	var w Weights
	for _, r := range Reasons() {
		w = append(w, r.Weight)
	}
	return w
}

// names of the reasons, in the order of the weights.
func names() []string {
	var out []string
	for _, r := range Reasons() {
		out = append(out, r.Name)
	}
	return out
}

// Of is one reason's weight; 0 for one that does not exist.
func (w Weights) Of(name string) float64 {
	if i := slices.Index(names(), name); i >= 0 && i < len(w) {
		return w[i]
	}
	return 0
}
