package loop

import (
	"sync"

	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/store"
)

// learned are the weights as corrections moved them, worked out once for each
// set of corrections.
type learned struct {
	mu      sync.Mutex
	of      store.CorrectionsMark
	weights delivery.Weights
}

// mostLearned bounds the corrections the weights are learned from: the newest.
const mostLearned = 2000

// weights are the reasons' weights: the defaults until there are enough
// corrections.
func (l *Loop) weights(tx *store.Tx) (delivery.Weights, error) {
	mark, err := tx.CorrectionsMark()
	if err != nil || mark.N < delivery.LearnFrom {
		return nil, err
	}
	l.learned.mu.Lock()
	defer l.learned.mu.Unlock()
	if l.learned.of == mark {
		return l.learned.weights, nil
	}
	list, err := tx.Corrections(mostLearned)
	if err != nil {
		return nil, err
	}
	l.learned.of, l.learned.weights = mark, delivery.Learn(Lessons(list))
	return l.learned.weights, nil
}

// Lessons are corrections as the weights are learned from and measured by.
func Lessons(list []store.Corrected) []delivery.Answered {
	out := make([]delivery.Answered, len(list))
	for i, c := range list {
		out[i] = delivery.Answered{Then: c.Then, Answer: c.Correction.Answer}
	}
	return out
}
