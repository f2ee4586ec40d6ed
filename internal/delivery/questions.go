package delivery

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// QuestionSet is what a service's history asks, with the lines it was found in.
type QuestionSet struct {
	Service     string             `json:"service"`
	Environment string             `json:"environment"`
	From        time.Time          `json:"from"`
	To          time.Time          `json:"to"`        // whole weeks; the current one is left out
	Questions   []debrief.Question `json:"questions"` // the newest first
	Lines       []Line             `json:"lines"`     // the five metrics first
	Names       map[string]string  `json:"names"`     // of the releases named as evidence: their versions
	Weeks       int                `json:"weeks"`     // with anything in them
	Sentence    string             `json:"sentence"`  // what can be said where nothing is asked
}

const (
	// surePart is how sure a change in a part must be to be asked about by
	// itself: there are fourteen of them, and each may seem to move by chance.
	surePart = 0.95
	// enoughWeeks is from how many weeks on a change of level can be sought.
	enoughWeeks = 8
)

// Ask finds what moved within in.From to in.To and takes it apart.
func Ask(in MetricsInput) QuestionSet {
	w := byWeek(in)
	a := QuestionSet{From: in.From, To: in.To, Questions: []debrief.Question{}, Lines: w.lines(), Names: map[string]string{}}
	for i, fs := range w.facts {
		if len(fs) > 0 {
			a.Weeks++
			a.Service, a.Environment = fs[0].Service, fs[0].Environment
		}
		a.To = w.weeks[i].to
	}
	if len(w.weeks) > 0 {
		a.From = w.weeks[0].from
	}
	if a.Weeks < enoughWeeks {
		a.Sentence = "Too few to say: " + count(a.Weeks, "week", "weeks") + " with a deployment are known here; from " + count(enoughWeeks, "week", "weeks") + " on debrief looks for what moved."
		return a
	}
	moved := w.moved(a.Lines)
	told := map[int]bool{} // parts that are told of beside a metric's move
	for i, m := range moved {
		if a.Lines[m.line].PartOf != "" {
			continue
		}
		q, ok := w.ask(a.Lines, moved, i, told)
		if ok {
			a.Questions = append(a.Questions, q)
		}
	}
	for i, m := range moved {
		if a.Lines[m.line].PartOf == "" || told[i] || m.Probability < surePart {
			continue
		}
		if q, ok := w.ask(a.Lines, moved, i, told); ok {
			a.Questions = append(a.Questions, q)
		}
	}
	for _, q := range a.Questions {
		for _, id := range q.Evidence {
			a.Names[id] = ""
		}
	}
	for _, f := range in.Facts {
		if _, asked := a.Names[f.ReleaseID]; asked {
			a.Names[f.ReleaseID] = f.Version
		}
	}
	slices.SortStableFunc(a.Questions, func(x, y debrief.Question) int { return y.Since.Compare(x.Since) })
	if len(a.Questions) == 0 {
		a.Sentence = "Nothing moved: over " + count(a.Weeks, "week", "weeks") + " no figure changed its level by more than it varies anyway."
	}
	return a
}

// move is one change in one line.
type move struct {
	judge.Change
	line     int
	from, to int // the stretch before begins at from, the one after ends before to
}

func (w weekly) moved(lines []Line) []move {
	var out []move
	for i, l := range lines {
		cs := l.changes()
		for k, c := range cs {
			m := move{Change: c, line: i, from: 0, to: len(w.weeks)}
			if k > 0 {
				m.from = cs[k-1].At
			}
			if k+1 < len(cs) {
				m.to = cs[k+1].At
			}
			out = append(out, m)
		}
	}
	return out
}

// sameTime says that two moves may be of one time.
func sameTime(a, b move) bool { return a.Low <= b.High+1 && b.Low <= a.High+1 }

// ask makes a question of one move.
func (w weekly) ask(lines []Line, moved []move, i int, told map[int]bool) (debrief.Question, bool) {
	m, l := moved[i], lines[moved[i].line]
	s := w.sides(m)
	q := debrief.Question{
		Metric: l.Name, PartOf: l.PartOf, Unit: l.Unit, Since: w.weeks[m.At].from, Earliest: w.weeks[m.Low].from, Latest: w.weeks[min(m.High, len(w.weeks)-1)].to,
		From: w.weeks[m.from].from, To: w.weeks[m.to-1].to, Sure: m.Probability, Moves: []debrief.Move{}, Beside: []string{},
	}
	for _, f := range slices.Concat(s.before, s.after) {
		q.Service, q.Environment = f.Service, f.Environment
		break
	}
	if !w.levels(&q, s, m) {
		return q, false
	}
	q.ID = debrief.ID("question", q.Service, q.Environment, q.Metric, q.Since.UTC().Format(time.RFC3339))
	q.Moves = w.apart(q, s)
	top := ""
	if len(q.Moves) > 0 && len(q.Moves[0].Parts) > 0 {
		top = q.Moves[0].Parts[0].Name
	}
	for k, o := range moved {
		// Of another metric the page tells by itself; what is in the sum already is
		// not something else.
		if k == i || lines[o.line].PartOf == "" || !sameTime(m, o) || lines[o.line].PartOf == l.Name && named(q.Moves, lines[o.line].Name) {
			told[k] = told[k] || k != i && lines[o.line].PartOf == l.Name && sameTime(m, o)
			continue
		}
		told[k] = told[k] || lines[o.line].PartOf == l.Name
		q.Beside = append(q.Beside, w.movedWords(lines[o.line], o))
	}
	q.Beside = append(q.Beside, w.besides(s, m)...)
	q.Sentence, q.Question = w.words(q), questionOf(q.Metric, top)
	q.Evidence = nearest(s, q.Since)
	return q, true
}

// named says that a part stands in a move already.
func named(moves []debrief.Move, part string) bool {
	return slices.ContainsFunc(moves, func(m debrief.Move) bool {
		return slices.ContainsFunc(m.Parts, func(p debrief.Part) bool { return p.Name == part })
	})
}

// sides are the releases before a change and after it.
func (w weekly) sides(m move) sides {
	s := sides{weeksBefore: m.At - m.from, weeksAfter: m.to - m.At}
	for i := m.from; i < m.At; i++ {
		s.before = append(s.before, w.facts[i]...)
	}
	for i := m.At; i < m.to; i++ {
		s.after = append(s.after, w.facts[i]...)
	}
	s.weekBefore = func(f debrief.ReleaseFacts) int { return within(w.weeks, f.At) - m.from }
	s.weekAfter = func(f debrief.ReleaseFacts) int { return within(w.weeks, f.At) - m.At }
	return s
}

// levels says what the metric was before and after, over all that lies on each
// side; ok is false where one side has nothing.
func (w weekly) levels(q *debrief.Question, s sides, m move) bool {
	in := w.in
	switch q.Metric {
	case DeploymentFrequency:
		q.Counts = "weeks"
		q.NBefore, q.NAfter = s.weeksBefore, s.weeksAfter
		q.Before, q.After = releasesOf(s.before)/float64(s.weeksBefore), releasesOf(s.after)/float64(s.weeksAfter)
	case ChangeLeadTime:
		b, _ := leadTime(in, s.before)
		a, _ := leadTime(in, s.after)
		q.Counts, q.NBefore, q.NAfter, q.Before, q.After = "changes", b.Changes.N, a.Changes.N, b.Changes.Median, a.Changes.Median
	case ChangeFailureRate:
		b, a := failureRate(in, s.before).Share, failureRate(in, s.after).Share
		q.Counts, q.NBefore, q.NAfter, q.Before, q.After = "releases", b.Of, a.Of, percent(b), percent(a)
	case RecoveryTime:
		b, a := recovery(in, s.before).Restored, recovery(in, s.after).Restored
		q.Counts, q.NBefore, q.NAfter, q.Before, q.After = "failures", b.N, a.N, b.Median, a.Median
	case ReworkRate:
		b, a := rework(in, s.before).Share, rework(in, s.after).Share
		q.Counts, q.NBefore, q.NAfter, q.Before, q.After = "deployments", b.Of, a.Of, percent(b), percent(a)
	default:
		q.Counts, q.NBefore, q.NAfter, q.Before, q.After = "weeks", s.weeksBefore, s.weeksAfter, m.Before, m.After
	}
	return q.NBefore > 0 && q.NAfter > 0 && q.Before != q.After && !math.IsNaN(q.Before+q.After)
}

func releasesOf(fs []debrief.ReleaseFacts) (n float64) {
	for _, f := range fs {
		if f.Kind == debrief.ReleaseNew {
			n++
		}
	}
	return n
}

func percent(s Share) float64 {
	if s.Of == 0 {
		return math.NaN()
	}
	return 100 * float64(s.N) / float64(s.Of)
}

// apart takes a metric's move apart, as the definitions prescribe.
func (w weekly) apart(q debrief.Question, s sides) []debrief.Move {
	moves := []debrief.Move{}
	add := func(m debrief.Move, ok bool) {
		if ok && len(m.Parts) > 0 {
			m.Sentence = moveWords(m)
			moves = append(moves, m)
		}
	}
	roll := func(of string) *dice { return seeded(q.ID, of) }
	switch q.Metric {
	case DeploymentFrequency:
		set := w.in.Settings
		add(frequencyMove(flows(s.before, s.weekBefore, s.weeksBefore, set), flows(s.after, s.weekAfter, s.weeksAfter, set), roll("frequency")))
	case ChangeLeadTime:
		b, a := waysOf(s.before, s.weekBefore, w.in.Settings), waysOf(s.after, s.weekAfter, w.in.Settings)
		for _, stretch := range []struct {
			of        string
			low, high float64
		}{{"the middle half of changes", midLow, midHigh}, {"the slow tail (85th to 95th percentile)", tailLow, tailHigh}} {
			add(durationMove(stretch.of, b, a, stretch.low, stretch.high, s.weeksBefore, s.weeksAfter, roll(stretch.of)), true)
		}
		add(kindMove("kinds of change, over the middle half", "s", "changes", 1, kindsOf(b), kindsOf(a), s.weeksBefore, s.weeksAfter, roll("kinds")))
	case ChangeFailureRate:
		failed := func(f debrief.ReleaseFacts) (counts, is bool) {
			as := inFailureRate(f, w.in).As
			return as == AsFailed || as == AsNotFailed || as == AsAsked, as == AsFailed
		}
		add(kindMove("kinds of change", "%", "releases", 100, sharesOf(s.before, s.weekBefore, failed), sharesOf(s.after, s.weekAfter, failed), s.weeksBefore, s.weeksAfter, roll("failed")))
	case ReworkRate:
		reworked := func(f debrief.ReleaseFacts) (counts, is bool) {
			as := inRework(f, w.in).As
			return as == AsRework || as == AsPlanned, as == AsRework
		}
		add(kindMove("kinds of change", "%", "deployments", 100, sharesOf(s.before, s.weekBefore, reworked), sharesOf(s.after, s.weekAfter, reworked), s.weeksBefore, s.weeksAfter, roll("rework")))
	}
	return moves
}

// sorter gives kinds numbers, so that drawing weeks anew looks nothing up.
type sorter struct {
	names []string
	at    map[string]int
}

func (k *sorter) number(name string) int {
	i, ok := k.at[name]
	if !ok {
		if k.at == nil {
			k.at = map[string]int{}
		}
		i = len(k.names)
		k.names, k.at[name] = append(k.names, name), i
	}
	return i
}

func (k *sorter) byName(gs []group) map[string]group {
	out := make(map[string]group, len(gs))
	for i, g := range gs {
		if g.weight > 0 {
			out[k.names[i]] = g
		}
	}
	return out
}

// kindsOf are the middle half's totals by kind of change.
func kindsOf(ws []way9) func(drawn []float64) map[string]group {
	var k sorter
	kind := make([]int, len(ws))
	for i, w := range ws {
		kind[i] = k.number(w.kind)
	}
	return func(drawn []float64) map[string]group {
		sums := make([]group, len(k.names))
		eachInBand(ws, drawn, midLow, midHigh, func(i int, weight float64) {
			g := &sums[kind[i]]
			g.weight, g.sum = g.weight+weight, g.sum+weight*ws[i].total
		})
		return k.byName(sums)
	}
}

// sharesOf counts by primary kind how many there are and how many of them are
// what is asked.
func sharesOf(fs []debrief.ReleaseFacts, week func(debrief.ReleaseFacts) int, is func(debrief.ReleaseFacts) (counts, is bool)) func(drawn []float64) map[string]group {
	type one struct {
		kind, week int
		hit        float64
	}
	var k sorter
	var list []one
	for _, f := range fs {
		if counts, hit := is(f); counts {
			o := one{kind: k.number(f.PrimaryKind), week: week(f)}
			if hit {
				o.hit = 1
			}
			list = append(list, o)
		}
	}
	return func(drawn []float64) map[string]group {
		sums := make([]group, len(k.names))
		for _, o := range list {
			times := 1.0
			if drawn != nil {
				times = drawn[o.week]
			}
			g := &sums[o.kind]
			g.weight, g.sum = g.weight+times, g.sum+times*o.hit
		}
		return k.byName(sums)
	}
}

// mostEvidence bounds the releases named behind a question.
const mostEvidence = 40

// nearest are the releases around a moment, those nearest to it first.
func nearest(s sides, at time.Time) []string {
	fs := slices.Concat(s.before, s.after)
	slices.SortStableFunc(fs, func(a, b debrief.ReleaseFacts) int {
		return cmp.Or(cmp.Compare(a.At.Sub(at).Abs(), b.At.Sub(at).Abs()), cmp.Compare(a.ReleaseID, b.ReleaseID))
	})
	var out []string
	for _, f := range fs {
		if len(out) < mostEvidence && f.Kind.Checked() {
			out = append(out, f.ReleaseID)
		}
	}
	return out
}
