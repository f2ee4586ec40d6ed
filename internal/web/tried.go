package web

import (
	"context"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

// tried is what a backtest showed, as the service's page tells it.
type tried struct {
	Bold, Rest string
	Looks      []string // "after 5 minutes"…
	Rows       []triedRow
	Blind      []string
	Planted    []string
	Notes      []string
	Releases   int
	Measured   time.Time
	From, To   time.Time
	Now        time.Time // what clocks are told beside
}

type triedRow struct {
	Name, Wolf, Bounds string
	Problem            string
	Seen               []triedSize
}

type triedSize struct{ Look, Size string }

// tried is nil where the check was never tried on this service.
func (s *site) tried(ctx context.Context, service string) (*tried, error) {
	b, found, err := s.Reader.Backtest(ctx, service)
	if err != nil || !found {
		return nil, err
	}
	t := &tried{Blind: tell.BacktestBlind(b), Planted: tell.BacktestPlanted(b), Notes: tell.BacktestNotes(b), Releases: b.Releases, Measured: b.Measured, From: b.From, To: b.To, Now: s.Now()}
	t.Bold, t.Rest = tell.BacktestSays(b)
	for _, m := range b.Metrics {
		row := triedRow{Name: m.Metric, Problem: m.Problem, Wolf: strconv.Itoa(m.False) + " of " + strconv.Itoa(m.Releases), Bounds: tell.FalseBounds(m.FalseLow, m.FalseHigh)}
		for i, l := range m.Looks {
			name := lookName(l)
			row.Seen = append(row.Seen, triedSize{name, tell.Seen(m, l)})
			if len(t.Looks) == i {
				t.Looks = append(t.Looks, name)
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

func lookName(l debrief.BacktestLook) string { return tell.Length(l.After) }
