package debrief

import "time"

// LookState is where one of a release's checks stands.
type LookState string

const (
	LookPlanned LookState = "planned" // its window is still open: data and band, no verdict word
	LookDone    LookState = "done"
)

// Look is one of the times a release is checked: 5 minutes, 60 minutes and 24
// hours after full exposure unless configured otherwise.
type Look struct {
	ReleaseID string        `json:"release_id"`
	Service   string        `json:"service"`
	Number    int           `json:"number"` // 1, 2, 3
	After     time.Duration `json:"after_ns"`
	State     LookState     `json:"state"`
	Due       time.Time     `json:"due_at"`
	Closed    time.Time     `json:"closed_at,omitzero"`  // when it was judged
	From      time.Time     `json:"from,omitzero"`       // what was judged: full exposure…
	To        time.Time     `json:"to,omitzero"`         // …to here; before Due where the next release cut it short
	CutShort  string        `json:"cut_short,omitempty"` // the version whose going live closed this look
	Run       []string      `json:"run,omitempty"`       // versions judged together, oldest first, where overlap limits which
	Word      Word          `json:"word"`                // rolled up over Verdicts; Pending until done
	Reason    Reason        `json:"reason,omitempty"`
	Verdicts  []Verdict     `json:"verdicts"`
	Logs      LogFindings   `json:"logs"`
	Blind     []string      `json:"blind,omitempty"` // what could not be asked, in words, after retries
	Tries     int           `json:"tries,omitempty"`
}

// Word is a verdict in one word.
type Word string

const (
	Pending    Word = ""
	Worse      Word = "worse"
	Better     Word = "better"
	Changed    Word = "changed" // for a metric with no good direction
	Steady     Word = "steady"
	CannotTell Word = "cannot tell"
)

// Reason says why debrief cannot tell. Its text is in a Verdict's Sentence.
type Reason string

const (
	NoReason        Reason = ""
	TooLittle       Reason = "too little traffic"
	NoBaseline      Reason = "no baseline"
	LogsTooNew      Reason = "logs too new"
	MetricsMissing  Reason = "metrics missing"
	ProviderFailed  Reason = "provider unreachable"
	NothingToLookAt Reason = "nothing to look at" // no metric is configured for the service
	NotSensitive    Reason = "not sensitive"      // only a change beyond the coarse margin would have shown
	Overlap         Reason = "overlapping releases"
)

// Role is what a metric stands for; margins and the roll-up follow from it.
type Role string

const (
	Latency Role = "latency"
	Errors  Role = "errors"
	Traffic Role = "traffic"
	Other   Role = "other"
)

// Verdict is what one metric's data say about one release.
type Verdict struct {
	Metric   string    `json:"metric"` // "p95 of /checkout"
	Role     Role      `json:"role"`
	Part     bool      `json:"part,omitempty"` // of a part of the service, such as one route: see RollUp
	Unit     string    `json:"unit,omitempty"` // "ms", "%", "/s"
	Word     Word      `json:"word"`
	Reason   Reason    `json:"reason,omitempty"`
	Sentence string    `json:"sentence"` // "38 % up (31 to 46 %) since 14:21"
	Before   float64   `json:"before"`   // typical level before, in Unit
	After    float64   `json:"after"`
	Relative bool      `json:"relative"` // Effect is a ratio − 1 (0.38); else a difference in Unit
	Effect   float64   `json:"effect"`
	Low      float64   `json:"low"`
	High     float64   `json:"high"`
	Shape    string    `json:"shape,omitempty"`   // "level", "ramp", "spread", "spike"
	N        int       `json:"n"`                 // observations after: requests where counted, else points
	P        float64   `json:"p"`                 // adjusted
	Since    time.Time `json:"since,omitzero"`    // when it began; only of worse, better and changed
	Until    time.Time `json:"until,omitzero"`    // when it passed, where it has
	Smallest float64   `json:"smallest"`          // the smallest change seen with 80 % power, as Effect is; 0: not known
	Usual    bool      `json:"usual,omitempty"`   // within what the service shows after its releases: noted, and decides nothing
	Beside   string    `json:"beside,omitempty"`  // what it was held against that did not get the release: "3 other regions"
	Needed   float64   `json:"needed,omitempty"`  // what Smallest must not exceed for steady to be said, as Effect is; 0: not known
	Against  []string  `json:"against,omitempty"` // what it was held against, in words
	Warnings []string  `json:"warnings,omitempty"`
	Trace    Trace     `json:"trace"`
}

// Trace is the picture a verdict rests on: the series around the release and
// the band of its own past, on one grid. Missing points are null in JSON.
type Trace struct {
	Start time.Time     `json:"start,omitzero"`
	Step  time.Duration `json:"step_ns,omitempty"`
	V     Numbers       `json:"v,omitempty"`
	Low   Numbers       `json:"low,omitempty"`
	High  Numbers       `json:"high,omitempty"`
	Shade string        `json:"shade,omitempty"` // what the band is: "this shop's Tuesdays"
}

// LogFindings are what a look found in the logs.
type LogFindings struct {
	Word     Word         `json:"word,omitempty"` // empty: no logs are configured
	Reason   Reason       `json:"reason,omitempty"`
	Sentence string       `json:"sentence,omitempty"`
	Known    time.Time    `json:"known_since,omitzero"`
	Lines    int          `json:"lines"`
	Patterns []LogPattern `json:"patterns,omitempty"` // what is new or changed, worst first
}

// LogPattern is one kind of line.
type LogPattern struct {
	ID       string    `json:"id"`
	Template string    `json:"template"` // masked, <*> for what varies
	Example  string    `json:"example"`  // masked
	Level    string    `json:"level"`    // error, warn, info, debug or empty
	New      bool      `json:"new"`      // never seen before this release
	Before   float64   `json:"before"`   // expected count in the window, from before
	Count    int       `json:"count"`    // since the release
	First    time.Time `json:"first_at"`
	P        float64   `json:"p"`
}

// RollUp is a release's or look's word: worse if any metric is; else cannot
// tell if latency or errors is, or if there is nothing to tell from; else
// better; else steady. A part of the service counts when it got worse or
// better; that it cannot tell decides nothing where the whole service can be
// told of. What is usual after a deployment decides nothing either way.
func RollUp(verdicts []Verdict) Word {
	word := Steady
	for _, v := range verdicts {
		if v.Usual {
			continue
		}
		switch v.Word {
		case Worse:
			return Worse
		case Better:
			word = Better
		}
	}
	if _, blind := Unsure(verdicts); blind || len(verdicts) == 0 {
		return CannotTell
	}
	return word
}

// Unsure is the first verdict that cannot tell and for which the whole cannot
// be told of, unless something got worse; ok is false where there is none.
func Unsure(verdicts []Verdict) (first Verdict, ok bool) {
	leads := func(v Verdict) bool { return v.Role == Latency || v.Role == Errors }
	whole := false // something is said of the service as a whole
	for _, v := range verdicts {
		whole = whole || (leads(v) && !v.Part)
	}
	for _, v := range verdicts {
		if v.Word == CannotTell && leads(v) && !(v.Part && whole) {
			return v, true
		}
	}
	return Verdict{}, false
}
