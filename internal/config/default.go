package config

import "time"

const day = 24 * time.Hour

// Default is what holds where nothing is said.
func Default() Config {
	return Config{
		Listen:     "127.0.0.1:8080",
		DB:         "debrief.db",
		TimeZone:   "UTC",
		Production: []string{"production", "prod", "live"},
		Staging:    []string{"staging", "stage", "preprod"},
		Looks: Looks{
			After:  []time.Duration{5 * time.Minute, time.Hour, day},
			Before: time.Hour,
			Step:   time.Minute,
			Past:   28 * day,
			Budget: 0.05,
		},
		Judge: Judge{
			Latency: Margin{Practical: 0.10, Coarse: 0.50},
			Errors:  Margin{Practical: 0.002, Coarse: 0.01},
			Traffic: Margin{Practical: 0.25, Coarse: 1},
			Other:   Margin{Practical: 0.10, Coarse: 0.50},
			MinN:    30,
		},
		Notice: Notice{
			SlowFactor:     2,
			SlowMADs:       4,
			SlowAtLeast:    time.Minute,
			SlowMinHistory: 5,
			StepFactor:     3,
			StepAtLeast:    30 * time.Second,
			AlertAfter:     15 * time.Minute,
			RollbackPeople: 3,

			UnshippedFactor: 3,
		},
		Metrics: Metrics{ReworkRollbacks: true},
		Habits:  Habits{At: "09:00", Days: []string{"mon", "tue", "wed", "thu", "fri"}},
		Logs:    Logs{KnownAfter: day},
		Keep:    Keep{Raw: 30 * day},
		Kinds: ChangeKinds{Limits: KindLimits{
			Lines: 1000, Files: 30, Months: 12, Authors: 5, Changes: 10, Mended: 3,
		}},
	}
}

// forges are the sources that can be asked, and where.
var forges = map[string]string{"github": "https://api.github.com", "gitlab": "https://gitlab.com"}

// fill sets what is left out inside blocks that a default value cannot reach:
// the entries of maps and lists.
func (c *Config) fill() {
	for name, p := range c.Providers {
		orElse(&p.Kind, KindPrometheus)
		orElse(&p.Timeout, 30*time.Second)
		orElse(&p.MaxSeries, 100)
		orElse(&p.MaxSamples, 5_000_000)
		orElse(&p.MaxLines, 50_000)
		orElse(&p.Scrape, 15*time.Second)
		c.Providers[name] = p
	}
	for name, s := range c.Sources {
		orElse(&s.URL, forges[name])
		orElse(&s.Poll.Every, time.Minute)
		orElse(&s.Poll.Since, 30*day)
		c.Sources[name] = s
	}
	metrics, logs := c.only(KindPrometheus), c.only(KindLoki)
	for name, s := range c.Services {
		for i := range s.Metrics {
			m := &s.Metrics[i]
			orElse(&m.Provider, metrics)
			orElse(&m.Role, "other")
			if m.Histogram != "" {
				orElse(&m.Quantile, 0.95)
			}
		}
		for i := range s.Logs {
			if s.Logs[i].File == "" {
				orElse(&s.Logs[i].Provider, logs)
			}
		}
		for i := range s.Probes {
			p := &s.Probes[i]
			orElse(&p.Every, 10*time.Second)
			orElse(&p.Timeout, 5*time.Second)
			orElse(&p.Name, p.URL)
		}
		if s.Restarts.Query != "" {
			orElse(&s.Restarts.Provider, metrics)
		}
		if s.Version.Query != "" {
			orElse(&s.Version.Provider, metrics)
		}
		c.Services[name] = s
	}
}

// only is the name of the one provider of a kind, or empty where a reader
// would have to guess which is meant.
func (c *Config) only(kind string) string {
	found := ""
	for name, p := range c.Providers {
		if p.Kind != kind {
			continue
		}
		if found != "" {
			return ""
		}
		found = name
	}
	return found
}

func orElse[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}
