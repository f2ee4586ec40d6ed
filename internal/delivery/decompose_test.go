package delivery

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/debriefhq/debrief"
)

// wildFacts are releases over some weeks, with ways of any kind.
func wildFacts(t *rapid.T, name string, weeks int) []debrief.ReleaseFacts {
	var out []debrief.ReleaseFacts
	for i := range rapid.IntRange(1, 40).Draw(t, name) {
		f := debrief.ReleaseFacts{
			ReleaseID: fmt.Sprintf("%s%d", name, i), Kind: debrief.ReleaseNew, At: monday.Add(time.Duration(rapid.IntRange(0, weeks-1).Draw(t, "week")) * 7 * 24 * time.Hour),
			PrimaryKind: rapid.SampledFrom([]string{"", "migration", "dependency", "UI"}).Draw(t, "kind"),
		}
		if rapid.Bool().Draw(t, "failed") {
			f.Failure = debrief.DidFail
		}
		for k := range rapid.IntRange(0, 4).Draw(t, "changes") {
			l := debrief.LeadFacts{Change: fmt.Sprintf("%s/%d", f.ReleaseID, k), Committed: f.At, Parts: map[string]debrief.Seconds{}}
			for _, p := range Parts() {
				if us := rapid.Int64Range(0, 1e12).Draw(t, "part"); us > 5e11 || rapid.Bool().Draw(t, "has") {
					l.Parts[p] = debrief.SecondsOf(us)
					l.Lead = debrief.SecondsOf(l.Lead.Micros() + us)
				}
			}
			f.Leads = append(f.Leads, l)
		}
		out = append(out, f)
	}
	return out
}

const testWeeks = 6

func testWeek(f debrief.ReleaseFacts) int { return int(f.At.Sub(monday) / (7 * 24 * time.Hour)) }

func movesOf(w weekly, s sides) []debrief.Move {
	var out []debrief.Move
	for _, metric := range []string{DeploymentFrequency, ChangeLeadTime, ChangeFailureRate, ReworkRate} {
		out = append(out, w.apart(debrief.Question{ID: "q", Metric: metric}, s)...)
	}
	return out
}

// Parts add up to the move, with nothing left over; and with the periods
// swapped each part is its own negative.
func TestDecompositionsAreExactAndAntisymmetric(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		s := sides{
			before: wildFacts(t, "b", testWeeks), after: wildFacts(t, "a", testWeeks),
			weeksBefore: testWeeks, weeksAfter: testWeeks, weekBefore: testWeek, weekAfter: testWeek,
		}
		w := weekly{in: MetricsInput{Now: monday.AddDate(1, 0, 0), Location: time.UTC, Settings: Settings{ReworkRollbacks: true}}}
		there, back := movesOf(w, s), movesOf(w, s.swapped())
		if len(there) != len(back) {
			t.Fatalf("%d ways there, %d back", len(there), len(back))
		}
		for i, m := range there {
			seen[m.Method]++
			sum, scale := 0.0, math.Abs(m.Before)+math.Abs(m.After)
			for _, p := range m.Parts {
				sum += p.Adds
				scale += math.Abs(p.Adds)
				if !(p.Low <= p.Adds && p.Adds <= p.High) {
					t.Errorf("%s of %s: %v is not within %v to %v", p.Name, m.Of, p.Adds, p.Low, p.High)
				}
			}
			if math.Abs(sum-(m.After-m.Before)) > 1e-11*scale {
				t.Errorf("%s: parts add up to %v, the move is %v", m.Of, sum, m.After-m.Before)
			}
			other := map[string]float64{}
			for _, p := range back[i].Parts {
				other[p.Name] = p.Adds
			}
			if len(other) != len(m.Parts) {
				t.Errorf("%s: %d parts there, %d back", m.Of, len(m.Parts), len(other))
			}
			for _, p := range m.Parts {
				if math.Abs(p.Adds+other[p.Name]) > 1e-11*scale {
					t.Errorf("%s of %s adds %v there and %v back", p.Name, m.Of, p.Adds, other[p.Name])
				}
			}
			shares(t, m)
		}
	})
	for _, method := range []string{MethodMidmean, MethodKitagawa, MethodLMDI} {
		if seen[method] < 50 {
			t.Errorf("%s was tried only %d times", method, seen[method])
		}
	}
}

// A share is told where all parts have one sign, and only there.
func shares(t *rapid.T, m debrief.Move) {
	up, down, sum := false, false, 0.0
	for _, p := range m.Parts {
		up, down = up || p.Adds > 0, down || p.Adds < 0
		sum += p.Share
	}
	if up != down && math.Abs(sum-1) > 1e-9 || up == down && sum != 0 {
		t.Errorf("%s: parts go up %v and down %v, shares add up to %v", m.Of, up, down, sum)
	}
}

// The same question has the same intervals wherever it is asked.
func TestIntervalsAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	a := seeded("question", "x").weeks(20, nil)
	b := seeded("question", "x").weeks(20, nil)
	c := seeded("question", "y").weeks(20, nil)
	if fmt.Sprint(a) != fmt.Sprint(b) || fmt.Sprint(a) == fmt.Sprint(c) {
		t.Errorf("%v %v %v", a, b, c)
	}
	sum := 0.0
	for _, n := range a {
		sum += n
	}
	if sum != 20 {
		t.Errorf("20 weeks were drawn %v times", sum)
	}
}

// Kitagawa's own example in small: two kinds, levels and shares both move.
func TestKitagawaByHand(t *testing.T) {
	t.Parallel()
	within, mix, left, right, ok := kitagawa(
		map[string]group{"calm": {80, 8}, "wild": {20, 10}},  // 10 % of 80 and 50 % of 20: 18 %
		map[string]group{"calm": {50, 10}, "wild": {50, 25}}, // 20 % of 50 and 50 % of 50: 35 %
	)
	if !ok || math.Abs(left-0.18) > 1e-12 || math.Abs(right-0.35) > 1e-12 {
		t.Fatal(left, right, ok)
	}
	// Within: mean share 0.65 × 0.10; 0.35 × 0. Mix: 0.15 × −0.3 + 0.5 × 0.3.
	if math.Abs(within["calm"]-0.065) > 1e-12 || within["wild"] != 0 || math.Abs(mix["calm"]+mix["wild"]-0.105) > 1e-12 {
		t.Error(within, mix)
	}
}

// Twice the releases at the same cycle time and batch size is twice the work in
// progress, and nothing else.
func TestLMDIByHand(t *testing.T) {
	t.Parallel()
	b := flow{releases: 4, changes: 8, seconds: 8 * 86400}
	a := flow{releases: 8, changes: 16, seconds: 16 * 86400}
	m, ok := frequencyMove([]flow{b, b, b}, []flow{a, a, a}, seeded("x"))
	if !ok || m.Before != 4 || m.After != 8 || m.Parts[0].Name != WorkInProgress || math.Abs(m.Parts[0].Adds-4) > 1e-12 || math.Abs(m.Parts[0].Share-1) > 1e-12 {
		t.Errorf("%+v", m)
	}
	if _, ok := frequencyMove([]flow{{}}, []flow{a}, seeded("x")); ok {
		t.Error("nothing landed before: there is nothing to take apart")
	}
}
