package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
)

const eventsPath = "/api/v1/events/batch"

// Bounds of one request, below what the server takes.
const (
	sendItems = 500
	sendBytes = 2 << 20
)

// sendPatience is how long a server that is busy or away is asked again.
const sendPatience = 5 * time.Minute

// importer sends facts of the past in requests of a bounded size. The same
// facts in the same order make the same requests.
type importer struct {
	c     *client // nil: a dry run
	from  string
	skip  int          // requests that were confirmed in an earlier run
	sent  int          // requests
	items int          // facts
	news  int          // of them in requests the server had not seen
	after func() error // a request was confirmed; may be nil
	buf   bytes.Buffer
	n     int
}

// add takes one fact, and sends where enough have gathered.
func (s *importer) add(ctx context.Context, item any) error {
	b, err := json.Marshal(item)
	if err != nil {
		return debrief.Errorf(debrief.Internal, "", "a fact cannot be written as JSON: %w", err)
	}
	if s.n > 0 && s.buf.Len()+len(b) > sendBytes {
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	if s.n == 0 {
		s.buf.WriteString(`{"from":"` + s.from + `","items":[`)
	} else {
		s.buf.WriteByte(',')
	}
	s.buf.Write(b)
	s.n++
	s.items++
	if s.n == sendItems {
		return s.flush(ctx)
	}
	return nil
}

// reset begins anew.
func (s *importer) reset() {
	s.buf.Reset()
	s.skip, s.sent, s.items, s.news, s.n = 0, 0, 0, 0, 0
}

// flush sends what has gathered.
func (s *importer) flush(ctx context.Context) error {
	if s.n == 0 {
		return nil
	}
	s.buf.WriteString("]}")
	body := bytes.Clone(s.buf.Bytes())
	n := s.n
	s.buf.Reset()
	s.n = 0
	s.sent++
	if s.sent <= s.skip {
		return nil
	}
	if s.c == nil {
		s.news += n
		return nil
	}
	var taken struct {
		New int `json:"new"`
	}
	if err := s.post(ctx, body, &taken); err != nil {
		return err
	}
	s.news += taken.New
	if s.after != nil {
		return s.after()
	}
	return nil
}

// post sends one request, again and again while the server is busy or away:
// it is all taken in or not at all, and twice is once.
func (s *importer) post(ctx context.Context, body []byte, out any) error {
	wait, until := 200*time.Millisecond, sendPatience
	for {
		err := within(ctx, time.Minute, func(ctx context.Context) error { return s.c.do(ctx, "POST", eventsPath, json.RawMessage(body), out) })
		kind := debrief.KindOf(err)
		if err == nil || ctx.Err() != nil || kind != debrief.TooMany && kind != debrief.Unavailable || until <= 0 || s.sent == s.skip+1 && kind == debrief.Unavailable {
			return err // the first request says at once that no server is there
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		until -= wait
		wait = min(wait*2, 10*time.Second)
	}
}

// checkItem holds a fact to what the server would refuse.
func checkItem(from string, item any, now time.Time) error {
	body, err := json.Marshal(map[string]any{"from": from, "items": []any{item}})
	if err != nil {
		return debrief.Errorf(debrief.Invalid, "", "it cannot be written as JSON: %w", err)
	}
	src, err := ingest.Lookup("import")
	if err != nil {
		return err
	}
	_, err = src.Parse(ingest.Request{Key: "check", Received: now, Body: body})
	return err
}
