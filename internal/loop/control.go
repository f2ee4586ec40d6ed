package loop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
)

// fewestBeside is how many steps a canary must have run beside its baseline, and
// how many what got the release must have had before it to be held against its past.
const fewestBeside = 5

// addControls asks for a metric where the release did not go. That controls
// could not be had is a note: the metric is then judged by itself.
func (l *Loop) addControls(ctx context.Context, x Exam, p measure.Provider, out *measured) {
	m := out.metric
	if m.Control == (config.Control{}) {
		return
	}
	var note string
	var err error
	if m.Control.Label == "" {
		var found []measure.Group
		if found, err = measure.Controls(ctx, p, asks(m), l.window(x)); err == nil && len(found) == 0 {
			note = "its control queries return nothing"
		}
		out.q.Controls = lines(found, m.Quantile)
		out.beside = func(n int) string { return counted(n, "series that did not get it", "series that did not get it") }
	} else {
		note, err = l.split(ctx, x, p, out)
	}
	if err != nil {
		note = "the controls could not be asked: " + err.Error()
	}
	if note != "" {
		out.notes = append(out.notes, "judged by itself: "+note)
	}
}

// split tells who got the release from who did not by a label. Where those who
// got it were there before (a region, an instance), they are judged over their
// whole past against the others. Where they were not (a version), both run side
// by side for a while, and that while is compared.
func (l *Loop) split(ctx context.Context, x Exam, p measure.Provider, out *measured) (note string, err error) {
	m, label := out.metric, out.metric.Control.Label
	mine, others, err := parted(ctx, x, p, m, l.near(x))
	switch {
	case err != nil:
		return "", err
	case len(mine) == 0:
		return fmt.Sprintf("no series has the label %s with this version or a place it went to", label), nil
	case len(others) == 0:
		return fmt.Sprintf("every %s got the release", label), nil
	}
	together := measure.Together(mine)
	if points(measure.Group{Asked: together}.Line(m.Quantile), time.Time{}, x.Exposed) >= fewestBeside {
		if mine, others, err = parted(ctx, x, p, m, l.window(x)); err != nil || len(mine) == 0 {
			return "", err
		}
		together = measure.Together(mine)
		out.q.Series, out.q.Histogram, out.q.Controls = together.Series, together.Histogram, lines(others, m.Quantile)
		out.beside = func(n int) string { return counted(n, "other "+label, "other "+plural(label)) }
		return "", nil
	}
	if out.q.Kind == judge.Count {
		return "how much traffic a new version gets is decided by the roll-out", nil
	}
	ran := 0
	for _, o := range others {
		ran = max(ran, points(o.Line(m.Quantile), x.Exposed, x.To))
	}
	if after := int(x.To.Sub(x.From) / l.Config.Looks.Step); ran < max(fewestBeside, after/2) {
		return "the old version did not run beside the new one for long enough", nil
	}
	out.q.Series, out.q.Histogram, out.q.Controls = together.Series, together.Histogram, lines(others, m.Quantile)
	out.q.From, out.canary = x.Exposed, true
	out.beside = func(n int) string {
		if n == 1 {
			return "the old version beside it"
		}
		return fmt.Sprintf("%d other versions beside it", n)
	}
	return "", nil
}

// parted asks once per value of the metric's label.
func parted(ctx context.Context, x Exam, p measure.Provider, m config.Metric, w measure.Window) (mine, others []measure.Group, err error) {
	all, err := measure.Split(ctx, p, asks(m), m.Control.Label, w)
	for _, g := range all {
		switch {
		case measure.Matches(g.Value, x.Names):
			mine = append(mine, g)
		case g.Value != "":
			others = append(others, g)
		}
	}
	return mine, others, err
}

func lines(all []measure.Group, quantile float64) []judge.Series {
	out := make([]judge.Series, len(all))
	for i, g := range all {
		out[i] = g.Line(quantile)
	}
	return out
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// plural of a label's name: regions, clusters, availability_zones, countries.
func plural(name string) string {
	if rest, ok := strings.CutSuffix(name, "y"); ok {
		return rest + "ies"
	}
	return name + "s"
}
