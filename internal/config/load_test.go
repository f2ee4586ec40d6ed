package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

// files is a read function over a map.
func files(m map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if text, ok := m[name]; ok {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
}

func env(m map[string]string) func(string) string { return func(k string) string { return m[k] } }

func load(t *testing.T, text string, vars map[string]string) (Config, error) {
	t.Helper()
	return Load("/etc/debrief.yaml", env(vars), files(map[string]string{"/etc/debrief.yaml": text}))
}

func TestLoadWithoutAnythingIsDefault(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/etc/debrief.yaml"} {
		cfg, err := Load(path, env(nil), files(map[string]string{"/etc/debrief.yaml": "# nothing yet\n"}))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Default(), cfg); diff != "" {
			t.Errorf("path %q (-default +loaded):\n%s", path, diff)
		}
	}
	if err := Default().Validate(); err != nil {
		t.Errorf("the defaults are not valid: %v", err)
	}
}

func TestLoadFile(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, `
looks:
  after: [30s, 2m, 1d]
  past: 4w
  step: 5s
providers:
  main: {kind: prometheus, url: "http://prometheus:9090/prom", max_series: 7}
  logs: {kind: loki, url: "http://loki:3100", tenant: shop}
services:
  shop:
    aliases: ["github:owner/shop"]
    metrics:
      - {name: p95, role: latency, unit: s, histogram: 'sum by (le) (rate(h_bucket[1m]))'}
      - {name: errors, role: errors, errors: a, requests: b}
    logs: [{query: '{app="shop"}'}, {file: shop.log}]
    probes: [{url: "http://127.0.0.1:8081/"}]
    version: {query: app_info, label: version}
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Looks.After = []time.Duration{30 * time.Second, 2 * time.Minute, 24 * time.Hour}
	want.Looks.Step = 5 * time.Second
	want.Providers = map[string]Provider{
		"main": {Kind: "prometheus", URL: "http://prometheus:9090/prom", MaxSeries: 7, Timeout: 30 * time.Second, MaxSamples: 5_000_000, MaxLines: 50_000, Scrape: 15 * time.Second},
		"logs": {Kind: "loki", URL: "http://loki:3100", Tenant: "shop", MaxSeries: 100, Timeout: 30 * time.Second, MaxSamples: 5_000_000, MaxLines: 50_000, Scrape: 15 * time.Second},
	}
	want.Services = map[string]Service{"shop": {
		Aliases: []string{"github:owner/shop"},
		Metrics: []Metric{
			{Name: "p95", Role: "latency", Unit: "s", Provider: "main", Histogram: "sum by (le) (rate(h_bucket[1m]))", Quantile: 0.95},
			{Name: "errors", Role: "errors", Provider: "main", Errors: "a", Requests: "b"},
		},
		Logs:    []LogSource{{Provider: "logs", Query: `{app="shop"}`}, {File: "/etc/shop.log"}},
		Probes:  []Probe{{Name: "http://127.0.0.1:8081/", URL: "http://127.0.0.1:8081/", Every: 10 * time.Second, Timeout: 5 * time.Second}},
		Version: VersionLabel{Provider: "main", Query: "app_info", Label: "version"},
	}}
	if diff := cmp.Diff(want, cfg); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEnvironmentOverridesFile(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, "listen: 127.0.0.1:1\nproviders:\n  main-eu: {url: http://a}\n", map[string]string{
		"DEBRIEF_LISTEN":                "0.0.0.0:80",
		"DEBRIEF_DB":                    "postgres://db",
		"DEBRIEF_LOOKS_AFTER":           "5m, 1h,2d",
		"DEBRIEF_LOOKS_BUDGET":          "0.1",
		"DEBRIEF_KEEP_NO_OUTPUT":        "true",
		"DEBRIEF_PRODUCTION":            "live",
		"DEBRIEF_PROVIDERS":             "main-eu,second",
		"DEBRIEF_PROVIDERS_MAIN_EU_URL": "http://b",
		// A token that YAML would read as a number stays a text.
		"DEBRIEF_PROVIDERS_MAIN_EU_TOKEN": "12345678901234567890",
		"DEBRIEF_PROVIDERS_SECOND_KIND":   "loki",
		"DEBRIEF_PROVIDERS_SECOND_URL":    "http://c",
		"DEBRIEF_CHAT_DAILY":              "09:00",
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []any{
		cfg.Listen, cfg.DB, cfg.Looks.After, cfg.Looks.Budget, cfg.Keep.NoOutput, cfg.Production,
		cfg.Providers["main-eu"].URL, cfg.Providers["main-eu"].Token, cfg.Providers["second"].Kind, cfg.Providers["second"].URL, cfg.Chat.Daily,
	}
	want := []any{
		"0.0.0.0:80", "postgres://db",
		[]time.Duration{5 * time.Minute, time.Hour, 48 * time.Hour},
		0.1, true,
		[]string{"live"},
		"http://b", "12345678901234567890", "loki", "http://c", "09:00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProblemsNamePlaceFieldAndFix(t *testing.T) {
	t.Parallel()
	const provider = "providers:\n  main: {url: http://a}\n"
	tests := []struct{ name, text, want string }{
		{"unknown key", "lisen: x", `debrief.yaml:1: lisen: unknown key (did you mean "listen"?); known here: chat, db, habits, judge, keep, kinds, listen,`},
		{"unknown key below", "looks:\n  budget: 0.1\n  often: 3", "debrief.yaml:3: looks.often: unknown key; known here: after, before, budget, past, step"},
		{"in a list", provider + "services:\n  shop:\n    metrics:\n      - {name: a, qery: up}", `debrief.yaml:6: services.shop.metrics[0].qery: unknown key (did you mean "query"?)`},
		{"bare number", "looks:\n  before: 30", "debrief.yaml:2: looks.before: \"30\" has no unit: write for example 30s or 30m"},
		{"no duration", "looks:\n  before: soon", "debrief.yaml:2: looks.before: \"soon\" is not a duration"},
		{"no number", "looks:\n  budget: much", `debrief.yaml:2: looks.budget: "much" is not a number`},
		{"no list", "production: prod", "debrief.yaml:1: production: a list is expected"},
		{"no block", "looks: 5m", "debrief.yaml:1: looks: a block of keys is expected: after, before"},
		{"list for block", "- a\n- b", "debrief.yaml:1: : a block of keys"},
		{"said twice", "listen: a:1\nlisten: b:2", "debrief.yaml:2: listen: said twice"},
		{"broken yaml", "listen: [", "debrief.yaml: yaml: line 1"},
		{"two documents", "listen: a:1\n---\nlisten: b:2", "one YAML document is expected"},
		{"not ascending", "looks:\n  after:\n    - 1h\n    - 5m", "debrief.yaml:4: looks.after[1]: 5m0s does not come after the look before it (1h0m0s) (order them from early to late)"},
		{"negative", "looks:\n  before: -1h", "debrief.yaml:2: looks.before: a duration longer than nothing"},
		{"unknown provider", provider + "services:\n  shop:\n    metrics:\n      - name: a\n        provider: mian\n        query: up", `debrief.yaml:7: services.shop.metrics[0].provider: unknown provider "mian" (known: main)`},
		{"no provider", "services:\n  shop:\n    metrics: [{name: a, query: up}]", "debrief.yaml:3: services.shop.metrics[0].provider: no provider is configured"},
		{"two questions", provider + "services:\n  shop:\n    metrics:\n      - {name: a, query: up, histogram: b}", "debrief.yaml:6: services.shop.metrics[0]: histogram and query are both set (keep exactly one of"},
		{"no question", provider + "services:\n  shop:\n    metrics:\n      - {name: a}", "debrief.yaml:6: services.shop.metrics[0]: nothing says what to ask for"},
		{"controls twice", provider + "services:\n  shop:\n    metrics:\n      - {name: a, query: x, control: {label: region, query: y}}", "services.shop.metrics[0].control: label, query and errors with requests are different ways"},
		{"no label", provider + "services:\n  shop:\n    metrics:\n      - {name: a, query: x, control: {label: 'a-b'}}", `services.shop.metrics[0].control.label: "a-b" is no name of a label`},
		{"controls of another form", provider + "services:\n  shop:\n    metrics:\n      - {name: a, query: x, control: {errors: y, requests: z}}", "services.shop.metrics[0].control: the metric has no errors and requests of its own (write query)"},
		{"a query for counts", provider + "services:\n  shop:\n    metrics:\n      - {name: a, errors: x, requests: y, control: {query: z}}", "services.shop.metrics[0].control.query: the metric counts errors of requests"},
		{"half a control", provider + "services:\n  shop:\n    metrics:\n      - {name: a, errors: x, requests: y, control: {errors: z}}", "services.shop.metrics[0].control: errors and requests are both needed"},
		{"restarts without a query", provider + "services:\n  shop:\n    restarts: {provider: main}", "services.shop.restarts.query: a query is needed"},
		{"half a pair", provider + "services:\n  shop:\n    metrics:\n      - {name: a, errors: x}", "services.shop.metrics[0].requests: errors without requests"},
		{"histogram of loki", "providers:\n  l: {kind: loki, url: http://a}\nservices:\n  shop:\n    metrics:\n      - {name: a, provider: l, histogram: x}", "debrief.yaml:6: services.shop.metrics[0].histogram: l is a Loki"},
		{"unknown role", provider + "services:\n  shop:\n    metrics:\n      - {name: a, role: speed, query: up}", `unknown role "speed" (known: latency, errors, traffic, other)`},
		{"unknown kind", "providers:\n  x: {kind: graphite, url: http://a}", `debrief.yaml:2: providers.x.kind: unknown kind "graphite" (known: prometheus, loki)`},
		{"address with password", "providers:\n  x: {url: 'http://u:p@a'}", "credentials do not belong into an address"},
		{"two logins", "providers:\n  x: {url: http://a, token: t, username: u}", "providers.x.token: both a token and a user name are set (keep one)"},
		{"time zone", "time_zone: Mars/Olympus", `debrief.yaml:1: time_zone: "Mars/Olympus" is not a known time zone`},
		{"both environments", "staging: [prod]", `production[1]: "prod" is named as production and as staging`},
		{"alias twice", "services:\n  a: {aliases: [x]}\n  b: {aliases: [X]}", `debrief.yaml:3: services.b.aliases[0]: "X" already stands for the service "a"`},
		{"margins", "judge:\n  latency: {practical: 0.2, coarse: 0.1}", "debrief.yaml:2: judge.latency.coarse: 0.1 is less than the practical margin (0.2)"},
		{"not a number at all", "looks:\n  budget: .nan", "looks.budget: NaN is not between 0 and 1"},
		{"both secrets", "providers:\n  x: {url: http://a, token: t, token_file: secret}", "debrief.yaml:2: providers.x.token_file: both this and the key without _file are set (keep one)"},
		{"secret missing", "chat: {webhook_file: gone}", "debrief.yaml:1: chat.webhook_file: cannot be read"},
		{"listen", "listen: nowhere", `debrief.yaml:1: listen: "nowhere" is no address of the form host:port`},
		{"daily", "chat: {daily: noon}", `debrief.yaml:1: chat.daily: "noon" is no time of day (for example 09:00)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tt.text, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got:  %v\nwant: …%s…", err, tt.want)
			}
			if debrief.KindOf(err) != debrief.Invalid {
				t.Errorf("kind %s", debrief.KindOf(err))
			}
		})
	}
}

func TestProblemsOfTheEnvironmentNameTheVariable(t *testing.T) {
	t.Parallel()
	_, err := load(t, "", map[string]string{"DEBRIEF_LOOKS_AFTER": "5m,x", "DEBRIEF_LISTEN": "127.0.0.1:8080"})
	if err == nil || !strings.Contains(err.Error(), "DEBRIEF_LOOKS_AFTER: looks.after[1]: \"x\" is not a duration") {
		t.Fatal(err)
	}
	_, err = load(t, "", map[string]string{"DEBRIEF_TIME_ZONE": "Mars"})
	if err == nil || !strings.Contains(err.Error(), "DEBRIEF_TIME_ZONE: time_zone") {
		t.Fatal(err)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := load(t, "listen: nowhere\ntime_zone: Mars\nkeep: {raw: 0s}", nil)
	for _, want := range []string{"listen:", "time_zone:", "keep.raw:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestMissingFileSaysHowToMakeOne(t *testing.T) {
	t.Parallel()
	_, err := Load("debrief.yaml", env(nil), files(nil))
	if debrief.KindOf(err) != debrief.NotFound || !strings.Contains(err.Error(), "debrief init") {
		t.Fatal(err)
	}
	_, err = Load("debrief.yaml", env(nil), func(string) ([]byte, error) { return nil, errors.New("disk on fire") })
	if err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Fatal(err)
	}
}

func TestSecretsComeFromFilesAndAreNeverShown(t *testing.T) {
	t.Parallel()
	cfg, err := Load("/etc/debrief/debrief.yaml", env(map[string]string{"DEBRIEF_SOURCES": "github", "DEBRIEF_SOURCES_GITHUB_SECRET": "hush-github"}), files(map[string]string{
		"/etc/debrief/debrief.yaml": "db: postgres://u:hush-db@h/d\nproviders:\n  main: {url: http://a, token_file: token}\n  old: {url: http://b, username: u, password: hush-pass}\nchat: {webhook: 'https://hooks/hush-chat'}\n",
		"/etc/debrief/token":        "hush-token\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.Providers["main"].Token; got != "hush-token" {
		t.Errorf("token %q", got)
	}
	if got := cfg.Sources["github"].Secret; got != "hush-github" {
		t.Errorf("secret %q", got)
	}
	for _, shown := range []string{
		cfg.String(), fmt.Sprint(cfg), fmt.Sprintf("%+v", cfg), fmt.Sprintf("%#v", cfg), fmt.Sprintf("%v %+v", cfg.Providers, cfg.Sources), fmt.Sprintf("%#v", cfg.Chat),
	} {
		if strings.Contains(shown, "hush") {
			t.Errorf("a secret is shown:\n%s", shown)
		}
	}
	if !strings.Contains(cfg.String(), "url: http://a") {
		t.Errorf("too much is hidden:\n%s", cfg)
	}
	if cfg.Providers["old"].Password != "hush-pass" {
		t.Error("printing changed the configuration")
	}
}

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"28d": 28 * day, "1w": 7 * day, "1d12h": 36 * time.Hour, "5m": 5 * time.Minute, "0": 0, "1.5d": 36 * time.Hour, "-2h": -2 * time.Hour, "1w1d": 8 * day, "250ms": 250 * time.Millisecond,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "d", "1x", "5 minutes", "NaNd", "1e300d", "2d5"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("listen: a:1\nlooks: {after: [5m]}")
	f.Add("a: &a {b: *a}")
	f.Add("services: {x: {metrics: [{name: n}]}}")
	f.Fuzz(func(t *testing.T, text string) {
		cfg, err := Load("c.yaml", env(map[string]string{"DEBRIEF_LOOKS_STEP": "1s"}), files(map[string]string{"c.yaml": text}))
		if err == nil && cfg.Validate() != nil {
			t.Errorf("loaded, yet not valid: %v", cfg.Validate())
		}
	})
}

// A mistake of one kind must not hide those of another: somebody who mends a
// file wants to mend it once.
func TestAMistakeHidesNoOther(t *testing.T) {
	t.Parallel()
	_, err := load(t, `listne: 127.0.0.1:80
looks:
  after: [1h, 5m]
  before: soon
production: [live, [x]]
providers:
  main: {ulr: "http://a"}
services:
  shop:
    aliases: [""]
    metrics:
      - {name: p95, qery: up}
      - {name: p95, query: up, role: speed}
`, nil)
	if err == nil {
		t.Fatal("nothing was said")
	}
	said := strings.Split(err.Error(), "\n")
	for i, want := range []string{
		`debrief.yaml:1: listne: unknown key`, `debrief.yaml:4: looks.before: "soon"`, `debrief.yaml:5: production[1]: a text`,
		`debrief.yaml:7: providers.main.ulr: unknown key`, `debrief.yaml:12: services.shop.metrics[0].qery: unknown key`,
		`debrief.yaml:3: looks.after[1]: 5m0s does not come after`, `debrief.yaml:10: services.shop.aliases[0]: a name is needed`,
		`debrief.yaml:13: services.shop.metrics[1].name: "p95" is named twice`, `services.shop.metrics[1].role`,
	} {
		if i >= len(said) || !strings.Contains(said[i], want) {
			t.Errorf("problem %d: want %s in\n%s", i, want, err)
		}
	}
	if len(said) != 9 {
		t.Errorf("%d problems, want 9: what only follows from another one is not said\n%s", len(said), err)
	}
}

// One machine may run the server and the command line, which reads DEBRIEF_URL
// for where its server is.
func TestTheCommandLinesAddressIsNotTheLinks(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, "url: https://debrief.example\n", map[string]string{"DEBRIEF_URL": "http://127.0.0.1:8080"})
	if err != nil || cfg.URL != "https://debrief.example" {
		t.Errorf("%q, %v", cfg.URL, err)
	}
	cfg, err = load(t, "url: https://debrief.example\n", map[string]string{"DEBRIEF_PUBLIC_URL": "https://other.example"})
	if err != nil || cfg.URL != "https://other.example" {
		t.Errorf("%q, %v", cfg.URL, err)
	}
}
