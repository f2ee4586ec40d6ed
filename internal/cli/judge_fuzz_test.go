package cli

import (
	"math"
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

func sameNumbers(a, b debrief.Numbers) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
			return false
		}
	}
	return true
}

func sameColumns(a, b seriesColumns) bool {
	return sameNumbers(a.V, b.V) && sameNumbers(a.Errors, b.Errors) && sameNumbers(a.Requests, b.Requests)
}

// FuzzQuestion: no line does harm, and whatever the fast reader takes, the JSON
// decoder reads alike.
func FuzzQuestion(f *testing.F) {
	for _, c := range generated(14) {
		f.Add(exactly(c))
	}
	for _, s := range []string{
		`{"id":"a","step_s":60,"after":{"t":[1e300,-1e300],"v":[1,2]}}`, `{"step_s":0.001,"release_ts":5,"history":{"t0":-1e10,"step_s":0.001,"v":[1,2,3]}}`,
		`{"step_s":2e6,"before":{"t":[1,2],"v":[0.1,-0]},"after":{"t":[3],"v":[12345678901234567890]}}`, `{"id":"a","id":"b"} x`, `{"v":[01]}`, `{"step_s":1.}`, `{"step_s":-}`,
		`{"before":{"v":[ 1 , null ]}}`,
		`{"step_s":60,"after":{"t":[0,60],"v":[1,2]},"controls":[{"t0":-600,"v":[1,2,3]},{"t":[5,6],"v":[1,null]}],"disturbed":[[1,2],[3]]}`, `{"kind":"error_rate","step_s":60,"after":{"t":[0],"errors":[5],"requests":[0]}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if len(line) > 1<<16 {
			return
		}
		var fast, slow seriesCase
		if fastCase([]byte(line), &fast) {
			if err := readOne([]byte(line), &slow); err != nil {
				t.Fatalf("taken, and is no JSON: %v", err)
			}
			if fast.ID != slow.ID || fast.Kind != slow.Kind || fast.Metric != slow.Metric || fast.Step != slow.Step || fast.Release != slow.Release ||
				fast.History.T0 != slow.History.T0 || fast.History.Step != slow.History.Step || !sameNumbers(fast.Before.T, slow.Before.T) || !sameNumbers(fast.After.T, slow.After.T) ||
				!sameColumns(fast.Before.seriesColumns, slow.Before.seriesColumns) || !sameColumns(fast.After.seriesColumns, slow.After.seriesColumns) || !sameColumns(fast.History.seriesColumns, slow.History.seriesColumns) {
				t.Fatalf("read differently:\n%+v\n%+v", fast, slow)
			}
		}
		c, err := readCase([]byte(line))
		if err != nil {
			return
		}
		q, err := c.question()
		if err != nil {
			return
		}
		if n := max(len(q.Series.V), len(q.Series.Num)); n > mostCells+1 {
			t.Fatalf("a grid of %d points", n)
		} else if n < 5000 {
			_ = answerSeries(&c, judge.Judge(q))
		}
	})
}

// FuzzPlain: lines of a table, whatever is in them.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"1790000000 1\n1790000060 2\n", "Time,Value\n2026-11-03 14:02:00,5\n2026-11-03T14:03:00Z,\n", "\"2026-11-03T14:03:00Z\";\"7\"\n", "1790000000\t1\t2\n", "a\nb\n"} {
		f.Add(s, "1790000030", "gauge")
		f.Add(s, "2026-11-03T14:02:30Z", errorRate)
	}
	f.Fuzz(func(t *testing.T, text, release, kind string) {
		p := plainSeries{release: release, kind: kind}
		c, err := p.read(strings.NewReader(text))
		if err != nil {
			return
		}
		if q, err := c.question(); err == nil && max(len(q.Series.V), len(q.Series.Num)) < 5000 {
			_ = judge.Judge(q)
		}
		_, _ = readPlainSlow(strings.NewReader(text), "count")
	})
}
