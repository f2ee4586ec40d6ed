package ingest

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// glProject is the project most events carry.
type glProject struct {
	Path          string `json:"path_with_namespace"`
	WebURL        string `json:"web_url"`
	DefaultBranch string `json:"default_branch"`
}

// check makes sure that GROUP/…/NAME can stand in a key.
func (p glProject) check() error {
	if !projectPath(p.Path) {
		return debrief.Errorf(debrief.Invalid, "project.path_with_namespace", "missing or not GROUP/NAME")
	}
	return nil
}

func projectPath(s string) bool {
	return strings.Count(s, "/") > 0 && !strings.HasPrefix(s, "/") && !strings.HasSuffix(s, "/") &&
		!strings.Contains(s, "//") && IsKey(s) && len(s) <= maxKey-50 // what follows it in a key
}

// service is the alias the project's service is known by.
func (p glProject) service() string { return "gitlab:" + p.Path }

// key names one of the project's things: gitlab/pipeline/GROUP/NAME/31.
func (p glProject) key(what string, id int64) string {
	return "gitlab/" + what + "/" + p.Path + "/" + strconv.FormatInt(id, 10)
}

// page is the address of one of the project's pages.
func (p glProject) page(rest string) string {
	if base := webAddress(strings.TrimRight(p.WebURL, "/")); base != "" {
		return webAddress(base + rest)
	}
	return ""
}

// projectAt reads the project out of its page's address, for events that carry
// nothing else.
func projectAt(homepage string) glProject {
	u, err := url.Parse(homepage)
	if err != nil || webAddress(homepage) == "" {
		return glProject{}
	}
	return glProject{Path: strings.Trim(u.Path, "/"), WebURL: strings.TrimRight(homepage, "/")}
}

// glTime reads the ways GitLab writes a time: RFC 3339 and, in most webhooks,
// "2016-08-12 15:23:28 UTC" or with an offset. Webhooks know whole seconds and
// the API thousandths; whole seconds are kept, so that both tell the same.
type glTime struct {
	time.Time
	bad string
}

func (t *glTime) UnmarshalJSON(b []byte) error {
	*t = glTime{}
	if string(b) == "null" || string(b) == `""` {
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05.999999999 UTC", time.DateOnly} {
			if at, err := time.Parse(layout, s); err == nil && at.After(longAgo) {
				t.Time = debrief.Instant(at.Truncate(time.Second))
				return nil
			}
		}
	}
	t.bad = line(string(b), 60)
	return nil
}

// glAt names a time for glTimes.
type glAt struct {
	field string
	at    glTime
}

// glTimes checks times that GitLab's own clock sets.
func glTimes(received time.Time, times ...glAt) error {
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

// latestOf is the last of some moments.
func latestOf(times ...glTime) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t.Time
		}
	}
	return last
}
