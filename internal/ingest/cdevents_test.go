package ingest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	cdapi "github.com/cdevents/sdk-go/pkg/api"
	cdv03 "github.com/cdevents/sdk-go/pkg/api/v03"
	cdv04 "github.com/cdevents/sdk-go/pkg/api/v04"
	cdv05 "github.com/cdevents/sdk-go/pkg/api/v05"
	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

const cdPurl = "pkg:golang/git.example.com/shop/checkout@5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84"

var cdTime = time.Date(2026, 3, 3, 14, 9, 40, 0, time.UTC)

// sdkEvents are one event of each type of three versions of the
// specification, made by the CDEvents project's SDK with every field set.
func sdkEvents(t testing.TB) map[string]cdapi.CDEvent {
	t.Helper()
	all := map[string]cdapi.CDEvent{}
	add := func(version string, typ cdapi.CDEventType, build func(string, string) (cdapi.CDEvent, error)) {
		if typ.Subject == "" {
			return // custom events: their type is their sender's
		}
		e, err := build(typ.String(), version)
		if err != nil {
			t.Fatal(err)
		}
		e.SetId("id-" + typ.Short() + "-" + version)
		e.SetSource("/ci/shop")
		e.SetTimestamp(cdTime)
		e.SetSubjectId("service/checkout")
		e.SetSubjectSource("/ci/shop")
		fillSubject(reflect.ValueOf(e))
		if v, ok := e.(interface{ SetChainId(string) }); ok {
			v.SetChainId("chain-1")
		}
		if err := e.SetCustomData("application/json", map[string]any{"severity": "high", "rollout": "week-9"}); err != nil {
			t.Fatal(err)
		}
		if err := cdapi.Validate(e); err != nil {
			t.Fatalf("%s is no valid event: %v", typ, err)
		}
		all[version+" "+typ.Short()] = e
	}
	for _, e := range cdv03.CDEventsTypes {
		add(cdv03.SpecVersion, e.GetType(), cdv03.NewCDEvent)
	}
	for _, e := range cdv04.CDEventsTypes {
		add(cdv04.SpecVersion, e.GetType(), cdv04.NewCDEvent)
	}
	for _, e := range cdv05.CDEventsTypes {
		add(cdv05.SpecVersion, e.GetType(), cdv05.NewCDEvent)
	}
	return all
}

// fillSubject calls every SetSubject… with a value of its kind.
func fillSubject(e reflect.Value) {
	for i := range e.NumMethod() {
		name, ok := strings.CutPrefix(e.Type().Method(i).Name, "SetSubject")
		if !ok || name == "Id" || name == "Source" || e.Method(i).Type().NumIn() != 1 {
			continue
		}
		var v any
		switch arg := e.Method(i).Type().In(0); {
		case arg == reflect.TypeFor[*cdapi.Reference]():
			v = &cdapi.Reference{Id: map[string]string{"Environment": "production", "Service": "checkout"}[name], Source: "/elsewhere"}
			if v.(*cdapi.Reference).Id == "" {
				v = &cdapi.Reference{Id: "ref-" + strings.ToLower(name), Source: "/elsewhere"}
			}
		case arg.Kind() == reflect.String:
			text := "the " + name
			switch {
			case name == "ArtifactId":
				text = cdPurl
			case strings.HasSuffix(strings.ToLower(name), "uri"), strings.HasSuffix(strings.ToLower(name), "url"):
				text = "https://ci.example.com/" + strings.ToLower(name)
			case name == "OutputType":
				text = "log"
			case name == "Severity":
				text = "high"
			case name == "Outcome" && strings.Contains(e.Type().String(), ".Test"):
				text = "error"
			case name == "Outcome":
				text = "failure"
			}
			v = reflect.ValueOf(text).Convert(arg).Interface()
		case arg == reflect.TypeFor[[]string]():
			v = []string{"checkout", "cart"}
		default:
			continue // test cases and the like: nothing is read of them
		}
		e.Method(i).Call([]reflect.Value{reflect.ValueOf(v)})
	}
}

func cdRequest(h map[string]string, body []byte) Request {
	return Request{Header: h, Body: body, Received: cdTime.Add(time.Hour)}
}

func mustParse(t testing.TB, r Request) ([]debrief.Event, error) {
	t.Helper()
	opened, err := openCDEvents(r.Header, r.Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Body = opened.Body
	if r.Key, err = cdeventsKey(r); err != nil {
		t.Fatal(err)
	}
	events, err := parseCDEvents(r)
	check(t, r, events, err)
	return events, err
}

// Every type of event the specification knows, of three versions, in three
// modes: the golden list says what each becomes; the SDK's own reading of the
// same bytes is the oracle for its fields.
func TestCDEventsOfTheProjectsSDK(t *testing.T) {
	t.Parallel()
	all := sdkEvents(t)
	var list []string
	for name, e := range all {
		body, err := cdapi.AsJsonBytes(e)
		if err != nil {
			t.Fatal(err)
		}
		ce, err := cdapi.AsCloudEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		structured, err := json.Marshal(ce)
		if err != nil {
			t.Fatal(err)
		}
		events, err := mustParse(t, cdRequest(map[string]string{"Ce-Id": e.GetId(), "Ce-Source": e.GetSource(), "Ce-Type": e.GetType().String()}, body))
		if err != nil {
			list = append(list, name+": "+err.Error())
		} else {
			list = append(list, name+": "+summary(events[0]))
			oracle(t, name, e, body, events[0])
		}
		// The other modes tell the same.
		coded := `{"specversion":"1.0","id":"` + e.GetId() + `","source":"/ci/shop","type":"` + e.GetType().String() + `","data_base64":"` + base64.StdEncoding.EncodeToString(body) + `"}`
		for mode, b := range map[string][]byte{"structured": structured, "base64": []byte(coded), "batch": []byte("[" + string(structured) + "]")} {
			again, err2 := mustParse(t, cdRequest(map[string]string{"Content-Type": "application/cloudevents+json"}, b))
			if (err == nil) != (err2 == nil) || err == nil && !cmp.Equal(plain(events), plain(again)) {
				t.Errorf("%s, %s: %v, %v\n%s", name, mode, err, err2, cmp.Diff(plain(events), plain(again)))
			}
		}
	}
	sort.Strings(list)
	if len(list) < 39+44+45 {
		t.Fatalf("only %d events", len(list))
	}
	file := filepath.Join("testdata", "cdevents", "sdk.golden")
	got := strings.Join(list, "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("differs from %s:\n%s", file, d)
	}
}

// plain drops what differs by the way an event came.
func plain(events []debrief.Event) []debrief.Event {
	out := append([]debrief.Event(nil), events...)
	for i := range out {
		out[i].Key = ""
	}
	return out
}

// summary is an event on one line.
func summary(e debrief.Event) string {
	var v any = e.Report
	switch {
	case e.Change != nil:
		v = e.Change
	case e.Incident != nil:
		v = e.Incident
	case e.Ticket != nil:
		v = e.Ticket
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(e.Kind) + " " + string(b)
}

// oracle holds an event against what the SDK reads from the same bytes.
func oracle(t *testing.T, name string, made cdapi.CDEvent, body []byte, e debrief.Event) {
	t.Helper()
	var read cdapi.CDEventReader
	var err error
	switch made.GetVersion() {
	case cdv03.SpecVersion:
		read, err = cdapi.NewFromJsonBytesContext(body, cdv03.CDEventsByUnversionedTypes)
	case cdv04.SpecVersion:
		read, err = cdapi.NewFromJsonBytesContext(body, cdv04.CDEventsByUnversionedTypes)
	default:
		read, err = cdapi.NewFromJsonBytesContext(body, cdv05.CDEventsByUnversionedTypes)
	}
	if err != nil {
		t.Fatalf("%s: the SDK cannot read it: %v", name, err)
	}
	content := reflect.ValueOf(read.GetSubject()).FieldByName("Content")
	text := func(field string) string {
		if f := content.FieldByName(field); f.IsValid() && f.Kind() == reflect.String {
			return f.String()
		}
		return ""
	}
	id := func(field string) string {
		if f := content.FieldByName(field); f.IsValid() && f.Kind() == reflect.Pointer && !f.IsNil() {
			return f.Elem().FieldByName("Id").String()
		}
		return ""
	}
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s is %q, the SDK reads %q", name, what, got, want)
		}
	}
	if !e.At.Equal(read.GetTimestamp()) || e.ID != debrief.ID("cdevents", read.GetSource(), read.GetId()) {
		t.Errorf("%s: at %s, id %s", name, e.At, e.ID)
	}
	address := first(text("Uri"), text("Url"))
	switch typ := read.GetType(); {
	case typ.Subject == "service" && e.Report != nil:
		want("service", e.Report.Service, strings.TrimPrefix(read.GetSubjectId(), "service/"))
		want("environment", e.Report.Environment, id("Environment"))
		if a := text("ArtifactId"); a != "" {
			want("commit", e.Report.Commit, a[strings.LastIndex(a, "@")+1:])
		}
	case typ.Subject == "pipelinerun":
		want("pipeline", e.Report.Facts["pipeline"], text("PipelineName"))
		want("address", e.Report.URL, address)
		want("key", e.Report.Keys[0], "cdevents/run/"+debrief.ID(read.GetSubjectSource(), read.GetSubjectId()))
	case typ.Subject == "taskrun":
		want("stage", e.Report.Stages[0].Name, text("TaskName"))
		want("address", e.Report.Stages[0].URL, address)
		run := content.FieldByName("PipelineRun").Elem()
		want("key", e.Report.Keys[0], "cdevents/run/"+debrief.ID(run.FieldByName("Source").String(), run.FieldByName("Id").String()))
	case typ.Subject == "incident":
		want("service", e.Incident.Service, id("Service"))
		want("environment", e.Incident.Environment, id("Environment"))
		if typ.Predicate != "resolved" {
			want("title", e.Incident.Title, text("Description"))
			want("address", e.Incident.URL, text("TicketURI"))
		}
	case typ.Subject == "ticket":
		want("title", e.Ticket.Title, text("Summary"))
		want("address", e.Ticket.URL, address)
		want("labels", fmt.Sprint(e.Ticket.Labels), fmt.Sprint(content.FieldByName("Labels").Interface()))
	case typ.Subject == "change":
		want("repository", e.Change.Repository, id("Repository"))
		want("title", e.Change.Title, text("Description"))
	case typ.Subject == "environment":
		want("title", e.Change.Title, "environment "+text("Name")+" "+typ.Predicate)
		want("address", e.Change.URL, address)
	case e.Change == nil:
		t.Errorf("%s became %+v", name, e)
	}
}

// Files the SDK brings for what a reader must survive: unknown and custom
// types, broken JSON. They are read from the module's own folder.
func TestCDEventsOddFiles(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/cdevents/sdk-go").Output()
	if err != nil {
		t.Fatalf("the CDEvents SDK is not there: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "pkg", "api", "tests-v99.?", "examples", "*.json"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		events, err := parseCDEvents(cdRequest(nil, body))
		want := debrief.Ignored // all are of kinds nobody has
		if !json.Valid(body) || filepath.Base(f) == "non_unmarshable.json" {
			want = debrief.Invalid
		}
		if debrief.KindOf(err) != want || len(events) > 0 {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestCDEventsBatch(t *testing.T) {
	t.Parallel()
	event := func(id, typ, at string) string {
		return `{"specversion":"1.0","id":"` + id + `","source":"/a","type":"` + typ + `","data":{"context":{"id":"` + id + `","source":"/a","type":"` + typ + `","timestamp":"` + at + `"},` +
			`"subject":{"id":"shop","content":{"environment":{"id":"production"},"artifactId":"v1"}}}}`
	}
	const at, deployed = "2026-03-03T14:00:00Z", "dev.cdevents.service.deployed.0.3.0"
	batch := func(events ...string) Request {
		return cdRequest(nil, []byte("["+strings.Join(events, ",")+"]"))
	}
	one := event("1", deployed, at)
	events, err := mustParse(t, batch(one, event("2", "dev.cdevents.build.started.0.3.0", at), event("3", deployed, at), one))
	if err != nil || len(events) != 2 {
		t.Fatalf("%v, %d events", err, len(events))
	}
	alone, err := mustParse(t, cdRequest(nil, []byte(one)))
	if err != nil || alone[0].ID != events[0].ID || alone[0].Key == events[0].Key {
		t.Errorf("an event is the same one alone and in a batch: %v, %v", err, alone)
	}
	k1, _ := cdeventsKey(batch(one, event("3", deployed, at)))
	k2, _ := cdeventsKey(batch(event("3", deployed, at), one))
	if k1 == k2 || !strings.HasPrefix(k1, "batch/") {
		t.Errorf("%s, %s", k1, k2)
	}
	for what, r := range map[string]Request{
		"1.data.context.timestamp": batch(one, event("4", deployed, "yesterday")),
		"0.data.context.timestamp": batch(event("5", deployed, "2026-03-04T14:00:00Z")),
		"0.data":                   batch(`{"id":"1","source":"/a","type":"x"}`),
		"data.context.id":          cdRequest(nil, []byte(`{"type":"x","data":{"context":{"source":"/a"}}}`)),
		"context.type":             cdRequest(nil, []byte(`{"context":{"id":"1","source":"/a"}}`)),
		"subject.id":               cdRequest(nil, bytes.ReplaceAll([]byte(one), []byte(`"id":"shop"`), []byte(`"id":" "`))),
	} {
		events, err := parseCDEvents(r)
		if debrief.KindOf(err) != debrief.Invalid || len(events) != 0 || !strings.Contains(err.Error(), what+": ") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := parseCDEvents(batch()); debrief.KindOf(err) != debrief.Ignored {
		t.Errorf("an empty batch: %v", err)
	}
	if _, err := parseCDEvents(batch(strings.Split(strings.Repeat("{} ", maxEvents+1), " ")[:maxEvents+1]...)); debrief.KindOf(err) != debrief.Invalid {
		t.Errorf("too many: %v", err)
	}
	if _, err := parseCDEvents(cdRequest(nil, make([]byte, maxEventsBody+1))); debrief.KindOf(err) != debrief.TooLarge {
		t.Errorf("too large: %v", err)
	}
}

func TestPurl(t *testing.T) {
	t.Parallel()
	const sha = "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84"
	for in, want := range map[string]artifact{
		"pkg:oci/shop@sha256%3A0b31b1c02ff458ad?tag=v1.42&repository_url=ghcr.io": {version: "v1.42"},
		"pkg:oci/shop@sha256%3A0b31b1c02ff458ad":                                  {version: "sha256:0b31b1c02ff458ad"},
		"pkg:golang/git.example.com/shop@v1.2.0":                                  {version: "v1.2.0"},
		"pkg:golang/mygit.com/myorg/myapp@234fd47e07d1004f0aed9c":                 {commit: "234fd47e07d1004f0aed9c"},
		"pkg:github/acme/shop@" + sha:                                             {commit: sha},
		"pkg:npm/%40acme/shop@1.2.3#dist":                                         {version: "1.2.3"},
		"pkg:generic/shop@1.2?vcs_url=git%2Bhttps://git.example.com/shop@" + sha:  {version: "1.2", commit: sha},
		"pkg:generic/shop": {},
		"v1.42":            {version: "v1.42"},
		"":                 {},
	} {
		if got := readPurl(in); got != want {
			t.Errorf("%q: %+v, want %+v", in, got, want)
		}
	}
}
