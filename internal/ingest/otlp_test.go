package ingest

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/debriefhq/debrief"
)

func zipped(t testing.TB, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The same spans in every encoding OTLP/HTTP allows.
func TestOTLPEncodings(t *testing.T) {
	t.Parallel()
	for _, p := range payloads(t, "otlp") {
		var u ptrace.JSONUnmarshaler
		traces, err := u.UnmarshalTraces(p.Body)
		if err != nil {
			continue // what cannot be read has no other form
		}
		var m ptrace.ProtoMarshaler
		binary, err := m.MarshalTraces(traces)
		if err != nil {
			t.Fatal(err)
		}
		const pb, js = "application/x-protobuf", "application/json; charset=utf-8"
		plain, wantErr := openOTLP(map[string]string{"Content-Type": js}, p.Body)
		for name, c := range map[string]struct {
			kind, coding string
			body         []byte
		}{
			"protobuf": {pb, "", binary}, "protobuf, gzip": {pb, "gzip", zipped(t, binary)},
			"JSON, gzip": {js, "gzip", zipped(t, p.Body)}, "identity": {js, "identity", p.Body},
		} {
			got, err := openOTLP(map[string]string{"Content-Type": c.kind, "Content-Encoding": c.coding}, c.body)
			if d := cmp.Diff(string(plain.Body), string(got.Body)); d != "" || got.Left != plain.Left || (err == nil) != (wantErr == nil) {
				t.Errorf("%s, %s: %v, %v, left %d and %d\n%s", p.name, name, err, wantErr, got.Left, plain.Left, d)
			}
		}
	}
}

// What is nobody's business is dropped before anything is kept.
func TestOTLPKeepsOnlyWhatIsRead(t *testing.T) {
	t.Parallel()
	for _, p := range payloads(t, "otlp") {
		if p.name != "trace.whole" {
			continue
		}
		if s := string(p.Body); strings.Contains(s, "token") || strings.Contains(s, "vcs.owner.name") || strings.Contains(s, "GET /") {
			t.Errorf("kept: %s", s)
		}
	}
	traces := ptrace.NewTraces()
	spans := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for i := range 40 {
		s := spans.AppendEmpty()
		s.Attributes().PutStr("http.route", "/")
		if i == 7 {
			s.Attributes().PutStr("cicd.pipeline.task.name", "build")
			s.Attributes().PutStr("process.command_args", "--password hunter22")
			s.Events().AppendEmpty().SetName("log: secret")
			s.Links().AppendEmpty()
		}
	}
	var m ptrace.ProtoMarshaler
	body, err := m.MarshalTraces(traces)
	if err != nil {
		t.Fatal(err)
	}
	got, err := openOTLP(map[string]string{"Content-Type": "application/x-protobuf"}, body)
	if err != nil || got.Left != 39 || strings.Contains(string(got.Body), "hunter22") || strings.Contains(string(got.Body), "secret") {
		t.Errorf("%v, left %d, %s", err, got.Left, got.Body)
	}
	spans.RemoveIf(func(s ptrace.Span) bool { _, ok := s.Attributes().Get("cicd.pipeline.task.name"); return ok })
	if body, err = m.MarshalTraces(traces); err != nil {
		t.Fatal(err)
	}
	got, err = openOTLP(map[string]string{"Content-Type": "application/x-protobuf"}, body)
	if debrief.KindOf(err) != debrief.Ignored || got.Left != 39 || !strings.Contains(err.Error(), "none of 39 spans") {
		t.Errorf("%v, left %d", err, got.Left)
	}
}

func TestOTLPRefuses(t *testing.T) {
	t.Parallel()
	bomb := zipped(t, make([]byte, maxUnpacked+1))
	for name, c := range map[string]struct {
		header map[string]string
		body   []byte
		kind   debrief.ErrorKind
		says   string
	}{
		"a small body that unpacks to a huge one": {map[string]string{"Content-Encoding": "gzip"}, bomb, debrief.TooLarge, "unpacked"},
		"a huge one":                 {nil, make([]byte, maxUnpacked+1), debrief.TooLarge, "unpacked"},
		"not gzip":                   {map[string]string{"Content-Encoding": "gzip"}, []byte("{}"), debrief.Invalid, "not gzip"},
		"half gzip":                  {map[string]string{"Content-Encoding": "gzip"}, zipped(t, []byte(strings.Repeat("x1y2", 99)))[:20], debrief.Invalid, "not whole"},
		"another coding":             {map[string]string{"Content-Encoding": "zstd"}, []byte("x"), debrief.Invalid, "zstd"},
		"not protobuf":               {map[string]string{"Content-Type": "application/x-protobuf"}, []byte("hello"), debrief.Invalid, "not OTLP"},
		"protobuf with another type": {map[string]string{"Content-Type": "application/json"}, []byte{0x0a, 0x02, 0x08, 0x01}, debrief.Invalid, "not OTLP"},
		"nothing":                    {nil, nil, debrief.Invalid, "not OTLP"},
	} {
		if _, err := openOTLP(c.header, c.body); debrief.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Pieces of one trace share a key with its deployment, whoever sent them.
func TestOTLPPiecesMeet(t *testing.T) {
	t.Parallel()
	keys := map[string]int{}
	for _, p := range payloads(t, "otlp") {
		switch p.name {
		case "trace.part_one", "trace.part_two":
			events, err := parseOTLP(p.Request)
			if err != nil || len(events) != 1 {
				t.Fatal(err, events)
			}
			for _, k := range events[0].Report.Keys {
				keys[k]++
			}
		}
	}
	if keys["otlp/run/5b8aa5a2d2c872e8321cf37308d69db1"] != 2 || keys["github/run/77"] != 1 {
		t.Errorf("%v", keys)
	}
}

func FuzzOTLPBinary(f *testing.F) {
	for _, p := range payloads(f, "otlp") {
		var u ptrace.JSONUnmarshaler
		var m ptrace.ProtoMarshaler
		if traces, err := u.UnmarshalTraces(p.Body); err == nil {
			if b, err := m.MarshalTraces(traces); err == nil {
				f.Add(b, false)
				f.Add(zipped(f, b), true)
			}
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, packed bool) {
		h := map[string]string{"Content-Type": "application/x-protobuf"}
		if packed {
			h["Content-Encoding"] = "gzip"
		}
		opened, err := openOTLP(h, body)
		if err != nil {
			check(t, Request{}, nil, err)
			return
		}
		r := request("github", "ping.x", opened.Body)
		r.Key, _ = digestKey(r)
		events, err := parseOTLP(r)
		check(t, r, events, err)
	})
}
