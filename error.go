package debrief

import (
	"errors"
	"fmt"
)

// ErrorKind says what a caller can do about an error. The HTTP status, the
// exit code and the retry policy all follow from it, in one table each.
type ErrorKind string

const (
	Invalid      ErrorKind = "invalid"      // the input is wrong; sending it again will not help
	NotFound     ErrorKind = "not_found"    // no such thing
	Conflict     ErrorKind = "conflict"     // the same key was used for something else
	Unauthorized ErrorKind = "unauthorized" // no token, or a wrong one
	Forbidden    ErrorKind = "forbidden"    // a valid token that may not do this
	TooLarge     ErrorKind = "too_large"    // over a stated limit
	TooMany      ErrorKind = "too_many"     // slow down, try again later
	Unavailable  ErrorKind = "unavailable"  // something outside did not answer; try again
	Ignored      ErrorKind = "ignored"      // well-formed, and not for us; not a failure
	Internal     ErrorKind = "internal"     // our fault
)

// Error is an error meant for a person: what was wrong, where, and what to do.
type Error struct {
	Kind    ErrorKind
	Field   string // the input's field, as its author wrote it; may be empty
	Message string // what was wrong, a sentence without a full stop
	Hint    string // what to do; may be empty
	Err     error  // the cause; may be nil
}

func (e *Error) Error() string {
	s := e.Message
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Err != nil {
		if cause := e.Err.Error(); cause != "" {
			s += ": " + cause
		}
	}
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error. A %w in the format is kept as its cause.
func Errorf(kind ErrorKind, field, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	if cause := errors.Unwrap(err); cause != nil {
		// The message already holds the cause's text; keep only the link.
		return &Error{Kind: kind, Field: field, Message: err.Error(), Err: silent{cause}}
	}
	return &Error{Kind: kind, Field: field, Message: err.Error()}
}

// WithHint returns a copy of e that also says what to do.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// silent links a cause for errors.Is and errors.As without printing it twice.
type silent struct{ error }

func (s silent) Error() string { return "" }
func (s silent) Unwrap() error { return s.error }

// KindOf returns the kind of err: Internal for an error that has none.
func KindOf(err error) ErrorKind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
