package cli

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

// BenchmarkSeriesCase is one question with 2,000 points of history, from JSON
// to the judge's door and through it.
func BenchmarkSeriesCase(b *testing.B) {
	c := generated(2)[1] // a gauge
	for len(c.History.V) < 2000 {
		c.History.V = append(c.History.V, c.History.V...)
	}
	c.History.V = c.History.V[:2000]
	c.History.T0 = c.Before.T[0] - 2000*c.Step
	line := []byte(exactly(c))
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			c, err := readCase(line)
			if err == nil {
				_, err = c.question()
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("judged", func(b *testing.B) {
		q, err := c.question()
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if !judge.Judge(q).Tell {
				b.Fatal("not judged")
			}
		}
	})
	b.Run("command", func(b *testing.B) {
		e := OS()
		e.Args, e.Stdout = []string{"judge", "series"}, io.Discard
		e.Stdin = bytes.NewReader(bytes.Repeat(line, b.N))
		if code := Main(context.Background(), e); code != 0 {
			b.Fatal(code)
		}
	})
}
