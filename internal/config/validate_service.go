package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

func (c Config) checkProvider(out *complaints, path string, p Provider) {
	out.say(!slices.Contains(Kinds(), p.Kind), path+".kind", "known: "+strings.Join(Kinds(), ", "), "unknown kind %q", p.Kind)
	if p.URL == "" {
		out.say(true, path+".url", "for example http://prometheus:9090", "an address is needed")
	} else {
		checkURL(out, path+".url", p.URL)
	}
	out.say(p.Token != "" && p.Username != "", path+".token", "keep one", "both a token and a user name are set")
	out.say(p.Password != "" && p.Username == "", path+".password", "set username", "a password without a user name")
	for key, d := range map[string]time.Duration{"timeout": p.Timeout, "scrape_interval": p.Scrape} {
		out.say(d < 0, path+"."+key, "for example 30s", "a duration cannot be negative")
	}
	for key, n := range map[string]int{"max_series": p.MaxSeries, "max_samples": p.MaxSamples, "max_lines": p.MaxLines} {
		out.say(n < 0, path+"."+key, "", "a budget cannot be negative")
	}
}

func (c Config) checkService(out *complaints, path, name string, aliases map[string]string) {
	s := c.Services[name]
	for i, a := range append([]string{name}, s.Aliases...) {
		at := path
		if i > 0 {
			at = fmt.Sprintf("%s.aliases[%d]", path, i-1)
		}
		other, taken := aliases[strings.ToLower(a)]
		out.say(taken && other != name, at, "", "%q already stands for the service %q", a, other)
		out.say(strings.TrimSpace(a) == "", at, "", "a name is needed")
		out.say(strings.TrimSpace(a) != "" && debrief.Slug(a) == "", at, "", "the name %q has no letter or digit", a)
		aliases[strings.ToLower(a)] = name
	}
	for i, d := range s.DependsOn {
		at := fmt.Sprintf("%s.depends_on[%d]", path, i)
		out.say(debrief.Slug(d) == "", at, "", "the name of a service is needed")
		out.say(strings.EqualFold(d, name), at, "", "a service does not depend on itself")
	}
	seen := map[string]bool{}
	for i, m := range s.Metrics {
		at := fmt.Sprintf("%s.metrics[%d]", path, i)
		out.say(m.Name == "", at+".name", "for example p95", "a metric needs a name")
		out.say(m.Name != "" && seen[m.Name], at+".name", "", "%q is named twice", m.Name)
		seen[m.Name] = true
		c.checkMetric(out, at, m)
	}
	for i, l := range s.Logs {
		at := fmt.Sprintf("%s.logs[%d]", path, i)
		switch {
		case l.File != "":
			out.say(l.Query != "" || l.Provider != "", at, "keep file, or provider and query", "both a file and a query are set")
		case l.Query == "":
			out.say(true, at+".query", `for example '{app="shop"}', or file: /var/log/shop.log`, "a query or a file is needed")
		default:
			c.checkProviderName(out, at+".provider", l.Provider, KindLoki)
		}
	}
	probes := map[string]bool{}
	for i, p := range s.Probes {
		at := fmt.Sprintf("%s.probes[%d]", path, i)
		checkURL(out, at+".url", p.URL)
		out.say(p.Name != "" && probes[p.Name], at+".name", "", "%q is named twice", p.Name)
		probes[p.Name] = true
		out.say(p.Every < time.Second, at+".every", "for example 10s", "%s is more often than once a second", p.Every)
		out.say(p.Timeout <= 0, at+".timeout", "for example 5s", "a duration longer than nothing is needed")
	}
	if r := s.Restarts; r != (Restarts{}) {
		at := path + ".restarts"
		out.say(r.Query == "", at+".query", `for example process_start_time_seconds{app="shop"}`, "a query is needed")
		c.checkProviderName(out, at+".provider", r.Provider, KindPrometheus)
	}
	if v := s.Version; v != (VersionLabel{}) {
		at := path + ".version"
		out.say(v.Query == "", at+".query", `for example app_info{app="shop"}`, "a query is needed")
		out.say(v.Label == "", at+".label", "the label that carries the version", "a label is needed")
		c.checkProviderName(out, at+".provider", v.Provider, KindPrometheus)
	}
}

func (c Config) checkMetric(out *complaints, at string, m Metric) {
	roles := []debrief.Role{debrief.Latency, debrief.Errors, debrief.Traffic, debrief.Other}
	out.say(!slices.Contains(roles, debrief.Role(m.Role)), at+".role", "known: latency, errors, traffic, other", "unknown role %q", m.Role)
	pair := m.Errors != "" || m.Requests != ""
	var said []string
	for name, set := range map[string]bool{"query": m.Query != "", "histogram": m.Histogram != "", "errors and requests": pair} {
		if set {
			said = append(said, name)
		}
	}
	slices.Sort(said)
	const one = "keep exactly one of: query; histogram; errors and requests"
	out.say(len(said) == 0, at, one, "nothing says what to ask for")
	out.say(len(said) > 1, at, one, "%s are both set", strings.Join(said, " and "))
	out.say(pair && m.Errors == "", at+".errors", "", "requests without errors: both are needed")
	out.say(pair && m.Requests == "", at+".requests", "", "errors without requests: both are needed")
	out.say(m.Quantile != 0 && !(m.Quantile > 0 && m.Quantile < 1), at+".quantile", "0.95 is the 95th percentile", "%v is not between 0 and 1", m.Quantile)
	checkControl(out, at+".control", m)
	if c.checkProviderName(out, at+".provider", m.Provider, "") {
		loki := c.Providers[m.Provider].Kind == KindLoki
		out.say(loki && m.Histogram != "", at+".histogram", "use query with quantile_over_time", "%s is a Loki: it has no histograms", m.Provider)
	}
}

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// checkControl wants a label, or what the metric itself asks in the same form.
func checkControl(out *complaints, at string, m Metric) {
	k := m.Control
	pair := k.Errors != "" || k.Requests != ""
	said := 0
	for _, set := range []bool{k.Label != "", k.Query != "", pair} {
		if set {
			said++
		}
	}
	out.say(said > 1, at, "keep one", "label, query and errors with requests are different ways to say one thing")
	out.say(k.Label != "" && !labelName.MatchString(k.Label), at+".label", "for example region", "%q is no name of a label", k.Label)
	out.say(k.Query != "" && m.Requests != "", at+".query", "write errors and requests, as the metric does", "the metric counts errors of requests")
	out.say(pair && m.Requests == "", at, "write query", "the metric has no errors and requests of its own")
	out.say(pair && (k.Errors == "" || k.Requests == ""), at, "", "errors and requests are both needed")
}

// checkProviderName reports whether a metric's provider exists.
func (c Config) checkProviderName(out *complaints, path, name, kind string) bool {
	known := slices.Sorted(maps.Keys(c.Providers))
	p, ok := c.Providers[name]
	switch {
	case len(known) == 0:
		out.say(true, path, "add one under providers:", "no provider is configured")
	case name == "":
		out.say(true, path, "known: "+strings.Join(known, ", "), "several providers could be meant, or none fits")
	case !ok:
		out.say(true, path, "known: "+strings.Join(known, ", "), "unknown provider %q", name)
	case kind != "" && p.Kind != kind:
		out.say(true, path, "name a provider of kind "+kind, "%q is of kind %s", name, p.Kind)
	}
	return ok
}
