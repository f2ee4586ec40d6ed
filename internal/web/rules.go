package web

import "net/http"

// rules explains how each number is counted, on one worked week, beside what
// other products publish of theirs. The story testdata/stories/worked-week runs
// the same week through debrief.
func (s *site) rules(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, "rules", view{Title: "How each number is counted", Nav: "services", Body: rulesView{workedWeek, otherRules, ourRules}})
}

type rulesView struct {
	Week   []weekRow
	Others []otherRule
	Ours   []ourRule
}

// weekRow is one thing that happened in the worked week, and where it stands.
type weekRow struct{ When, What, Frequency, Failure, Recovery, Rework string }

type otherRule struct{ Who, Says, Which string }

type ourRule struct{ Metric, Here, Rule string }

var workedWeek = []weekRow{
	{"Mon 10:00", "D1: v1 goes live", "counted", "did not fail", "", "planned"},
	{"Mon 15:00", "D2: v2", "counted", "did not fail", "", "planned"},
	{"Tue 10:00", "D3: v3", "counted", "did not fail", "", "planned"},
	{"Tue 15:00", "D4: v4, and it is bad", "counted", "failed", "60 min: live 15:00, v5 live 16:00", "planned"},
	{"Tue 15:20", "I1: a ticket that names v4", "", "one fault with D4", "", ""},
	{"Tue 15:40", "I2: another ticket of the same fault", "", "the same fault: still one", "", ""},
	{"Tue 16:00", "D5: v5, the hotfix", "counted", "did not fail", "", "rework: a hotfix"},
	{"Tue 16:10", "I1 and I2 are closed", "", "", "closing a ticket restores nothing", ""},
	{"Wed 10:00", "D6: v6", "counted", "did not fail", "", "planned"},
	{"Thu 10:00", "D7: v7, bad, and nobody wrote a ticket", "counted", "failed: a person says so, after the rollback", "120 min: live 10:00, v6 back 12:00", "planned"},
	{"Thu 11:00", "D8: v8, innocent, on top of it", "counted", "did not fail: rolled back with v7", "", "planned"},
	{"Thu 12:00", "D9: v6 again, the rollback", "shown apart", "not counted: ships nothing new", "", "rework, where rollbacks count"},
	{"Fri 03:00", "I3: a cloud outage, until 05:00", "", "not a deployment", "", ""},
	{"Fri 10:00", "D10: stopped by itself at 5 % of users", "not counted", "caught early: its own count", "", "not counted"},
}

var otherRules = []otherRule{
	{"debrief", "2 of 8", "D4 and D7, of the eight that shipped something new"},
	{"fourkeys", "2 of 9", "D4, twice: each ticket is one"},
	{"DevLake, Middleware", "2 of 9", "D4 and the rollback D9, which gets the cloud outage"},
	{"GitLab, LinearB", "3 of 9", "tickets, not deployments"},
	{"Datadog", "2 of 9, or 2 of 8", "D4 and D7"},
	{"Swarmia", "1 of 9", "D8, the innocent one"},
	{"Sleuth", "5 of 9", ""},
}

var ourRules = []ourRule{
	{"Deployment frequency", "8 releases and 1 rollback", "Deployments that changed what runs. A failed attempt and the same version again are shown as what they are; a rollback stands apart; several deployments of one roll-out are one release."},
	{"Change lead time", "not available: no commits were given", "For each change newly running: from commit to everybody. The median over changes; beside it per pull request, nine in ten, and the parts. Never since the beginning of time."},
	{"Change failure rate", "2 of 8", "Deployments that degraded service or users' work and needed a remedy, of those that shipped something new. Each fails once however many tickets tell of it. Less than a day live: too early, in neither number."},
	{"Failed deployment recovery time", "60 and 120 minutes, median 90", "From the impact's start, else from when it was live, until the service worked again, else until the remedy was live. Never until a ticket was closed."},
	{"Deployment rework rate", "2 of 9, or 1 of 9 where rollbacks do not count", "Unplanned production deployments that repaired a fault users had, of all that changed what runs."},
}
