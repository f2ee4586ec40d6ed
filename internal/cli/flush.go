package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
	foreign  int // of those kept, how many are for another server's address
}

// foreignLife is how long reports for an address that is not used any more are
// looked at again and again; then they are put aside.
const foreignLife = 30 * 24 * time.Hour

// flush sends what earlier commands could not, oldest first. It stops at the
// first failure that may pass, since what follows would fail as well.
func flush(ctx context.Context, x *courier, l flushLimits) (flushed, error) {
	files, err := x.spool.list()
	if err != nil || len(files) == 0 {
		return flushed{}, err
	}
	return sendFiles(ctx, x, files, l, io.Discard)
}

func sendFiles(ctx context.Context, x *courier, files []string, l flushLimits, tell io.Writer) (flushed, error) {
	var n flushed
	tried := 0 // reports for other addresses do not use the limit up
	if l.total > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.total)
		defer cancel()
	}
	for i, file := range files {
		if (l.max > 0 && tried >= l.max) || (l.before != "" && file >= l.before) {
			n.Kept += len(files) - i
			return n, nil
		}
		o, err := readOwed(file)
		if err != nil {
			fmt.Fprintf(tell, "debrief: %v\n", err) // another process may have sent it just now
			n.Kept++
			continue
		}
		if !l.any && o.URL != x.client.base {
			if x.now().Sub(o.Created) > foreignLife && x.spool.reject(o, x.now(), "kept for "+o.URL+", which no command has used for 30 days") == nil {
				n.Rejected++
				continue
			}
			n.Kept++
			n.foreign++
			continue
		}
		tried++
		_, err = x.deliver(ctx, o)
		switch {
		case err == nil:
			n.Sent++
			if err := remove(file); err != nil {
				return n, debrief.Errorf(debrief.Internal, file, "sent, but it cannot be removed: %w", err)
			}
		case permanent(err):
			n.Rejected++
			fmt.Fprintf(tell, "debrief: %s: refused: %v\n", file, err)
			if err := x.spool.reject(o, x.now(), err.Error()); err != nil {
				return n, debrief.Errorf(debrief.Internal, file, "refused, and it cannot be put aside: %w", err)
			}
		default:
			n.Kept += len(files) - i
			return n, err
		}
	}
	return n, nil
}

// elsewhere says, once for each number of them, that reports wait for another
// address than the one in use.
func (n flushed) elsewhere(s spool) []string {
	file := filepath.Join(s.dir, ".elsewhere")
	if n.foreign == 0 {
		_ = remove(file)
		return nil
	}
	told := 0
	if b, err := os.ReadFile(file); err == nil {
		told, _ = strconv.Atoi(strings.TrimSpace(string(b)))
	}
	if told >= n.foreign || os.WriteFile(file, []byte(strconv.Itoa(n.foreign)), 0o600) != nil {
		return nil
	}
	return []string{fmt.Sprintf("%s for another address in %s; to send them to this one: debrief send", reports(n.foreign), s.dir)}
}

// asError is errors.As without the import in every file.
func asError(err error, target any) bool { return errors.As(err, target) }
