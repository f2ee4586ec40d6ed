package ingest

import "testing"

func FuzzAlertmanager(f *testing.F) { fuzz(f, "alertmanager") }
func FuzzGrafana(f *testing.F)      { fuzz(f, "grafana") }
func FuzzJira(f *testing.F)         { fuzz(f, "jira") }
func FuzzLaunchDarkly(f *testing.F) { fuzz(f, "launchdarkly") }
func FuzzPagerDuty(f *testing.F)    { fuzz(f, "pagerduty") }
func FuzzSentry(f *testing.F)       { fuzz(f, "sentry") }
func FuzzUnleash(f *testing.F)      { fuzz(f, "unleash") }
func FuzzZendesk(f *testing.F)      { fuzz(f, "zendesk") }
