package tuesday

import (
	"fmt"
	"strings"
	"time"
)

// The story's windows: what takes a day in real life takes two minutes here.
const (
	firstLook = 12 * time.Second
	lastLook  = 80 * time.Second
	step      = 4 * time.Second
)

// config is what a team writes after "debrief init": a shop's latencies,
// errors, traffic, its log and where its version can be read.
func (w *town) config() string {
	var b strings.Builder
	fmt.Fprintf(&b, `looks:
  after: [%s, %s]
  before: %s
  step: %s
  past: 15d
judge:
  latency: {practical: 0.3, coarse: 1}
  min_n: 100 # checkouts: more than there are at the first look
notice:
  step_at_least: 1s
providers:
  main: {kind: prometheus, url: %q, scrape_interval: 1s}
services:
`, firstLook, lastLook, lastLook, step, w.prom.URL)
	for _, s := range w.shops {
		job := fmt.Sprintf(`job=%q`, s.name)
		fmt.Fprintf(&b, `  %s:
    version: {query: 'shop_build_info{%s}', label: version}
    logs: [{file: %q}]
    metrics:
      - {name: median of /checkout, role: latency, unit: s, histogram: '%s{%s,route="/checkout"}', quantile: 0.5}
      - {name: median of /, role: latency, unit: s, histogram: '%s{%s,route="/"}', quantile: 0.5}
      - name: errors
        role: errors
        unit: "%%"
        errors: 'sum(rate(%s_count{%s,code=~"5.."}[$__rate_interval]))'
        requests: 'sum(rate(%s_count{%s}[$__rate_interval]))'
      - {name: traffic, role: traffic, unit: /s, query: 'sum(rate(%s_count{%s}[$__rate_interval]))'}
`, s.name, job, s.host.Place("production").Log, duration, job, duration, job, duration, job, duration, job, duration, job)
	}
	return b.String()
}
