package cli

import (
	"strings"
	"time"

	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

// sources is a GitHub that works and has its troubles, a Jira that is silent,
// and a Zendesk nobody connected.
func (f *fakeServer) sources(method, name string) (int, any) {
	at := time.Date(2026, 3, 3, 14, 2, 0, 0, time.UTC)
	github := loop.SourceState{
		Name: "github", Title: "GitHub", Proven: "written from docs", Doc: "https://example.org/github.md", Hook: "/hooks/github", Variable: "DEBRIEF_SOURCES_GITHUB_SECRET",
		Configured: true, Last: at, Accepted: 12, Ignored: 3, Rejected: 1, Dead: 1, Refused: 7,
		Refusals: []loop.Refused{{Reason: "the signature does not match", N: 7, Last: at}},
		Polls:    []store.Poll{{Source: "github", Repository: "acme/shop", Problem: "GitHub answered 401", At: at}},
	}
	jira := loop.SourceState{Name: "jira", Title: "Jira", Hook: "/hooks/jira", Variable: "DEBRIEF_SOURCES_JIRA_SECRET", Configured: true}
	zendesk := loop.SourceState{Name: "zendesk", Title: "Zendesk", Hook: "/hooks/zendesk"}
	list := []loop.SourceState{{Name: "api", Title: "API", Configured: true}, github, jira, zendesk}
	name, again := strings.CutSuffix(name, "/parse-again")
	if name == "" {
		return 200, object{"sources": list}
	}
	for _, s := range list {
		switch {
		case s.Name != name:
		case again && method == "POST":
			return 202, object{"source": name, "kept": s.Accepted + s.Ignored}
		default:
			s.Deliveries = []store.Delivery{
				{State: "dead", Key: "d-9", Reason: "the step panicked: x\ngoroutine 7", Received: at, Body: `{"a":["\u001b[2J"` + strings.Repeat(",1", 40) + `]}`},
				{State: "rejected", Key: "d-8", Reason: "event: missing", Received: at},
			}
			return 200, s
		}
	}
	return trouble(404, "source", "unknown source")
}
