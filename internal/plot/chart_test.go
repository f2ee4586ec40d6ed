package plot

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestChartShowsTheStepTheBandAndTheRelease(t *testing.T) {
	t.Parallel()
	c := Chart{Width: 40, Height: 5, Label: func(v float64) string { return strings.Repeat("#", int(v/50)) }, From: "13:02", To: "15:02", Marks: []ChartMark{{At: 30, Label: "14:02"}, {At: 0, Label: "nowhere"}, {At: 60}}}
	for i := range 60 {
		v := 100.0
		if i >= 30 {
			v = 200
		}
		c.V, c.Low, c.High = append(c.V, v), append(c.Low, 80), append(c.High, 120)
	}
	got := c.Lines()
	if len(got) != 7 {
		t.Fatalf("%d lines, want five rows, the axis and its labels:\n%s", len(got), strings.Join(got, "\n"))
	}
	for _, line := range got {
		if n := utf8.RuneCountInString(line); n > 40 {
			t.Errorf("%d columns in %q", n, line)
		}
	}
	high, low := strings.IndexFunc(got[0]+got[1], braille), strings.LastIndexFunc(got[0]+got[1], braille)
	if high < 0 || low < 0 {
		t.Errorf("the line does not reach the top:\n%s", strings.Join(got, "\n"))
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{"░", "│", "┴", "┤", "13:02", "14:02", "15:02"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing:\n%s", want, all)
		}
	}
	if strings.Contains(all, "nowhere") {
		t.Error("a mark outside is shown")
	}
	// The label of the release stands under its line.
	axis, under := []rune(got[5]), []rune(got[6])
	at := strings.IndexRune(got[5], '┴')
	at = utf8.RuneCountInString(got[5][:at])
	if under[at] != ':' && under[at] != '4' && under[at] != '0' {
		t.Errorf("under the mark at %d of %q stands %q of %q", at, string(axis), under[at], string(under))
	}
}

func braille(r rune) bool { return r > 0x2800 && r <= 0x28ff }

func TestChartOfNothing(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, vs := range [][]float64{nil, {}, {nan, nan}} {
		if got := (Chart{V: vs, Width: 40, Height: 5}).Lines(); got != nil {
			t.Errorf("%v: %q", vs, got)
		}
	}
}

func FuzzChart(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 40, 5, 1)
	f.Add(math.Inf(1), math.MaxFloat64, -math.MaxFloat64, -3, 0, 100)
	f.Fuzz(func(t *testing.T, a, b, c float64, width, height, mark int) {
		width, height = min(width, 200), min(height, 40)
		lines := Chart{
			V: []float64{a, b, c, math.NaN(), a}, Low: []float64{a, a, a}, High: []float64{b, c}, Width: width, Height: height,
			Label: func(float64) string { return "x" }, Marks: []ChartMark{{At: mark, Label: "here"}}, From: "from", To: "to",
		}.Lines()
		for _, line := range lines {
			if !utf8.ValidString(line) || utf8.RuneCountInString(line) > max(width, 11) {
				t.Fatalf("%q", line)
			}
		}
	})
}

func BenchmarkChart(b *testing.B) {
	c := creep()
	chart := Chart{V: c.V, Low: c.Low, High: c.High, Width: 80, Height: 9, Label: func(float64) string { return "100 ms" }}
	b.ReportAllocs()
	for b.Loop() {
		if len(chart.Lines()) == 0 {
			b.Fatal("nothing drawn")
		}
	}
}
