package measure

import (
	"context"
	"fmt"
	"sync"

	"github.com/debriefhq/debrief"
)

// Asking is what one look may spend, and what providers had to say beside
// numbers: partial answers, repaired buckets. It travels in the context, so
// that the providers of one look share it.
type Asking struct {
	mu      sync.Mutex
	max     int
	samples int
	notes   []string
}

type askingKey struct{}

// Ask begins one look's asking, with a budget of samples; 0 is none.
func Ask(ctx context.Context, maxSamples int) (context.Context, *Asking) {
	a := &Asking{max: maxSamples}
	return context.WithValue(ctx, askingKey{}, a), a
}

// Notes are the sentences providers added, each once.
func (a *Asking) Notes() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.notes...)
}

// Samples is how much was read so far.
func (a *Asking) Samples() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.samples
}

func (a *Asking) note(format string, args ...any) {
	if a == nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, n := range a.notes {
		if n == text {
			return
		}
	}
	if len(a.notes) < 50 {
		a.notes = append(a.notes, text)
	}
}

// spend counts n samples.
func (a *Asking) spend(n int) error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.samples += n
	if a.max > 0 && a.samples > a.max {
		return debrief.Errorf(debrief.TooLarge, "max_samples", "this look asks for more than its budget of %d samples", a.max).
			WithHint("sum series in the query, lengthen looks.step, or raise the provider's max_samples")
	}
	return nil
}

func asking(ctx context.Context) *Asking {
	a, _ := ctx.Value(askingKey{}).(*Asking)
	return a
}

// Note adds sentences to the asking a context carries.
func Note(ctx context.Context, texts ...string) {
	for _, t := range texts {
		asking(ctx).note("%s", t)
	}
}

// Notes are the sentences of the asking a context carries.
func Notes(ctx context.Context) []string {
	if a := asking(ctx); a != nil {
		return a.Notes()
	}
	return nil
}
