package loop

import (
	"context"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// Moment is a past deployment that debrief can learn of: a tag, a forge's
// deployment, a line somebody typed.
type Moment struct {
	Version string    `json:"version"`
	Commit  string    `json:"commit,omitempty"`
	At      time.Time `json:"at"`
}

// Replayed is what the looks would have said about one moment.
type Replayed struct {
	Moment
	Looks []debrief.Look `json:"looks"`
}

// Replay takes every look at past moments as it would have been taken then:
// with what was known when it ended, and nothing later. Looks whose end lies in
// the future are left out.
func (l *Loop) Replay(ctx context.Context, service string, moments []Moment, progress func(Replayed)) ([]Replayed, error) {
	byTime := slices.Clone(moments)
	slices.SortStableFunc(byTime, func(a, b Moment) int { return a.At.Compare(b.At) })
	out := make([]Replayed, 0, len(byTime))
	for i, m := range byTime {
		r := Replayed{Moment: m}
		for n, after := range l.Config.Looks.After {
			look := debrief.Look{Service: service, Number: n + 1, After: after, Due: m.At.Add(after), From: m.At, To: m.At.Add(after)}
			if i+1 < len(byTime) && byTime[i+1].At.Before(look.To) {
				look.To, look.CutShort = byTime[i+1].At, byTime[i+1].Version
			}
			if look.To.Add(l.lag()).After(l.Now()) {
				continue
			}
			x := Exam{Service: service, Config: l.service(service), Number: n + 1, Names: []string{m.Version}, Exposed: m.At, From: m.At, To: look.To, Final: true}
			for j := i - 1; j >= 0; j-- {
				x.Releases = append(x.Releases, judge.Window{From: byTime[j].At, To: byTime[j].At})
				x.Earlier = append([]time.Time{byTime[j].At}, x.Earlier...)
			}
			found := l.Examine(ctx, x)
			if err := ctx.Err(); err != nil {
				return out, err
			}
			look.Verdicts, look.Blind = found.Verdicts, found.Blind
			l.close(&look, debrief.Story{})
			r.Looks = append(r.Looks, look)
		}
		out = append(out, r)
		if progress != nil {
			progress(r)
		}
	}
	return out, nil
}
