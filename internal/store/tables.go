package store

import "github.com/debriefhq/debrief"

// Class says how a table would be spread over several machines.
type Class string

const (
	Distributed Class = "distributed" // by service_id: every key starts with it
	Reference   Class = "reference"   // small, a copy everywhere
	Local       Class = "local"       // queues and counters: one machine
)

// Table is one table of the schema.
type Table struct {
	Name  string
	Class Class
}

// Tables lists every table there is. A test holds it against the catalogues of
// both engines.
func Tables() []Table {
	return []Table{
		{"actions", Distributed},
		{"aliases", Reference},
		{"attributions", Distributed},
		{"backtests", Distributed},
		{"blames", Distributed},
		{"briefs", Distributed},
		{"changes", Distributed},
		{"chunks", Distributed},
		{"corrections", Distributed},
		{"coverage", Distributed},
		{"debriefs", Distributed},
		{"deployment_changes", Distributed},
		{"deployments", Distributed},
		{"docs", Distributed},
		{"event_keys", Distributed},
		{"events", Distributed},
		{"fact_lines", Distributed},
		{"inbox", Local},
		{"incidents", Distributed},
		{"lessons", Distributed},
		{"log_counts", Distributed},
		{"log_patterns", Distributed},
		{"looks", Distributed},
		{"mentions", Distributed},
		{"migrations", Local},
		{"outbox", Local},
		{"polls", Local},
		{"redirects", Distributed},
		{"refusals", Local},
		{"release_facts", Distributed},
		{"releases", Distributed},
		{"reviews", Distributed},
		{"revision", Local},
		{"services", Reference},
		{"settings", Reference},
		{"surprises", Distributed},
		{"terms", Distributed},
		{"tickets", Distributed},
		{"tokens", Reference},
		{"work", Local},
	}
}

// Org is the reserved service under which things live that belong to none.
const Org = debrief.Org
