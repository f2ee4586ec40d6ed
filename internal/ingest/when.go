package ingest

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

// when reads the ways senders write a time: RFC 3339 with or without a colon
// in its offset, Unix seconds or milliseconds, null, and the year 1 that Go
// writes for "not yet". What is none of these is kept for the message.
type when struct {
	time.Time
	bad string
}

// milliseconds begin where seconds would be after the year 5000.
const milliseconds = 100_000_000_000

func (w *when) UnmarshalJSON(b []byte) error {
	*w = when{}
	text := string(b)
	if text == "null" || text == `""` {
		return nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if at := time.Unix(n, 0); n < milliseconds && at.After(longAgo) {
			w.Time = debrief.Instant(at)
			return nil
		}
		if n >= milliseconds && n < milliseconds*1000 {
			w.Time = debrief.Instant(time.UnixMilli(n))
			return nil
		}
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
			at, err := time.Parse(layout, s)
			if err != nil {
				continue
			}
			if at.Year() == 1 {
				return nil // not yet
			}
			if at.After(longAgo) {
				w.Time = debrief.Instant(at)
				return nil
			}
		}
	}
	w.bad = line(text, 60)
	return nil
}

// check refuses what is no time, and one that is not yet: these times are set
// by a server's clock, not by hand.
func (w when) check(field string, received time.Time) error {
	if w.bad != "" {
		return debrief.Errorf(debrief.Invalid, field, "not a time: %s", w.bad)
	}
	if farAhead(w.Time, received) {
		return futureDated(field, w.Time, received)
	}
	return nil
}
