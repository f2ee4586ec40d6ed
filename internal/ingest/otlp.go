package ingest

import (
	"bytes"
	"compress/gzip"
	"io"
	"mime"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/debriefhq/debrief"
)

// otlp is OpenTelemetry's traces over HTTP: spans of pipelines and deployments
// become stages and deployments, all others are left out before anything is
// kept. https://opentelemetry.io/docs/specs/otlp/#otlphttp
func otlp() Source {
	return Source{
		Name:    "otlp",
		Title:   "OpenTelemetry traces",
		Proven:  "requests made by OpenTelemetry's own library, with spans written from its semantic conventions; not yet seen live",
		Doc:     otlpDoc,
		Headers: []string{"Content-Type"},
		Verify:  bearer("otlp", "OpenTelemetry"),
		Open:    openOTLP,
		Key:     digestKey,
		Parse:   parseOTLP,
	}
}

// digestKey knows a request by its content: one that is tried again is the same.
func digestKey(r Request) (string, error) {
	if r.Digest == "" {
		return "", debrief.Errorf(debrief.Invalid, "", "an empty body")
	}
	return "request/" + r.Digest, nil
}

// openOTLP unpacks a request and keeps the spans that are for us, as OTLP's
// JSON. The same connection may carry every span a company has.
func openOTLP(h map[string]string, body []byte) (Opened, error) {
	body, err := unpack(h, body)
	if err != nil {
		return Opened{}, err
	}
	var traces ptrace.Traces
	if kind := mediaType(h); kind == "application/x-protobuf" || kind == "application/protobuf" {
		var u ptrace.ProtoUnmarshaler
		traces, err = u.UnmarshalTraces(body)
	} else {
		var u ptrace.JSONUnmarshaler
		traces, err = u.UnmarshalTraces(body)
	}
	if err != nil {
		return Opened{}, notOTLP(err)
	}
	all := traces.SpanCount()
	traces.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		resource := rs.Resource().Attributes()
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			ss.Spans().RemoveIf(func(s ptrace.Span) bool { return roleOf(resource, s) == "" })
			for _, s := range ss.Spans().All() {
				s.Attributes().RemoveIf(notKept)
				s.Events().RemoveIf(func(ptrace.SpanEvent) bool { return true })
				s.Links().RemoveIf(func(ptrace.SpanLink) bool { return true })
			}
			return ss.Spans().Len() == 0
		})
		resource.RemoveIf(notKept)
		return rs.ScopeSpans().Len() == 0
	})
	kept := traces.SpanCount()
	opened := Opened{Left: all - kept}
	switch {
	case kept == 0:
		return opened, ignored("none of %d spans tells of a pipeline or a deployment", all)
	case kept > maxSpans:
		return Opened{}, debrief.Errorf(debrief.TooLarge, "", "%d spans of pipelines in one request, and at most %d are allowed", kept, maxSpans)
	}
	var m ptrace.JSONMarshaler
	if opened.Body, err = m.MarshalTraces(traces); err != nil {
		return Opened{}, debrief.Errorf(debrief.Invalid, "", "not readable: %w", err)
	}
	return opened, nil
}

// notOTLP says what was wrong without the bytes around it, which the decoder quotes.
func notOTLP(err error) error {
	what, _, _ := strings.Cut(err.Error(), ", error found in")
	return debrief.Errorf(debrief.Invalid, "", "not OTLP: %s", line(what, 200)).
		WithHint("send ExportTraceServiceRequest as application/x-protobuf or application/json")
}

// notKept are attributes nothing is read from: command lines, environments,
// queries, whatever else instrumentation adds.
func notKept(name string, _ pcommon.Value) bool {
	for _, p := range []string{"cicd.", "vcs.", "deployment.", "debrief."} {
		if strings.HasPrefix(name, p) {
			return name == "vcs.owner.name" // may be a person
		}
	}
	return name != "service.name"
}

// unpack undoes the compression, up to a limit: a small body can hold a huge one.
func unpack(h map[string]string, body []byte) ([]byte, error) {
	tooLarge := debrief.Errorf(debrief.TooLarge, "", "more than %d bytes when unpacked", maxUnpacked)
	switch coding := strings.ToLower(strings.TrimSpace(header(h, "Content-Encoding"))); coding {
	case "", "identity":
		if len(body) > maxUnpacked {
			return nil, tooLarge
		}
		return body, nil
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, debrief.Errorf(debrief.Invalid, "Content-Encoding", "the body is not gzip")
		}
		plain, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
		switch {
		case err != nil:
			return nil, debrief.Errorf(debrief.Invalid, "Content-Encoding", "the body is not whole gzip")
		case len(plain) > maxUnpacked:
			return nil, tooLarge
		}
		return plain, nil
	default:
		return nil, debrief.Errorf(debrief.Invalid, "Content-Encoding", "%q is not read", line(coding, 40)).WithHint("use gzip or none")
	}
}

func mediaType(h map[string]string) string {
	kind, _, err := mime.ParseMediaType(header(h, "Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// parseOTLP reads what openOTLP kept. A span is one event, however often it
// comes; those of one trace meet by its id, also from several requests.
func parseOTLP(r Request) ([]debrief.Event, error) {
	if len(r.Body) > maxUnpacked*2 {
		return nil, debrief.Errorf(debrief.TooLarge, "", "%d bytes, and at most %d are allowed", len(r.Body), maxUnpacked*2)
	}
	var u ptrace.JSONUnmarshaler
	traces, err := u.UnmarshalTraces(r.Body)
	if err != nil {
		return nil, notOTLP(err)
	}
	var events []debrief.Event
	seen := map[string]bool{}
	for _, rs := range traces.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				sp := newSpan(rs.Resource().Attributes(), s)
				if sp.role == "" {
					continue
				}
				if farAhead(sp.end, r.Received) || farAhead(sp.start, r.Received) {
					return nil, futureDated("endTimeUnixNano", later(sp.end, sp.start), r.Received)
				}
				report := sp.report()
				if report == nil {
					continue
				}
				e := event("otlp", r, 0, debrief.EventDeployment, later(sp.end, sp.start))
				e.ID = debrief.ID("otlp", sp.trace, sp.id)
				if seen[e.ID] {
					continue
				}
				seen[e.ID] = true
				e.Service, e.Report, e.Assumed = report.Service, report, sp.assumed
				events = append(events, e)
			}
		}
	}
	if len(events) == 0 {
		return nil, ignored("no span tells of a pipeline or a deployment that ran")
	}
	return events, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
