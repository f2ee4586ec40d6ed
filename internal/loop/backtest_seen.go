package loop

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

const (
	// What is found in four of five looks counts as seen.
	enoughFound = 0.8
	// So many looks a size is tried on, spread over the days.
	mostPlanted = 40
	// Fewer looks than this prove nothing.
	leastPlanted = 5
	// Sizes tried are so far apart, and so many at most.
	sizeStep  = 1.25
	mostSizes = 12
)

// plantAll finds, for every metric and look, the smallest change that would
// have been seen: it begins at what the judge itself says of its sensitivity,
// and plants changes into the past until four of five are found and a smaller
// one is not.
func (t *trial) plantAll(ctx context.Context, b *debrief.Backtest) error {
	var done atomic.Int64
	of := len(t.all) * len(t.looks)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for m := range t.all {
		g.Go(func() error {
			for k := range t.looks {
				if t.all[m].err == nil {
					if err := t.seen(ctx, m, k, &b.Metrics[m].Looks[k]); err != nil {
						return err
					}
				}
				t.progress("planting changes", int(done.Add(1)), of)
			}
			return nil
		})
	}
	return g.Wait()
}

// seen is the smallest change of one metric that one look would have seen.
func (t *trial) seen(ctx context.Context, m, k int, out *debrief.BacktestLook) error {
	var at []int
	var sizes []float64
	for i := range t.moments {
		if rs := t.results[i][k]; rs != nil && rs[m].Tell {
			at = append(at, i)
			if s := rs[m].Smallest; s > 0 && !math.IsInf(s, 1) {
				sizes = append(sizes, s)
			}
		}
	}
	if len(at) < leastPlanted || len(sizes) == 0 {
		return nil
	}
	at = spread(at, mostPlanted)
	slices.Sort(sizes)
	q := own(t.all[m].q)
	most := 30.0 // thirty times as much again
	if q.Kind == judge.Share {
		most = 0.5
	}
	size := min(max(sizes[len(sizes)/2], q.Margin, 1e-6), most)
	growing := false
	for range mostSizes {
		found, err := t.planted(ctx, &q, m, k, at, size)
		if err != nil {
			return err
		}
		if float64(found) >= enoughFound*float64(len(at)) {
			out.Seen, out.Found, out.Planted = size, found, len(at)
			if growing || size/sizeStep < q.Margin {
				return nil
			}
			size /= sizeStep
			continue
		}
		if out.Seen > 0 {
			return nil // the one before was the smallest
		}
		out.Found, out.Planted = found, len(at)
		if size >= most {
			return nil
		}
		growing = true
		size = min(size*sizeStep, most)
	}
	return nil
}

// planted counts in how many looks a planted change would have been called,
// in the direction it went.
func (t *trial) planted(ctx context.Context, q *judge.Question, m, k int, at []int, size float64) (int, error) {
	budget, weights := t.budget(k)
	found := 0
	rs := make([]judge.Result, len(t.all))
	for _, i := range at {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		asked := t.question(*q, t.moments[i], k, budget*weights[m])
		undo := plant(q, asked.From, asked.To, size)
		r := judge.Judge(asked)
		undo()
		copy(rs, t.results[i][k])
		rs[m] = r
		if s := judge.Settle(rs, weights, budget)[m]; called(s.Word) && (r.Effect > 0 || r.Shape == judge.Spread) {
			found++
		}
	}
	return found, nil
}

// spread picks at most n of xs, evenly.
func spread(xs []int, n int) []int {
	if len(xs) <= n {
		return xs
	}
	out := make([]int, n)
	for i := range out {
		out[i] = xs[i*len(xs)/n]
	}
	return out
}
