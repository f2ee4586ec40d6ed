package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
)

// fakeServer answers as the API does, holds every report to the real parser,
// and remembers what it was told. It records late: a deployment is seen by
// readers only after so many questions about it.
type fakeServer struct {
	*httptest.Server
	mu       sync.Mutex
	requests []fakeRequest
	bodies   map[string][]byte // POST by key
	reports  map[string][]debrief.Report
	keys     []string
	previous map[string]string // commit by service
	asked    map[string]int
	late     int  // questions about a deployment that get 404
	fail     int  // status that every report gets
	hang     bool // accept connections and never answer
	release  func(s *debrief.Story, asked int)
	patterns []json.RawMessage
	past     []debrief.Event
	stop     chan struct{}
}

type fakeRequest struct {
	Method, Path, Query, Auth string
	Body                      json.RawMessage
	Status                    int
}

func newFakeServer() *fakeServer {
	f := &fakeServer{
		bodies: map[string][]byte{}, reports: map[string][]debrief.Report{}, previous: map[string]string{},
		asked: map[string]int{}, stop: make(chan struct{}),
	}
	f.start("127.0.0.1:0")
	return f
}

// start listens; given an earlier address, as the same server started again.
func (f *fakeServer) start(address string) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	f.Server = &httptest.Server{Listener: l, Config: &http.Server{Handler: f}}
	f.Server.Start()
}

// log tells every request in one line.
func (f *fakeServer) log() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b strings.Builder
	for _, r := range f.requests {
		fmt.Fprintf(&b, "%s %s %d %s\n", r.Method, strings.TrimSuffix(r.Path+"?"+r.Query, "?"), r.Status, r.Body)
	}
	return b.String()
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	hang := f.hang
	f.mu.Unlock()
	if hang {
		select {
		case <-r.Context().Done():
		case <-f.stop:
		}
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	status, answer := f.answer(r, body)
	f.requests = append(f.requests, fakeRequest{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Authorization"), body, status})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

type object map[string]any

// events takes facts of the past, and remembers each one once.
func (f *fakeServer) events(body []byte) (int, any) {
	src, err := ingest.Lookup("import")
	if err != nil {
		return trouble(500, "", err.Error())
	}
	events, err := src.Parse(ingest.Request{Key: "x", Received: time.Now(), Body: body})
	if err != nil {
		return trouble(422, "", err.Error())
	}
	news := 0
	for _, e := range events {
		if _, known := f.bodies["event/"+e.ID]; !known {
			news++
			f.bodies["event/"+e.ID], _ = json.Marshal(e)
			f.past = append(f.past, e)
		}
	}
	return 202, object{"accepted": len(events), "new": news}
}

func trouble(status int, field, detail string) (int, any) {
	return status, object{"status": status, "title": http.StatusText(status), "detail": detail, "field": field}
}

func (f *fakeServer) answer(r *http.Request, body []byte) (int, any) {
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/api/v1")
	if f.fail != 0 && r.Method != http.MethodGet {
		return trouble(f.fail, "service", "the fake server was told to refuse")
	}
	switch {
	case r.Method == "POST" && path == "/events/batch":
		return f.events(body)
	case r.Method == "POST" && path == "/deployments":
		return f.report(body, "")
	case r.Method == "PATCH" && strings.HasPrefix(path, "/deployments/"):
		if strings.Contains(strings.TrimPrefix(path, "/deployments/"), "/") {
			return trouble(404, "", "a slash in the key must be escaped")
		}
		return f.report(body, strings.TrimPrefix(r.URL.Path, "/api/v1/deployments/"))
	case path == "/deployments/previous":
		c, ok := f.previous[r.URL.Query().Get("service")]
		return 200, object{"found": ok, "commit": c}
	case path == "/releases":
		page := object{"releases": []debrief.Release{}, "next": ""}
		for _, k := range f.keys {
			if env := r.URL.Query().Get("environment"); env != "" && env != f.story(k).Release.Environment {
				continue
			}
			page["releases"] = append([]debrief.Release{f.story(k).Release}, page["releases"].([]debrief.Release)...)
		}
		return 200, page
	case strings.HasPrefix(path, "/releases/"):
		return f.one(strings.TrimPrefix(path, "/releases/"), r.URL.Query().Get("service"))
	case path == "/services":
		return 200, object{"services": []debrief.Service{{ID: "shop", Name: "Shop", Aliases: []string{"store"}}}}
	case strings.HasPrefix(path, "/reviews/"):
		return fakeReview(strings.TrimPrefix(path, "/reviews/"), r.URL.Query().Get("service"))
	case path == "/search":
		return 200, object{"hits": []hit{{Kind: "release", ID: "r1", Service: "shop", Title: "v1 " + r.URL.Query().Get("q")}}}
	case r.Method == "POST" && path == "/surprises/s1/answer":
		var a struct{ Answer debrief.Answer }
		if json.Unmarshal(body, &a) != nil || !slices.Contains(debrief.Answers(), a.Answer) {
			return trouble(422, "answer", "no such answer")
		}
		return 200, debrief.Surprise{ID: "s1", Sentence: "Migration took 5.4 times as long.", Answer: a.Answer}
	case path == "/sources" || strings.HasPrefix(path, "/sources/"):
		return f.sources(r.Method, strings.TrimPrefix(strings.TrimPrefix(path, "/sources"), "/"))
	case r.Method == "POST" && path == "/logs":
		f.patterns = append(f.patterns, body)
		return 202, object{"new": true}
	}
	return trouble(404, "", "there is nothing at "+r.URL.Path)
}

// report checks a report as the server does, and keeps it.
func (f *fakeServer) report(body []byte, key string) (int, any) {
	var p posted
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return trouble(400, "", err.Error())
	}
	envelope := "deployments/" + p.Key
	if key != "" {
		p.Key, envelope = key, "deployments/"+key+"/"+debrief.ID(string(body))
	} else if before, ok := f.bodies[p.Key]; ok && !bytes.Equal(before, body) {
		return trouble(409, "key", fmt.Sprintf("%q was used for something else", p.Key))
	}
	source, err := ingest.Lookup("api")
	if err != nil {
		return trouble(500, "", err.Error())
	}
	b, _ := json.Marshal(object{"key": p.Key, "services": p.Services, "report": p.Report})
	events, err := source.Parse(ingest.Request{Body: b, Received: time.Now(), Key: envelope})
	if err != nil {
		return trouble(422, "", err.Error())
	}
	_, known := f.bodies[p.Key]
	status := 202
	if key == "" {
		if known {
			status = 200
		} else {
			f.keys = append(f.keys, p.Key)
		}
		f.bodies[p.Key] = body
	}
	if status == 202 {
		f.reports[p.Key] = append(f.reports[p.Key], *events[0].Report)
	}
	ds := []object{}
	for _, e := range events {
		if e.Service == "" {
			continue // a PATCH by key alone says nothing of where it will be found
		}
		ds = append(ds, object{"service": e.Service, "id": fakeID(p.Key), "url": f.URL + "/releases/" + fakeID(p.Key)})
	}
	answer := object{"new": status == 202, "deployments": ds}
	if key != "" && !known {
		answer["pending"] = true
	}
	return status, answer
}

// fakeReview has something to say of October 2026 and nothing of other months.
func fakeReview(month, service string) (int, any) {
	v := debrief.Review{Month: month, Service: service, Releases: 36, Failed: 3, Tested: 193, Findings: []debrief.Finding{}}
	if month == "2026-10" {
		v.Findings = append(v.Findings, debrief.Finding{
			ID: "f1", Pattern: "kind-precedes", Subject: "migration", Saves: 6440, SavesHow: "1.4 fewer failures a month, the median time to restore, 30 minutes, each",
			Sentence: "Releases of the kind migration preceded trouble in 22 of 45 (49 %).", Question: "What would make such changes safe to ship?",
			Why: "It is worth a look.", Sure: "chance alone would show as much less than once in 10,000 times",
			Evidence: []debrief.Evidence{{Kind: "release", ID: "r1", Service: "shop", At: time.Date(2026, 10, 24, 14, 5, 0, 0, time.UTC)}},
		})
		v.Few = []string{"configuration (4 of 8)"}
	}
	return 200, v
}

func fakeID(key string) string { return debrief.ID("fake", key) }

func (f *fakeServer) one(id, service string) (int, any) {
	f.asked[id]++
	for i := range f.keys {
		key := f.keys[len(f.keys)-1-i]
		if id == "latest" && f.asked[fakeID(key)] < f.late && f.late > 0 {
			continue // not recorded yet
		}
		s := f.story(key)
		if id != fakeID(key) && (id != "latest" || (service != "" && s.Release.Service != service)) {
			continue
		}
		if id != "latest" && f.asked[id] < f.late {
			return trouble(404, "", "not recorded yet")
		}
		if f.release != nil {
			f.release(&s, f.asked[id])
		}
		return 200, s
	}
	return trouble(404, "", "no such release")
}

// story merges a deployment's reports in the order they came.
func (f *fakeServer) story(key string) debrief.Story {
	d := debrief.Deployment{ID: fakeID(key), Keys: []string{"api/" + key}}
	for _, r := range f.reports[key] {
		d.Service, d.Environment, d.Version = or(r.Service, d.Service), or(r.Environment, d.Environment), or(r.Version, d.Version)
		d.State = or(r.State, d.State)
		if !r.Times.Started.IsZero() {
			d.Times.Started = r.Times.Started
		}
		d.Times.Finished, d.Stages, d.Output = r.Times.Finished, append(d.Stages, r.Stages...), r.Output
	}
	kind := debrief.ReleaseRunning
	switch d.State {
	case debrief.Succeeded:
		kind = debrief.ReleaseNew
	case debrief.Failed, debrief.Aborted:
		kind = debrief.ReleaseAttempt
	}
	rel := debrief.Release{
		ID: d.ID, Service: d.Service, Environment: d.Environment, Version: d.Version, Kind: kind,
		Started: d.Times.Started, FullExposure: d.Times.Live(), DeploymentIDs: []string{d.ID}, Changes: -1,
	}
	return debrief.Story{Release: rel, ServiceName: d.Service, Deployments: []debrief.Deployment{d}}
}

func or[T comparable](a, b T) T {
	var zero T
	if a != zero {
		return a
	}
	return b
}
