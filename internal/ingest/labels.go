package ingest

import (
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

const maxAlerts = 1000 // of one request; Alertmanager and Grafana can be told to send fewer

// labelled is what an alert's labels say beside its name. Names are those most
// rules use; which labels say the service can be configured.
func labelled(labels map[string]string, names []string) (service, environment string) {
	if len(names) == 0 {
		names = []string{"service", "app", "job"}
	}
	return firstLabel(labels, names), firstLabel(labels, []string{"environment", "env"})
}

// firstLabel is the value of the first label that is there. A value that
// nothing can be called by is as good as none.
func firstLabel(labels map[string]string, names []string) string {
	for _, n := range names {
		if v := line(labels[n], maxName); debrief.Slug(v) != "" {
			return v
		}
	}
	return ""
}

// factsOf keeps labels in bounds.
func factsOf(labels map[string]string) debrief.Facts {
	if len(labels) == 0 {
		return nil
	}
	out := debrief.Facts{}
	for _, name := range sorted(labels) {
		if len(out) == maxFacts {
			break
		}
		if k := line(name, maxName); k != "" {
			out[k] = line(labels[name], maxFact)
		}
	}
	return out
}

// serviceTag finds a service that a person tagged something with: "service:shop",
// "service=shop", "service/shop" or "service.shop", as each product allows.
func serviceTag(tags []string) string {
	for _, t := range tags {
		if len(t) > 8 && strings.EqualFold(t[:7], "service") && strings.ContainsRune(":=/.", rune(t[7])) {
			if v := line(t[8:], maxName); debrief.Slug(v) != "" {
				return v
			}
		}
	}
	return ""
}

// tagged keeps a thing's tags in bounds and in one order.
func tagged(tags []string) []string {
	var out []string
	for _, t := range tags {
		if t = line(t, maxName); t != "" && len(out) < maxFacts {
			out = append(out, t)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// orElse is the first text that says something.
func orElse(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// bodyKey is the key of a request whose sender gives none: the same body is
// the same request.
func bodyKey(r Request) (string, error) {
	if r.Digest == "" {
		return "", debrief.Errorf(debrief.Internal, "", "a request without a digest")
	}
	return "body/" + r.Digest, nil
}
