// Package send is the messenger: it hands one message to the outside and says
// truthfully what became of it. What is not known to have failed is never
// repeated; see Outcome.
package send

import (
	"context"
	"errors"
	"time"

	"github.com/debriefhq/debrief"
)

// Outcome is what became of a message.
type Outcome int

const (
	// Unknown: it was handed over and no clear answer came. It may have
	// arrived, so it is not sent again by itself.
	Unknown Outcome = iota
	// Sent: the receiver took it.
	Sent
	// Refused: the receiver will never take it; a person must change something.
	Refused
	// Failed: it surely was not delivered; trying again later is safe.
	Failed
)

func (o Outcome) String() string {
	switch o {
	case Sent:
		return "sent"
	case Refused:
		return "refused"
	case Failed:
		return "failed"
	default:
		return "unknown"
	}
}

// Sender hands over one message. The error says why the outcome is not Sent;
// it never holds the receiver's URL, which is a secret.
type Sender interface {
	Send(ctx context.Context, m debrief.Message) (Outcome, error)
}

// Later is an error that says when the receiver wants to be asked again.
type Later struct {
	After time.Duration
	Err   error
}

func (l *Later) Error() string { return l.Err.Error() }
func (l *Later) Unwrap() error { return l.Err }

// RetryAfter returns the wait a receiver asked for; zero: it named none.
func RetryAfter(err error) time.Duration {
	var l *Later
	if errors.As(err, &l) {
		return l.After
	}
	return 0
}
