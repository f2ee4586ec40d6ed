package loop

import (
	"context"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/store"
)

// BlameReader is what is read of attributions.
type BlameReader interface {
	Attribution(ctx context.Context, subject string) (a debrief.Attribution, found bool, err error)
	Attributions(ctx context.Context, subjects []string) (map[string]debrief.Attribution, error)
	Blaming(ctx context.Context, service, release string) ([]debrief.Attribution, error)
	Asked(ctx context.Context, service string, limit int) ([]debrief.Attribution, error)
	Corrections(ctx context.Context, limit int) ([]store.Corrected, error)
	CountAttributions(ctx context.Context) (all, open int, err error)
}

// Accuracy is how attribution does by what people said.
func Accuracy(ctx context.Context, r BlameReader) (delivery.Accuracy, error) {
	list, err := r.Corrections(ctx, mostLearned)
	if err != nil {
		return delivery.Accuracy{}, err
	}
	all, open, err := r.CountAttributions(ctx)
	if err != nil {
		return delivery.Accuracy{}, err
	}
	return delivery.Accurate(Lessons(list), all, open), nil
}
