package debrief

import "time"

// IncidentReport is what one source says about one incident or alert. Every
// field may be left empty: "not said". Reports with an equal key are about the
// same incident; each time keeps what each source said.
type IncidentReport struct {
	// Keys identify it: "pagerduty/incident/PT4KHLK", "alertmanager/<fingerprint>/<start>",
	// "github/issue/owner/name/12".
	Keys        []string `json:"keys,omitempty"`
	Service     string   `json:"service,omitempty"`
	Environment string   `json:"environment,omitempty"`
	Title       string   `json:"title,omitempty"`
	URL         string   `json:"url,omitempty"`
	Severity    string   `json:"severity,omitempty"` // as the team words it
	Alert       bool     `json:"alert,omitempty"`    // a machine's alert, not a person's incident
	// Acknowledges: the source tells when somebody took note; without it,
	// whether an alert was noticed cannot be told.
	Acknowledges bool      `json:"acknowledges,omitempty"`
	Impact       time.Time `json:"impact_at,omitzero"`
	Detected     time.Time `json:"detected_at,omitzero"`
	Acknowledged time.Time `json:"acknowledged_at,omitzero"`
	Restored     time.Time `json:"restored_at,omitzero"`
	Closed       time.Time `json:"closed_at,omitzero"`
	People       int       `json:"people,omitempty"`      // distinct people who acted: a count, names are not kept
	Deployments  []string  `json:"deployments,omitempty"` // keys or ids it names as its cause
	Version      string    `json:"version,omitempty"`     // a version it names
	Labels       Facts     `json:"labels,omitempty"`
}

// TicketReport is what one source says about one support ticket or issue.
type TicketReport struct {
	Keys    []string  `json:"keys,omitempty"` // "zendesk/ticket/35436"
	Service string    `json:"service,omitempty"`
	Title   string    `json:"title,omitempty"` // masked
	Text    string    `json:"text,omitempty"`  // masked, at most 4 kB
	URL     string    `json:"url,omitempty"`
	State   string    `json:"state,omitempty"` // as the source words it
	Labels  []string  `json:"labels,omitempty"`
	Opened  time.Time `json:"opened_at,omitzero"`
	Closed  time.Time `json:"closed_at,omitzero"`
}
