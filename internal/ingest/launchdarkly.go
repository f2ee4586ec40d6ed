package ingest

import (
	"encoding/hex"
	"strings"

	"github.com/debriefhq/debrief"
)

const launchdarklySignature = "X-Ld-Signature"

// launchdarkly is LaunchDarkly's webhooks: entries of its audit log.
func launchdarkly() Source {
	return Source{
		Name:   "launchdarkly",
		Title:  "LaunchDarkly",
		Proven: "payloads written from LaunchDarkly's documentation; not yet seen live",
		Doc:    doc(launchdarklyDoc()),
		People: []string{"member", "subject", "memberId", "maintainer"},
		Verify: func(h map[string]string, body []byte, secrets []string) error {
			mac, _ := hex.DecodeString(header(h, launchdarklySignature))
			return sealed{"launchdarkly", "LaunchDarkly", launchdarklySignature, [][]byte{mac}, [][]byte{body}}.verify(secrets)
		},
		Key:   launchdarklyKey,
		Parse: parseLaunchDarkly,
	}
}

// ldEntry is https://launchdarkly.com/docs/api/audit-log/get-audit-log-entry
type ldEntry struct {
	ID       string `json:"_id"`
	Date     when   `json:"date"`
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Verb     string `json:"titleVerb"`
	Accesses []struct {
		Action   string `json:"action"`
		Resource string `json:"resource"`
	} `json:"accesses"`
	Links struct {
		Site struct {
			Href string `json:"href"`
		} `json:"site"`
	} `json:"_links"`
}

func launchdarklyKey(r Request) (string, error) {
	var p struct {
		ID string `json:"_id"`
	}
	if err := decode(r.Body, &p); err != nil {
		return "", err
	}
	if !IsKey(p.ID) {
		return "", debrief.Errorf(debrief.Invalid, "_id", "missing or not an identifier")
	}
	return p.ID, nil
}

// ldEffects are the actions after which users may see something else. Others
// (a name, a tag, a draft) change nothing that runs.
var ldEffects = map[string]string{
	"updateOn":                             "switched",
	"updateRules":                          "rules changed",
	"updateTargets":                        "targets changed",
	"updateFallthrough":                    "roll-out changed",
	"updateFallthroughWithMeasuredRollout": "roll-out changed",
	"updateRulesWithMeasuredRollout":       "roll-out changed",
	"stopMeasuredRolloutOnFlagFallthrough": "roll-out stopped",
	"stopMeasuredRolloutOnFlagRule":        "roll-out stopped",
	"updateOffVariation":                   "off variation changed",
	"updatePrerequisites":                  "prerequisites changed",
	"updateFlagVariations":                 "variations changed",
	"copyFlagConfigTo":                     "settings copied here",
	"updateGlobalArchived":                 "archived or restored",
	"deleteFlag":                           "deleted",
}

// parseLaunchDarkly makes one change of each environment an entry touches.
func parseLaunchDarkly(r Request) ([]debrief.Event, error) {
	var p ldEntry
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if p.Kind != "flag" {
		return nil, ignored("an entry of kind %q: only flags are read", line(p.Kind, 40))
	}
	if p.Date.IsZero() && p.Date.bad == "" {
		return nil, debrief.Errorf(debrief.Invalid, "date", "missing")
	}
	if err := p.Date.check("date", r.Received); err != nil {
		return nil, err
	}
	var events []debrief.Event
	var other []string
	seen := map[string]bool{}
	for _, a := range p.Accesses[:min(len(p.Accesses), maxServices)] {
		what, ok := ldEffects[a.Action]
		if !ok {
			other = append(other, line(a.Action, 40))
			continue
		}
		project, env, flag, tags := ldResource(a.Resource)
		if at := env + "/" + flag; flag == "" || seen[at] {
			continue
		} else {
			seen[at] = true
		}
		e := event("launchdarkly", r, len(events), debrief.EventChange, p.Date.Time)
		e.Service, e.Assumed = serviceTag(tags), false
		if e.Service == "" {
			e.Service, e.Assumed = "launchdarkly:"+project, true
		}
		e.Change = &debrief.Change{
			ID: debrief.ID("change", "launchdarkly", p.ID, env, flag), Kind: "flag", Live: e.At, Environment: env,
			Title: flagTitle(orElse(p.Name, flag), orElse(p.Verb, what), env),
			URL:   webAddress(ldSite(p.Links.Site.Href)),
		}
		events = append(events, e)
	}
	switch {
	case len(events) > 0:
		return events, nil
	case len(other) > 0:
		return nil, ignored("%s changes nothing that runs", strings.Join(other[:min(len(other), 3)], ", "))
	}
	return nil, debrief.Errorf(debrief.Invalid, "accesses", "names no flag")
}

// ldResource takes proj/NAME:env/NAME:flag/KEY apart; tags follow a semicolon.
func ldResource(s string) (project, env, flag string, tags []string) {
	for _, part := range strings.Split(s, ":") {
		name, tagged, _ := strings.Cut(part, ";")
		kind, name, _ := strings.Cut(name, "/")
		switch name = line(name, maxName); kind {
		case "proj":
			project = name
		case "env":
			if env = name; env == "*" {
				env = ""
			}
		case "flag":
			flag = name
			tags = strings.Split(tagged, ",")
		}
	}
	return project, env, flag, tags
}

// ldSite is the flag's page. LaunchDarkly gives its path only.
func ldSite(href string) string {
	if strings.HasPrefix(href, "/") {
		return "https://app.launchdarkly.com" + href
	}
	return href
}

// flagTitle is one line about a flag: "flag checkout-v2 (production): turned on".
func flagTitle(flag, what, env string) string {
	what = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(what), " the flag"), " of")
	if env != "" {
		flag += " (" + env + ")"
	}
	return line("flag "+clean(flag, false)+": "+clean(what, false), maxTitle)
}
