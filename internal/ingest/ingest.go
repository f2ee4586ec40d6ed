// Package ingest is the front door: the bytes of one accepted request go in,
// the events they tell of come out. One file (or a few with the same prefix)
// per source. It knows no clock, no store and no network, so a payload can be
// parsed again years later to the same events.
//
// Parse answers in three ways: events; an error of kind debrief.Invalid or
// debrief.TooLarge that names the field as its author wrote it; or an error of
// kind debrief.Ignored, which says why a well-formed request is not for us.
package ingest

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Request is one accepted request, as the inbox keeps it.
type Request struct {
	Header   map[string]string // canonical names
	Body     []byte
	Received time.Time
	Key      string // the envelope's key
	Digest   string // of the body as it came: a key for those who send none
	// Labels are the names of labels that say an alert's service, first one
	// first, where the configuration names any.
	Labels []string
	// Incident names the labels that make a forge's issue an incident; the
	// configuration says them, so what was kept can be read anew after a change.
	// None: "incident".
	Incident []string
}

// Source is one kind of sender.
type Source struct {
	Name    string
	Title   string
	Proven  string   // how far: third-party payloads, written from docs, or seen live
	Doc     string   // how to connect it, in Markdown
	Headers []string // kept in the envelope: Key and Parse need them
	// Template is what the sender is to be given, where it sends only what it is
	// told to.
	Template string
	// People are the fields of its payloads that hold a person, beside those
	// that mean one everywhere (author, user…): nothing in them is kept.
	People []string

	// Verify checks the sender's signature in constant time against one of the
	// secrets. Nil: the source is authenticated by a token instead.
	Verify func(header map[string]string, body []byte, secrets []string) error
	// URLToken: the sender can set no header, so the token Verify asks for may
	// stand in the address, as access_token.
	URLToken bool
	// Open makes the JSON that is masked, kept and parsed out of what came over
	// the wire, where that is something else. Nil: the body is the JSON.
	Open func(header map[string]string, body []byte) (Opened, error)
	// SentAt is the time that the signature covers; zero: none. A request that is
	// much older, or from the future, is refused, so that one that somebody
	// recorded cannot be played again. Nil: the sender signs no time.
	SentAt func(header map[string]string) (time.Time, error)
	// Key gives the natural key of a request: the same key is the same request.
	Key func(Request) (string, error)
	// Parse says what the request tells of.
	Parse func(Request) ([]debrief.Event, error)
}

// Opened is what a source's Open made of a body.
type Opened struct {
	Body []byte // JSON
	Left int    // parts that are not for us and were left out
}

// Sources lists every source, alphabetically.
func Sources() []Source {
	return []Source{
		alertmanager(),
		api(),
		argocd(),
		cdevents(),
		github(),
		gitlab(),
		grafana(),
		imported(),
		jenkins(),
		jira(),
		launchdarkly(),
		otlp(),
		pagerduty(),
		sentry(),
		unleash(),
		zendesk(),
	}
}

// Lookup finds a source by name.
func Lookup(name string) (Source, error) {
	var known []string
	for _, s := range Sources() {
		if s.Name == name {
			return s, nil
		}
		known = append(known, s.Name)
	}
	return Source{}, debrief.Errorf(debrief.NotFound, "source", "unknown source %q", clip(clean(name, false), 60)).
		WithHint("known sources: %s", strings.Join(known, ", "))
}

// event starts an event: the n-th of one request.
func event(source string, r Request, n int, kind debrief.EventKind, at time.Time) debrief.Event {
	if at.IsZero() {
		at = r.Received
	}
	return debrief.Event{
		ID:       debrief.ID(source, r.Key, strconv.Itoa(n)),
		Source:   source,
		Key:      r.Key,
		Kind:     kind,
		At:       debrief.Instant(at),
		Received: debrief.Instant(r.Received),
	}
}

// seal gives events the identity of what they say. A forge's fact may come
// several times: sent, sent again, and asked for; it is one event however it
// came, and kept once.
func seal(source string, events []debrief.Event) []debrief.Event {
	out := events[:0]
	seen := map[string]bool{}
	for _, e := range events {
		e.ID = ""
		said := e
		said.Key, said.Received = "", time.Time{}
		text, err := json.Marshal(said)
		if err != nil { // a time past the year 9999; nothing a source can say
			continue
		}
		if e.ID = debrief.ID("said", source, string(text)); !seen[e.ID] {
			seen[e.ID] = true
			out = append(out, e)
		}
	}
	return out
}

// ahead is how far a sender's clock may run before ours without being told.
const ahead = 5 * time.Minute

// farAhead reports a time that cannot be true yet.
func farAhead(at, received time.Time) bool {
	return !at.IsZero() && !received.IsZero() && at.After(received.Add(ahead))
}

func futureDated(field string, at, received time.Time) *debrief.Error {
	return debrief.Errorf(debrief.Invalid, field, "future-dated: %s is more than %d minutes after it was received (%s)",
		at.UTC().Format(time.RFC3339), int(ahead.Minutes()), received.UTC().Format(time.RFC3339)).
		WithHint("check the sender's clock and time zone")
}
