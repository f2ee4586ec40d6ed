package ingest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// cdevents is CDEvents (https://cdevents.dev) over CloudEvents' HTTP binding:
// Tekton, Jenkins X, Spinnaker, Testkube and home-made senders.
func cdevents() Source {
	return Source{
		Name:   "cdevents",
		Title:  "CDEvents",
		Proven: "events of every kind and of versions 0.3, 0.4 and 0.5 made by the CDEvents project's own Go SDK, whose reading of them is held against ours; not yet seen live",
		Doc:    cdeventsDoc,
		Headers: []string{
			"Content-Type", "Ce-Id", "Ce-Source", "Ce-Type", "Ce-Time", "Ce-Specversion",
		},
		Verify: bearer("cdevents", "CDEvents"),
		Open:   openCDEvents,
		Key:    cdeventsKey,
		Parse:  parseCDEvents,
	}
}

// cloudEvent is one event in CloudEvents' JSON form; in binary mode its
// attributes come as headers and the data is the whole body:
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
type cloudEvent struct {
	ID     string          `json:"id"`
	Source string          `json:"source"`
	Type   string          `json:"type"`
	Time   string          `json:"time,omitempty"`
	Data   json.RawMessage `json:"data"`
	Base64 *string         `json:"data_base64,omitempty"`

	path string // where it stands in the body, for messages
}

// cdEvent is the data: https://github.com/cdevents/spec/blob/v0.5.1/spec.md
type cdEvent struct {
	Context struct {
		ID        string   `json:"id"`
		Source    string   `json:"source"`
		Type      string   `json:"type"`
		Timestamp string   `json:"timestamp"`
		Chain     string   `json:"chainId"`
		Links     []cdLink `json:"links"`
	} `json:"context"`
	Subject struct {
		ID      string    `json:"id"`
		Source  string    `json:"source"`
		Content cdContent `json:"content"`
	} `json:"subject"`
	Custom json.RawMessage `json:"customData"`

	at   time.Time
	path string
}

// cdLink names an event this one follows from.
type cdLink struct {
	From struct {
		ID string `json:"contextId"`
	} `json:"from"`
}

// cloudEvents reads the three modes. The body tells them apart as surely as the
// Content-Type does, and survives a proxy that rewrites the header.
func cloudEvents(r Request) ([]cloudEvent, error) {
	if len(r.Body) > maxEventsBody {
		return nil, debrief.Errorf(debrief.TooLarge, "", "%d bytes, and at most %d are allowed", len(r.Body), maxEventsBody)
	}
	if body := strings.TrimLeft(string(r.Body[:min(len(r.Body), 64)]), " \t\r\n"); strings.HasPrefix(body, "[") {
		var list []cloudEvent
		if err := decode(r.Body, &list); err != nil {
			return nil, err
		}
		if len(list) > maxEvents {
			return nil, debrief.Errorf(debrief.Invalid, "", "a batch of %d events, and at most %d are allowed", len(list), maxEvents)
		}
		for i := range list {
			list[i].path = strconv.Itoa(i)
		}
		if len(list) == 0 {
			return nil, ignored("an empty batch")
		}
		return list, nil
	}
	var one struct {
		cloudEvent
		Context json.RawMessage `json:"context"`
	}
	if err := decode(r.Body, &one); err != nil {
		return nil, err
	}
	if one.Context != nil { // binary mode, or the event without any CloudEvent around it
		one.cloudEvent = cloudEvent{
			ID: header(r.Header, "Ce-Id"), Source: header(r.Header, "Ce-Source"), Type: header(r.Header, "Ce-Type"),
			Time: header(r.Header, "Ce-Time"), Data: r.Body,
		}
	}
	return []cloudEvent{one.cloudEvent}, nil
}

// openCDEvents puts data that came as base64 in its plain form, so that it can
// be masked like everything else.
func openCDEvents(h map[string]string, body []byte) (Opened, error) {
	list, err := cloudEvents(Request{Header: h, Body: body})
	if err != nil {
		return Opened{}, err
	}
	coded := false
	for i, e := range list {
		if e.Base64 == nil {
			continue
		}
		data, err := base64.StdEncoding.DecodeString(*e.Base64)
		if err != nil || !json.Valid(data) {
			return Opened{}, debrief.Errorf(debrief.Invalid, join(e.path, "data_base64"), "not JSON in base64")
		}
		list[i].Data, list[i].Base64, coded = data, nil, true
	}
	if !coded {
		return Opened{Body: body}, nil
	}
	var v any = list
	if list[0].path == "" {
		v = list[0]
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return Opened{}, debrief.Errorf(debrief.Invalid, "", "not readable: %w", err)
	}
	return Opened{Body: plain}, nil
}

// read gives the CDEvent inside a CloudEvent.
func (c cloudEvent) read(received time.Time) (*cdEvent, error) {
	e := &cdEvent{path: c.path}
	if c.path != "" || len(c.Data) == 0 || c.Type != "" {
		e.path = join(c.path, "data")
	}
	if len(c.Data) == 0 || string(c.Data) == "null" {
		return nil, debrief.Errorf(debrief.Invalid, e.path, "missing").WithHint("a CDEvent is the data of its CloudEvent")
	}
	if err := decode(c.Data, e); err != nil {
		return nil, within(e.path, err)
	}
	if e.Context.ID == "" {
		e.Context.ID = c.ID
	}
	if e.Context.Source == "" {
		e.Context.Source = c.Source
	}
	if e.Context.Type == "" {
		e.Context.Type = c.Type
	}
	switch {
	case e.Context.ID == "":
		return nil, debrief.Errorf(debrief.Invalid, join(e.path, "context.id"), "missing")
	case e.Context.Source == "":
		return nil, debrief.Errorf(debrief.Invalid, join(e.path, "context.source"), "missing")
	case e.Context.Type == "":
		return nil, debrief.Errorf(debrief.Invalid, join(e.path, "context.type"), "missing")
	case len(e.Context.ID)+len(e.Context.Source) > 4*maxTitle:
		return nil, debrief.Errorf(debrief.Invalid, join(e.path, "context.id"), "longer than an identifier can be")
	}
	at, err := time.Parse(time.RFC3339, e.Context.Timestamp)
	if err != nil || at.Before(longAgo) {
		return nil, debrief.Errorf(debrief.Invalid, join(e.path, "context.timestamp"), "not a time: %q", line(e.Context.Timestamp, 60))
	}
	if farAhead(at, received) {
		return nil, futureDated(join(e.path, "context.timestamp"), at, received)
	}
	e.at = debrief.Instant(at)
	return e, nil
}

// within says where in the body a field of an error stands.
func within(path string, err error) error {
	var e *debrief.Error
	if path == "" || !errors.As(err, &e) {
		return err
	}
	c := *e
	c.Field = strings.TrimSuffix(join(path, e.Field), ".")
	return &c
}

// cdeventsKey is the event's source and id, which CloudEvents make unique; a
// batch is known by those of all its events.
func cdeventsKey(r Request) (string, error) {
	list, err := cloudEvents(r)
	if err != nil && debrief.KindOf(err) != debrief.Ignored {
		return "", err
	}
	parts := []string{"cloudevents"}
	for _, c := range list {
		e, err := c.read(r.Received)
		if err != nil {
			return "", err
		}
		parts = append(parts, e.Context.Source, e.Context.ID)
	}
	if len(list) == 1 {
		return "event/" + debrief.ID(parts...), nil
	}
	return "batch/" + debrief.ID(parts...), nil
}

// parseCDEvents takes all events of a request or none: a batch that is half
// wrong is refused, one that is half not for us is taken.
func parseCDEvents(r Request) ([]debrief.Event, error) {
	list, err := cloudEvents(r)
	if err != nil {
		return nil, err
	}
	var events []debrief.Event
	var reason error
	seen := map[string]bool{}
	for _, c := range list {
		ce, err := c.read(r.Received)
		if err != nil {
			return nil, err
		}
		e := event("cdevents", r, 0, "", ce.at)
		// The event's own identity, so that it counts once however often it comes,
		// alone or in batches.
		e.ID = debrief.ID("cdevents", ce.Context.Source, ce.Context.ID)
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		if err := ce.tell(&e); debrief.KindOf(err) == debrief.Ignored && err != nil {
			reason = err
			continue
		} else if err != nil {
			return nil, within(ce.path, err)
		}
		events = append(events, e)
	}
	if len(events) == 0 {
		return nil, reason
	}
	return events, nil
}
