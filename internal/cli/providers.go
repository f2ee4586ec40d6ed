package cli

import (
	"os"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/measure"
)

// openProviders opens every provider the configuration names.
func openProviders(cfg config.Config) (loop.Telemetry, error) {
	all := loop.Telemetry{}
	for name, p := range cfg.Providers {
		o := measure.Options{
			Kind: p.Kind, URL: p.URL, Username: p.Username, Password: p.Password, Token: p.Token, Tenant: p.Tenant,
			Timeout: p.Timeout, MaxSeries: p.MaxSeries, MaxSamples: p.MaxSamples, MaxLines: p.MaxLines, Scrape: p.Scrape,
		}
		if p.CAFile != "" {
			ca, err := os.ReadFile(p.CAFile)
			if err != nil {
				return nil, debrief.Errorf(debrief.Invalid, "providers."+name+".ca_file", "%w", err)
			}
			o.CA = ca
		}
		opened, err := measure.New(name, o)
		if err != nil {
			return nil, err
		}
		all[name] = opened
	}
	return all, nil
}
