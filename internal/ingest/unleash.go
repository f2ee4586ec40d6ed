package ingest

import (
	"strings"

	"github.com/debriefhq/debrief"
)

// unleash is Unleash's webhook integration. It signs nothing; the secret
// stands in the Authorization header.
func unleash() Source {
	return Source{
		Name:   "unleash",
		Title:  "Unleash",
		Proven: "payloads written from Unleash's documentation and source; not yet seen live",
		Doc:    doc(unleashDoc()),
		People: []string{"createdBy", "createdByUserId"},
		Verify: verifyUnleash,
		Key:    bodyKey,
		Parse:  parseUnleash,
	}
}

// verifyUnleash takes the header as people fill it in: with the word Bearer or
// without.
func verifyUnleash(h map[string]string, body []byte, secrets []string) error {
	if given := header(h, "Authorization"); given != "" && !strings.Contains(given, " ") {
		h = map[string]string{"Authorization": "Bearer " + given}
	}
	return bearer("unleash", "Unleash")(h, body, secrets)
}

// unleashEffects are the events after which users may see something else:
// https://docs.getunleash.io/reference/events
var unleashEffects = map[string]string{
	"feature-environment-enabled":          "turned on",
	"feature-environment-disabled":         "turned off",
	"feature-strategy-add":                 "strategy added",
	"feature-strategy-update":              "strategy changed",
	"feature-strategy-remove":              "strategy removed",
	"feature-variants-updated":             "variants changed",
	"feature-environment-variants-updated": "variants changed",
	"feature-archived":                     "archived",
	"feature-revived":                      "restored",
	"feature-deleted":                      "deleted",
}

// parseUnleash reads the event as Unleash sends it without a body template.
func parseUnleash(r Request) ([]debrief.Event, error) {
	var p struct {
		ID      ident  `json:"id"`
		Type    string `json:"type"`
		At      when   `json:"createdAt"`
		Feature string `json:"featureName"`
		Project string `json:"project"`
		Env     string `json:"environment"`
		Tags    []struct {
			Type  string `json:"type"`
			Value string `json:"value"`
		} `json:"tags"`
	}
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	what, ok := unleashEffects[p.Type]
	switch {
	case p.Type == "":
		return nil, debrief.Errorf(debrief.Invalid, "type", "missing").WithHint("leave the integration's body template empty")
	case !ok:
		return nil, ignored("debrief reads nothing from Unleash's %q events", line(p.Type, 60))
	case line(p.Feature, maxName) == "":
		return nil, debrief.Errorf(debrief.Invalid, "featureName", "missing")
	case p.At.IsZero() && p.At.bad == "":
		return nil, debrief.Errorf(debrief.Invalid, "createdAt", "missing")
	}
	if err := p.At.check("createdAt", r.Received); err != nil {
		return nil, err
	}
	e := event("unleash", r, 0, debrief.EventChange, p.At.Time)
	for _, t := range p.Tags {
		if t.Type == "service" && e.Service == "" {
			e.Service = sayable(t.Value)
		}
	}
	if e.Service == "" {
		e.Service, e.Assumed = "unleash:"+line(orElse(p.Project, "default"), maxName), true
	}
	env := line(p.Env, maxName)
	e.Change = &debrief.Change{
		ID:   debrief.ID("change", "unleash", orElse(string(p.ID), r.Key), env, p.Feature),
		Kind: "flag", Live: e.At, Environment: env, Title: flagTitle(p.Feature, what, env),
	}
	return []debrief.Event{e}, nil
}
