// Package judge says, from numbers and lines alone, what changed: how a series
// differs after a release from before it, how unusual that is against the
// series' own past, and which kinds of log line are new. It is pure: no clock,
// no I/O, no package of ours.
package judge

import (
	"time"
)

// Kind is how a series' values behave.
type Kind string

const (
	Gauge Kind = "gauge" // positive measurements: response times, queue lengths
	Share Kind = "share" // Num of Den: errors of requests
	Count Kind = "count" // counts or rates: traffic
)

// Good is the direction in which a metric improves.
type Good int

const (
	Neither Good = iota
	Lower
	Higher
)

// Series is a metric on a regular grid. V[i] covers [Start+i·Step,
// Start+(i+1)·Step); NaN is missing. A Share has Num and Den instead of V. N,
// where known, is how many observations (requests) stand behind each value.
type Series struct {
	Start time.Time
	Step  time.Duration
	V     []float64
	Num   []float64
	Den   []float64
	N     []float64
}

// Histogram is a distribution per grid point: Counts[i][j] observations fell
// into the bucket that ends at Bounds[j] (the last may be +Inf), during that
// step and not cumulative over buckets. A nil Counts[i] is missing.
type Histogram struct {
	Start  time.Time
	Step   time.Duration
	Bounds []float64
	Counts [][]float64
}

// Window is a span of time.
type Window struct{ From, To time.Time }

// Question is one metric of one look. Exactly one of Series and Histogram is set.
type Question struct {
	Kind      Kind
	Good      Good
	Series    Series        // history, before and after on one grid
	Histogram *Histogram    // judged as a whole distribution; Quantile is what is shown
	Quantile  float64       // 0.95
	From      time.Time     // full exposure: "after" begins
	To        time.Time     // the look's end
	Before    time.Duration // length of "before"; it ends at Exposed
	Exposed   time.Time     // first exposure: nothing began earlier; "before" ends, unless Touched is earlier
	Touched   time.Time     // where known: the deployment's start, from which on "before" is not undisturbed
	Past      []Window      // known deployments and incidents: left out of the null
	Releases  []time.Time   // full exposure of earlier releases of the service, newest last: the second null
	Controls  []Series      // the same metric on the same grid, where the release did not go
	Margin    float64       // practical margin: 0.10 is 10 % (for Share: a difference of shares)
	Coarse    float64       // a change that must have been visible before "steady" may be said: 0.5 is ×1.5
	MinN      int           // fewer observations after than this: too little traffic
	Alpha     float64       // the false-alarm share this metric is tested with; Smallest rests on it. 0: 0.002
}

// Result is what the numbers say. P is not yet adjusted for other metrics;
// Settle does that and gives the word.
type Result struct {
	Tell      bool // false: cannot tell, see Why
	Why       Why
	Before    float64 // typical level, in the series' unit
	After     float64
	Relative  bool // Effect is After/Before − 1; else a difference
	Effect    float64
	Low, High float64 // interval of Effect
	Shape     Shape
	N         int // observations after
	P         float64
	Score     float64   // −log10 P: how sure, comparable between series
	Since     time.Time // when it began; never before Exposed
	Until     time.Time // when it passed, where it has
	Earlier   time.Time // a beginning before Exposed that fits clearly better: the release may not be the cause
	Smallest  float64   // the smallest change, as Effect is, that would have been seen with 80 % power
	Null      int       // how many placements of the same comparison in its own past P rests on
	Weeks     int       // earlier weeks that stand behind it
	Controls  int       // control series it was held against; 0: judged by itself
	Usual     bool      // within what the service shows after its earlier releases
	Releases  int       // how many of those stand behind Usual
	Warnings  []string
	Band      Band

	// What Settle needs of the question, and of the way it was answered.
	Good   Good
	Margin float64
	Coarse float64
	Short  bool // too little of its own past: worse or better only beyond twice the margin
}

// Why says why nothing can be told.
type Why string

const (
	CanTell    Why = ""
	TooLittle  Why = "too little traffic"
	NoBaseline Why = "no baseline"
	Missing    Why = "metrics missing"
	Insensible Why = "not sensitive" // given by Settle: only a change beyond Coarse would have shown
)

// Shape says in what way a series changed most.
type Shape string

const (
	Level  Shape = "level"
	Ramp   Shape = "ramp"
	Spread Shape = "spread"
	Spike  Shape = "spike"
)

// Band is the picture: the series around the release and the range of its own
// past at the same times, on one grid. Low and High may be empty.
type Band struct {
	Start     time.Time
	Step      time.Duration
	V         []float64
	Low, High []float64
	Seasonal  bool // the band follows the time of day
	Weekly    bool // and knows weekends apart
	// How far before "before" the moments begin that it was held against.
	Past time.Duration
}

// Word is the verdict in one word.
type Word string

const (
	Worse      Word = "worse"
	Better     Word = "better"
	Changed    Word = "changed"
	Steady     Word = "steady"
	CannotTell Word = "cannot tell"
)
