package measure

// Cost is what asking some metrics over a window takes.
type Cost struct {
	Queries  int
	Requests int // a query's window is asked for in chunks
	Points   int // of one series
	Series   int // as far as it can be known: a histogram's buckets are guessed
	Samples  int
}

// guessedBuckets is how many buckets a classic histogram usually has.
const guessedBuckets = 15

// guessedControls is how many series a metric's controls usually have for one
// of its own.
const guessedControls = 3

// CostOf adds up what metrics will ask of their providers.
func CostOf(metrics []Metric, w Window) (Cost, error) {
	_, points, err := w.Grid()
	if err != nil {
		return Cost{}, err
	}
	c := Cost{Points: points}
	for _, m := range metrics {
		queries, series := 1, 1
		switch {
		case m.Histogram != "":
			series = guessedBuckets
		case m.Requests != "":
			queries, series = 2, 2
		}
		if m.Control != (Control{}) {
			queries, series = 2*queries, series*(1+guessedControls)
		}
		c.Queries += queries
		c.Series += series
		c.Requests += queries * ((points + chunkPoints - 1) / chunkPoints)
	}
	c.Samples = c.Series * points
	return c, nil
}
