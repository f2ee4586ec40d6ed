package cli

import (
	"time"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/send"
)

// openForges opens the forges that the configuration wants asked.
func openForges(cfg config.Config, now func() time.Time) (map[string]forge.Poller, error) {
	all := map[string]forge.Poller{}
	for name, s := range cfg.Sources {
		if len(s.Poll.Repositories) == 0 {
			continue
		}
		client, err := measure.Client(measure.ClientOptions{Named: []string{s.URL}})
		if err != nil {
			return nil, err
		}
		client.Timeout = 30 * time.Second
		switch name {
		case "github":
			all[name] = forge.GitHub{URL: s.URL, Token: s.Token, Client: client, Now: now}
		case "gitlab":
			all[name] = forge.GitLab{URL: s.URL, Token: s.Token, Client: client, Now: now}
		}
	}
	return all, nil
}

// openComments opens the forges that briefs are written on.
func openComments(cfg config.Config) map[string]send.Sender {
	all := map[string]send.Sender{}
	for name, s := range cfg.Sources {
		if !s.Comment || s.Token == "" {
			continue
		}
		switch name {
		case "github":
			all[name] = send.GitHubComments(s.URL, s.Token, send.Client(s.URL))
		case "gitlab":
			all[name] = send.GitLabComments(s.URL, s.Token, send.Client(s.URL))
		}
	}
	return all
}
