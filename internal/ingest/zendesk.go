package ingest

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

const (
	zendeskSignature = "X-Zendesk-Webhook-Signature"
	zendeskTimestamp = "X-Zendesk-Webhook-Signature-Timestamp"
)

// zendesk is Zendesk's webhooks subscribed to ticket events.
func zendesk() Source {
	return Source{
		Name:   "zendesk",
		Title:  "Zendesk",
		Proven: "payloads written from Zendesk's documentation; not yet seen live",
		Doc:    doc(zendeskDoc()),
		People: []string{"actor_id", "assignee_id", "requester_id", "submitter_id"},
		Verify: verifyZendesk,
		SentAt: zendeskSentAt,
		Key:    zendeskKey,
		Parse:  parseZendesk,
	}
}

// verifyZendesk follows https://developer.zendesk.com/documentation/webhooks/verifying/:
// the time and the body are signed together.
func verifyZendesk(h map[string]string, body []byte, secrets []string) error {
	mac, _ := base64.StdEncoding.DecodeString(header(h, zendeskSignature))
	at := header(h, zendeskTimestamp)
	return sealed{"zendesk", "Zendesk", zendeskSignature, [][]byte{mac}, [][]byte{[]byte(at), body}}.verify(secrets)
}

func zendeskSentAt(h map[string]string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, header(h, zendeskTimestamp))
	if err != nil {
		return time.Time{}, debrief.Errorf(debrief.Unauthorized, zendeskTimestamp, "missing or not a time")
	}
	return at, nil
}

func zendeskKey(r Request) (string, error) {
	var p struct {
		ID string `json:"id"`
	}
	if err := decode(r.Body, &p); err != nil {
		return "", err
	}
	if !IsKey(p.ID) {
		return "", debrief.Errorf(debrief.Invalid, "id", "missing or not an identifier").
			WithHint("subscribe the webhook to Zendesk events; bodies that triggers write are not read")
	}
	return p.ID, nil
}

// zendeskKinds are the events after which a ticket reads otherwise:
// https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
var zendeskKinds = map[string]bool{
	"created": true, "status_changed": true, "subject_changed": true, "description_changed": true, "tags_changed": true,
	"priority_changed": true, "type_changed": true, "custom_status_changed": true,
}

func parseZendesk(r Request) ([]debrief.Event, error) {
	var p struct {
		Type   string `json:"type"`
		Time   when   `json:"time"`
		Detail struct {
			ID      ident    `json:"id"`
			Subject string   `json:"subject"`
			Text    string   `json:"description"`
			Status  string   `json:"status"`
			Kind    string   `json:"type"`
			Tags    []string `json:"tags"`
			Created when     `json:"created_at"`
			Updated when     `json:"updated_at"`
		} `json:"detail"`
	}
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if p.Type == "" {
		return nil, debrief.Errorf(debrief.Invalid, "type", "missing").
			WithHint("subscribe the webhook to Zendesk events; bodies that triggers write are not read")
	}
	kind, ok := strings.CutPrefix(p.Type, "zen:event-type:ticket.")
	if !ok || !zendeskKinds[kind] {
		return nil, ignored("debrief reads nothing from Zendesk's %q events", line(strings.TrimPrefix(p.Type, "zen:event-type:"), 60))
	}
	d := p.Detail
	if d.ID == "" || !IsKey(string(d.ID)) {
		return nil, debrief.Errorf(debrief.Invalid, "detail.id", "missing or not an identifier")
	}
	for _, t := range []struct {
		field string
		at    when
	}{{"time", p.Time}, {"detail.created_at", d.Created}, {"detail.updated_at", d.Updated}} {
		if err := t.at.check(t.field, r.Received); err != nil {
			return nil, err
		}
	}
	e := event("zendesk", r, 0, debrief.EventTicket, p.Time.Time)
	e.Service = serviceTag(d.Tags)
	e.Ticket = &debrief.TicketReport{
		Keys: []string{"zendesk/ticket/" + string(d.ID)}, Service: e.Service, Title: firstLine(d.Subject), Text: clip(clean(d.Text, true), maxTicket),
		State: line(d.Status, maxName), Labels: tagged(append([]string{strings.ToLower(d.Kind)}, d.Tags...)), Opened: d.Created.Time,
	}
	if s := strings.ToLower(d.Status); s == "solved" || s == "closed" {
		e.Ticket.Closed = e.At
	}
	return []debrief.Event{e}, nil
}
