package loop

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// logs compares a service's lines after the release with those before: from
// what followers counted, and from what log providers answer.
func (l *Loop) logs(ctx context.Context, x Exam) (debrief.LogFindings, error) {
	var blind error
	asked := false
	for _, src := range x.Config.Logs {
		if src.File != "" {
			asked = true // its follower counts all the time
			continue
		}
		asked = true
		if err := l.mine(ctx, x, src.Provider, src.Query); err != nil {
			blind = debrief.Errorf(debrief.KindOf(err), "", "logs of %s: %w", src.Provider, err)
		}
	}
	known, around, err := l.Store.LogPatterns(ctx, x.Service, x.Exposed.Add(-l.Config.Looks.Before), x.To)
	if err != nil {
		return debrief.LogFindings{}, err
	}
	if !asked && known.IsZero() {
		return debrief.LogFindings{}, nil // nobody told of any logs
	}
	kinds, err := l.Store.LogKinds(ctx, x.Service)
	if err != nil {
		return debrief.LogFindings{}, err
	}
	bin := l.logBin()
	past, err := l.logPast(ctx, x, known)
	if err != nil {
		return debrief.LogFindings{}, err
	}
	q := judge.LogQuestion{
		Known: known, KnownAfter: l.Config.Logs.KnownAfter, Exposed: x.Exposed, To: x.To, Bin: bin,
		Patterns: counts(kinds, around, past, x, l.Config.Looks.Before, bin),
		Budget:   judge.LookBudget(l.Config.Looks.Budget, x.Number, len(l.Config.Looks.After)),
	}
	f := LogFindings(judge.CompareLogs(q), known)
	f.Sentence = tell.LogSentence(f, x.From, l.Location)
	if blind != nil && len(around) == 0 {
		f.Word, f.Reason, f.Patterns = debrief.CannotTell, debrief.ProviderFailed, nil
	}
	if !x.Final {
		f = debrief.LogFindings{Known: f.Known, Lines: f.Lines}
	}
	return f, blind
}

// LogFindings words what the judge found in the lines.
func LogFindings(a judge.LogAnswer, known time.Time) debrief.LogFindings {
	f := debrief.LogFindings{Word: debrief.Word(a.Word), Known: known, Lines: a.Lines}
	if a.Word == judge.CannotTell && a.TooNew {
		f.Reason = debrief.LogsTooNew
	}
	for i, c := range a.Changes {
		if i == mostPatterns {
			break
		}
		f.Patterns = append(f.Patterns, debrief.LogPattern{
			ID: c.ID, Template: c.Template, Example: c.Example, Level: c.Level, New: c.New,
			Before: c.Before, Count: c.Count, First: debrief.Instant(c.First), P: c.P,
		})
	}
	return f
}

// mostPatterns bounds what a look keeps: the worst come first.
const mostPatterns = 50

// logBin is how finely lines are counted: ten seconds, or finer where the
// looks are.
func (l *Loop) logBin() time.Duration {
	return max(time.Second, min(10*time.Second, l.Config.Looks.Step.Truncate(time.Second)))
}

// counts lays patterns on the bins before first exposure and after it. Kinds
// not seen in the window count too: how often new ones come is learnt of them.
func counts(kinds, around []store.LogCount, past map[string][]int, x Exam, before, bin time.Duration) []judge.LogCount {
	nb := int(before / bin)
	na := int((x.To.Sub(x.Exposed) + bin - 1) / bin)
	bins := map[string]map[int64]int{}
	for _, p := range around {
		bins[p.ID] = p.Bins
	}
	out := make([]judge.LogCount, 0, len(kinds))
	for _, k := range kinds {
		c := judge.LogCount{ID: k.ID, Template: k.Template, Level: k.Level, Example: k.Example, First: k.First, Before: make([]int, nb), After: make([]int, max(na, 0))}
		for at, n := range bins[k.ID] {
			t := time.Unix(at, 0)
			// A bin belongs to the side its middle lies on.
			d := t.Add(bin / 2).Sub(x.Exposed)
			if i := int(d / bin); d >= 0 && i < len(c.After) {
				c.After[i] += n
			} else if i := nb - 1 - int(-d/bin); d < 0 && i >= 0 {
				c.Before[i] += n
			}
		}
		if c.Past = past[k.ID]; c.Past == nil && len(past) > 0 {
			c.Past = make([]int, pastStretches(past))
		}
		out = append(out, c)
	}
	return out
}

// mostPast bounds how many stretches of the past are asked for.
const mostPast = 24

// logPast is what was written in stretches as long as after, side by side,
// earlier than before: up to a day of them, as far as lines are known.
func (l *Loop) logPast(ctx context.Context, x Exam, known time.Time) (map[string][]int, error) {
	after, end := x.To.Sub(x.Exposed).Truncate(time.Second), x.Exposed.Add(-l.Config.Looks.Before)
	if after < time.Second || known.IsZero() || !known.Before(end) {
		return nil, nil
	}
	n := int(min(mostPast, 24*time.Hour/after, end.Sub(known)/after))
	if n < 6 {
		return nil, nil
	}
	return l.Store.LogStretches(ctx, x.Service, end.Add(-time.Duration(n)*after), after, n)
}

func pastStretches(past map[string][]int) int {
	for _, p := range past {
		return len(p)
	}
	return 0
}

// mine asks a log provider for what a look needs and was not asked before, and
// keeps the counts. How far it was read is kept too, so that overlapping looks
// do not count a line twice.
func (l *Loop) mine(ctx context.Context, x Exam, provider, query string) error {
	p, ok := l.Sources[provider].(measure.LogProvider)
	if !ok {
		return debrief.Errorf(debrief.Invalid, "provider", "%q cannot answer with log lines", provider)
	}
	mark := "mined " + provider + " " + query
	read, err := l.readUpTo(ctx, x.Service, mark)
	if err != nil {
		return err
	}
	from := x.Exposed.Add(-max(l.Config.Looks.Before, l.Config.Logs.KnownAfter))
	if read.After(from) {
		from = read
	}
	c, err := l.counter(ctx, x.Service)
	if err != nil {
		return err
	}
	for from.Before(x.To) {
		lines, truncated, err := p.Lines(ctx, query, measure.Window{From: from, To: x.To})
		if err != nil {
			return err
		}
		upTo := x.To
		if truncated && len(lines) > 0 {
			// The rest is asked for from the last moment on; lines of that very
			// moment were all given or none: they are asked for again whole.
			upTo = lines[len(lines)-1].At
			for len(lines) > 0 && !lines[len(lines)-1].At.Before(upTo) {
				lines = lines[:len(lines)-1]
			}
			if !upTo.After(from) {
				upTo = from.Add(time.Millisecond) // more lines in one moment than a budget holds
			}
		}
		for _, line := range lines {
			c.Add(line, l.Now())
		}
		c.End()
		if err := l.keepCounts(ctx, x.Service, c.Take(), mark, upTo.Format(time.RFC3339Nano)); err != nil {
			return err
		}
		from = upTo
	}
	return nil
}

// readUpTo is how far a source of lines was read.
func (l *Loop) readUpTo(ctx context.Context, service, mark string) (time.Time, error) {
	data, err := l.mark(ctx, service, mark)
	if err != nil || data == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, data)
}

// mark reads a note kept beside a service's counts.
func (l *Loop) mark(ctx context.Context, service, mark string) (string, error) {
	chunks, err := l.Store.Chunks(ctx, service, mark, time.Time{}, time.UnixMicro(1))
	if debrief.KindOf(err) == debrief.NotFound && err != nil || len(chunks) == 0 {
		return "", nil
	}
	return chunks[0].Data, err
}

// keepCounts saves counts together with how far they were read: a restart
// neither loses a line nor counts it twice.
func (l *Loop) keepCounts(ctx context.Context, service string, ps []store.LogCount, mark, upTo string) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error {
		svc, err := tx.Service(service, false)
		if err != nil {
			return err
		}
		if err := tx.SaveLogCounts(svc.ID, ps); err != nil {
			return err
		}
		return tx.SaveChunk(svc.ID, mark, time.Time{}, upTo)
	})
}

// counter starts from the kinds a service is known to write, whose ids it keeps.
func (l *Loop) counter(ctx context.Context, service string) (*Counter, error) {
	kinds, err := l.Store.LogKinds(ctx, service)
	if err != nil && debrief.KindOf(err) != debrief.NotFound {
		return nil, err
	}
	known := make([]judge.Pattern, len(kinds))
	for i, k := range kinds {
		known[i] = judge.Pattern{ID: k.ID, Template: k.Template, Level: k.Level, Example: k.Example}
	}
	return NewCounter(known, l.logBin()), nil
}
