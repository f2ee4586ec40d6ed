package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/debriefhq/debrief"
)

// flushLimits bound what one command sends of other commands' reports.
type flushLimits struct {
	total  time.Duration
	max    int    // files; 0: all
	before string // only files older than this one; empty: all
	any    bool   // also those meant for another server's address
}

// flushed counts what became of the spooled reports.
type flushed struct {
	Sent     int `json:"sent"`
	Rejected int `json:"rejected"`
	Kept     int `json:"kept"`
}

// flush sends what earlier commands could not, oldest first. It stops at the
// first failure that may pass, since what follows would fail as well.
func flush(ctx context.Context, c *client, s spool, now func() time.Time, l flushLimits) (flushed, error) {
	files, err := s.list()
	if err != nil || len(files) == 0 {
		return flushed{}, err
	}
	return sendFiles(ctx, c, s, now, files, l, io.Discard)
}

func sendFiles(ctx context.Context, c *client, s spool, now func() time.Time, files []string, l flushLimits, tell io.Writer) (flushed, error) {
	var n flushed
	if l.total > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.total)
		defer cancel()
	}
	for i, file := range files {
		if (l.max > 0 && i >= l.max) || (l.before != "" && file >= l.before) {
			n.Kept += len(files) - i
			return n, nil
		}
		o, err := readOwed(file)
		if err != nil {
			fmt.Fprintf(tell, "debrief: %v\n", err) // another process may have sent it just now
			n.Kept++
			continue
		}
		if !l.any && o.URL != c.base {
			n.Kept++
			continue
		}
		err = within(ctx, requestLimit, func(ctx context.Context) error {
			return c.do(ctx, o.Method, o.Path, o.Body, nil)
		})
		switch {
		case err == nil:
			n.Sent++
			if err := remove(file); err != nil {
				return n, debrief.Errorf(debrief.Internal, file, "sent, but it cannot be removed: %w", err)
			}
		case permanent(err):
			n.Rejected++
			fmt.Fprintf(tell, "debrief: %s: refused: %v\n", file, err)
			if err := s.reject(o, now(), err.Error()); err != nil {
				return n, debrief.Errorf(debrief.Internal, file, "refused, and it cannot be put aside: %w", err)
			}
		default:
			n.Kept += len(files) - i
			return n, err
		}
	}
	return n, nil
}

// asError is errors.As without the import in every file.
func asError(err error, target any) bool { return errors.As(err, target) }
