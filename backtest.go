package debrief

import "time"

// Backtest is what made-up releases on a service's own past showed: how often
// the check would have cried wolf, and how small a change it would have seen.
// It is measured before anyone relies on the check.
type Backtest struct {
	Service   string           `json:"service"`
	Measured  time.Time        `json:"measured_at"`
	From      time.Time        `json:"from"` // the made-up releases lie between
	To        time.Time        `json:"to"`
	Seed      uint64           `json:"seed"`
	Releases  int              `json:"releases"` // made-up ones
	Avoided   int              `json:"avoided"`  // real deployments they kept away from
	False     int              `json:"false"`    // releases after which any metric was called worse, better or changed
	FalseLow  float64          `json:"false_low"`
	FalseHigh float64          `json:"false_high"` // Wilson's 95 % bounds of the share
	Metrics   []BacktestMetric `json:"metrics"`
	Warnings  []string         `json:"warnings,omitempty"`
}

// BacktestMetric is one metric of it.
type BacktestMetric struct {
	Metric    string         `json:"metric"`
	Role      Role           `json:"role"`
	Unit      string         `json:"unit,omitempty"`
	Part      bool           `json:"part,omitempty"`
	Problem   string         `json:"problem,omitempty"` // it could not be asked
	Releases  int            `json:"releases"`          // after which it was looked at
	False     int            `json:"false"`
	FalseLow  float64        `json:"false_low"`
	FalseHigh float64        `json:"false_high"`
	Looks     []BacktestLook `json:"looks"`
}

// BacktestLook is one look at one metric.
type BacktestLook struct {
	After      time.Duration  `json:"after_ns"`
	Taken      int            `json:"taken"` // looks no real deployment touched
	False      int            `json:"false"`
	CannotTell map[Reason]int `json:"cannot_tell,omitempty"` // how many could not tell, by reason
	// The smallest change, of those planted into the past, that at least four
	// of five looks found; 0: none was. Found of Planted looks saw it, or the
	// largest that was tried.
	Seen     float64 `json:"seen"`
	Relative bool    `json:"relative"` // Seen is After/Before − 1; else a difference of shares
	Found    int     `json:"found"`
	Planted  int     `json:"planted"`
}

// Blind counts the looks that could not tell.
func (l BacktestLook) Blind() int {
	n := 0
	for _, k := range l.CannotTell {
		n += k
	}
	return n
}
