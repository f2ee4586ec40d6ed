package ingest

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

const (
	grafanaSignature = "X-Grafana-Alerting-Signature"
	// grafanaTimestamp has no default in Grafana; debrief asks for this name.
	grafanaTimestamp = "X-Grafana-Alerting-Timestamp"
)

// grafana is Grafana's own alerting (unified alerting, version 9 and later),
// by a contact point of type webhook.
func grafana() Source {
	return Source{
		Name:   "grafana",
		Title:  "Grafana alerting",
		Proven: "payloads written from Grafana's documentation; not yet seen live",
		Doc:    doc(grafanaDoc()),
		Verify: verifyGrafana,
		SentAt: grafanaSentAt,
		Key:    bodyKey,
		Parse:  parseGrafana,
	}
}

// verifyGrafana takes either of what a contact point can be given: an HMAC
// signature (Grafana 12), or an Authorization header.
func verifyGrafana(h map[string]string, body []byte, secrets []string) error {
	given := header(h, grafanaSignature)
	if given == "" {
		return tokenOrPassword("grafana", "Grafana")(h, body, secrets)
	}
	mac, _ := hex.DecodeString(given)
	parts := [][]byte{body}
	if at := header(h, grafanaTimestamp); at != "" {
		parts = [][]byte{[]byte(at), []byte(":"), body}
	}
	return sealed{"grafana", "Grafana", grafanaSignature, [][]byte{mac}, parts}.verify(secrets)
}

// grafanaSentAt is the signed time. Beside an Authorization header it says
// nothing: nobody signed it.
func grafanaSentAt(h map[string]string) (time.Time, error) {
	text := header(h, grafanaTimestamp)
	if text == "" || header(h, grafanaSignature) == "" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n >= milliseconds {
		return time.Time{}, debrief.Errorf(debrief.Unauthorized, grafanaTimestamp, "not a time in Unix seconds")
	}
	return time.Unix(n, 0).UTC(), nil
}

func parseGrafana(r Request) ([]debrief.Event, error) {
	var p struct {
		Rule   *int64 `json:"ruleId"` // alerting before version 9
		Alerts []struct {
			Labels map[string]string `json:"labels"`
		} `json:"alerts"`
	}
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if p.Rule != nil && p.Alerts == nil {
		return nil, ignored("a message of Grafana's legacy alerting; debrief reads unified alerting (version 9 and later)")
	}
	if len(p.Alerts) == 1 && p.Alerts[0].Labels["alertname"] == "TestAlert" && strings.EqualFold(p.Alerts[0].Labels["instance"], "Grafana") {
		return nil, ignored("a test of the contact point: it works")
	}
	return parseAlerts("grafana", r)
}
