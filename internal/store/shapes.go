package store

import "strings"

// shape is how a table's rows are written by Export. Columns are named with
// what they hold: nothing for text, {} for JSON, # for a number, @ for an
// instant, ? for yes or no, * for bytes. What follows the bar tells when and
// under which number something came and not what it says; it is written apart.
type shape struct {
	table   string
	columns []column
	order   string // the columns the rows come in order of: a natural key
	own     bool   // means something to this database only: left out with the receipts
}

type column struct {
	name    string
	holds   byte // 0 text, or one of {#@?*
	receipt bool
}

// shapes lists every table that is written, in the order in which rows can be
// read back: what is pointed at before what points.
func shapes() []shape {
	return []shape{
		written("services", "id name name_key sample? | created_at@", "id"),
		written("aliases", "alias service_id", "alias"),
		own(written("settings", "name value", "name")),
		own(written("tokens", "id name hash scope created_at@ used_at@ revoked_at@", "id")),
		written("inbox", "source natural_key header{} body* digest state reason | id received_at@ settled_at@ raw? said", "source, natural_key"),
		own(written("polls", "source repository progress problem polled_at@", "source, repository")),
		own(written("refusals", "source reason n# first_at@ last_at@", "source, reason")),
		own(written("work", "kind natural_key service_id payload due_at@ buried? problem | id ready_at# again_at# attempts# created_at@", "kind, natural_key")),
		written("outbox", "message_key channel body link state | created_at@ attempts# problem settled_at@", "message_key"),
		written("events", "service_id id source kind at@ data{} output command | received_at@ raw?", "service_id, id"),
		written("event_keys", "service_id event_key event_id", "service_id, event_key, event_id"),
		written("redirects", "service_id id to_id", "service_id, id"),
		written("deployments", "service_id id release_id environment target version commit_id state at@ live_at@ sample? data{} git{} output command raw?", "service_id, id"),
		written("changes", "service_id id at@ kind data{} kinds", "service_id, id"),
		written("deployment_changes", "service_id deployment_id change_id place#", "service_id, deployment_id, change_id"),
		written("releases", "service_id id environment kind rollout started_at@ sample? data{} verdict headline looks{} surprises# unanswered# kinds", "service_id, id"),
		written("release_facts", "service_id id environment kind at@ sample? assumed? strategy primary_kind kinds modules changes# waited# worked# tries# retries# failure caught_early? verdict surprises data{}", "service_id, id"),
		written("fact_lines", "service_id id at@ line", "service_id, id"),
		written("reviews", "service_id month at@ data{}", "service_id, month"),
		written("looks", "service_id release_id number# due_at@ data{} examples{} raw?", "service_id, release_id, number"),
		written("surprises", "service_id id release_id kind subject at@ place# data{} answer answered_at@ unanswered?", "service_id, id"),
		written("incidents", "service_id id at@ until_at@ data{}", "service_id, id"),
		written("tickets", "service_id id at@ until_at@ data{}", "service_id, id"),
		written("mentions", "service_id kind home_id id at@", "service_id, kind, home_id, id"),
		written("debriefs", "service_id id about about_id state gap at@ finished_at@ version# data{}", "service_id, id"),
		written("actions", "service_id id team debrief_id state at@ due_at@ data{}", "service_id, id"),
		written("attributions", "service_id id at@ until_at@ data{}", "service_id, id"),
		written("blames", "service_id release_id home_id id", "service_id, release_id, id"),
		written("corrections", "service_id id answered_at@ answer data{}", "service_id, id, answered_at"),
		written("log_patterns", "service_id id template level example first_at@ last_at@", "service_id, id"),
		written("log_counts", "service_id bin# pattern_id n#", "service_id, bin, pattern_id"),
		written("chunks", "service_id metric hour_at@ data", "service_id, metric, hour_at"),
		written("backtests", "service_id measured_at@ data{}", "service_id, measured_at"),
		written("lessons", "service_id id release_id topic at@ sample? data{}", "service_id, id"),
		written("briefs", "service_id id head repository pull# at@ release_id settled_at@ data{}", "service_id, id"),
		written("coverage", "service_id part path since_at@ module covered# total# tested?", "service_id, part, path, since_at"),
		written("docs", "service_id kind id title at@ length#", "service_id, kind, id"),
		written("terms", "service_id kind id term n# length# at@", "service_id, kind, id, term"),
	}
}

// unwritten are the tables that Export leaves out: the schema's own record, a
// counter of changes to pages.
func unwritten() []string { return []string{"migrations", "revision"} }

// forgotten are columns that are not written: a lease ends with its process.
func forgotten() []string { return []string{"work.token"} }

func written(table, columns, order string) shape {
	s := shape{table: table, order: order}
	receipt := false
	for _, c := range strings.Fields(columns) {
		if c == "|" {
			receipt = true
			continue
		}
		name := strings.TrimRight(c, "{}#@?*")
		col := column{name: name, receipt: receipt}
		if name != c {
			col.holds = c[len(name)]
		}
		s.columns = append(s.columns, col)
	}
	return s
}

func own(s shape) shape { s.own = true; return s }

func (s shape) names() string {
	names := make([]string, len(s.columns))
	for i, c := range s.columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}
