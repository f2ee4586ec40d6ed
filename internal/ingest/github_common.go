package ingest

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// ghRepository is the repository every event carries.
type ghRepository struct {
	FullName      string `json:"full_name"`
	DefaultBranch string `json:"default_branch"`
	MasterBranch  string `json:"master_branch"` // old push events have only this one
	HTMLURL       string `json:"html_url"`
	PushedAt      ghTime `json:"pushed_at"`
}

func (r ghRepository) branch() string {
	if r.DefaultBranch != "" {
		return r.DefaultBranch
	}
	return r.MasterBranch
}

// check makes sure that OWNER/NAME can stand in a key.
func (r ghRepository) check() error {
	owner, name, ok := strings.Cut(r.FullName, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") || !IsKey(r.FullName) {
		return debrief.Errorf(debrief.Invalid, "repository.full_name", "missing or not OWNER/NAME")
	}
	return nil
}

// service is the alias the repository's service is known by.
func (r ghRepository) service() string { return "github:" + r.FullName }

// ghTime reads the ways GitHub writes a time: RFC 3339, Unix seconds (in
// pushes) and null. What is neither is kept for the message.
type ghTime struct {
	time.Time
	bad string
}

func (t *ghTime) UnmarshalJSON(b []byte) error {
	*t = ghTime{}
	if string(b) == "null" || string(b) == `""` {
		return nil
	}
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil && n > 0 && n < 1<<37 {
		t.Time = debrief.Instant(time.Unix(n, 0))
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		if at, err := time.Parse(time.RFC3339, s); err == nil && at.After(longAgo) {
			t.Time = debrief.Instant(at)
			return nil
		}
	}
	t.bad = line(string(b), 60)
	return nil
}

// ghTimes checks times by name. GitHub's own clock sets the ones asked about
// here, so one in the future is refused; times of commits come from people's
// machines and are kept as they are.
func ghTimes(received time.Time, times ...struct {
	field string
	at    ghTime
},
) error {
	for _, t := range times {
		if t.at.bad != "" {
			return debrief.Errorf(debrief.Invalid, t.field, "not a time: %s", t.at.bad)
		}
		if farAhead(t.at.Time, received) {
			return futureDated(t.field, t.at.Time, received)
		}
	}
	return nil
}

// ghAt names a time for ghTimes.
func ghAt(field string, at ghTime) struct {
	field string
	at    ghTime
} {
	return struct {
		field string
		at    ghTime
	}{field, at}
}
