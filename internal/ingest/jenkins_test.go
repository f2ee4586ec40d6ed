package ingest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// What cannot be opened is refused with the reason, before anything is kept.
func TestJenkinsText(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"text.no_data": "data: missing", "text.bad_bytes": "is no byte", "text.bad_json": "data: not JSON", "text.cut": "data: missing",
	} {
		body, err := os.ReadFile(filepath.Join("testdata", "jenkins", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := openJenkins(nil, body); debrief.KindOf(err) != debrief.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := openJenkins(nil, []byte("CloudEvent{id='"+strings.Repeat("x", maxEventsBody))); debrief.KindOf(err) != debrief.TooLarge {
		t.Errorf("%v", err)
	}
}

// The queue's event, the start and the end are of one run.
func TestJenkinsEventsMeet(t *testing.T) {
	t.Parallel()
	const run = "jenkins/run/ci.example.com/job/shop/7"
	queue := map[string]bool{}
	seen := 0
	for _, p := range payloads(t, "jenkins") {
		switch p.name {
		case "run.queued", "run.started", "run.finished":
			events, err := parseJenkins(p.Request)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			keys := events[0].Report.Keys
			queue[keys[len(keys)-1]] = true
			if p.name != "run.queued" && keys[0] != run {
				t.Errorf("%s: %q", p.name, keys)
			}
		}
	}
	if seen != 3 || len(queue) != 1 || JenkinsRun("https://ci.example.com/job/shop/7/") != run {
		t.Errorf("%d events of the queue's places %v", seen, queue)
	}
	if k := JenkinsRun("https://ci.example.com/job/the%20shop/7/"); !IsKey(k) || k != JenkinsRun("http://ci.example.com/job/the%20shop/7") {
		t.Errorf("an address with a space: %q", k)
	}
}

// Jenkins' clock may run ahead like any other's, and is then told.
func TestJenkinsClock(t *testing.T) {
	t.Parallel()
	p := payloads(t, "jenkins")
	for i := range p {
		if p[i].name != "run.finished" {
			continue
		}
		r := p[i].Request
		r.Received = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
		if _, err := parseJenkins(r); debrief.KindOf(err) != debrief.Invalid || !strings.Contains(err.Error(), "time: future-dated") {
			t.Error(err)
		}
	}
}
