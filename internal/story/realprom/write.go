package realprom

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sort"
	"time"

	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/encoding/protowire"
)

// Series is history to write: a metric's name, its labels, its values.
type Series struct {
	Name    string
	Labels  map[string]string
	Samples []Sample // by time
}

// Sample is one value.
type Sample struct {
	At time.Time
	V  float64
}

// batch bounds the samples of one request, and slice the time one spans.
const (
	batch = 20_000
	slice = time.Hour
)

// Write puts history into the server, as its remote-write protocol has it.
// Once it returns, queries see it. All series are written hour by hour, so that
// nothing of one call is out of order: a query may fail while Prometheus moves
// what is.
func (s *Server) Write(ctx context.Context, series ...Series) error {
	var body []byte
	n := 0
	send := func() error {
		if n == 0 {
			return nil
		}
		err := s.post(ctx, body)
		body, n = body[:0], 0
		return err
	}
	rest := slices.Clone(series)
	for {
		first, more := earliest(rest)
		if !more {
			return send()
		}
		for i, one := range rest {
			cut := sort.Search(len(one.Samples), func(j int) bool { return one.Samples[j].At.Sub(first) >= slice })
			for part := range slices.Chunk(one.Samples[:cut], batch) {
				body = protowire.AppendTag(body, 1, protowire.BytesType) // WriteRequest.timeseries
				body = protowire.AppendBytes(body, timeSeries(one, part))
				if n += len(part); n >= batch {
					if err := send(); err != nil {
						return err
					}
				}
			}
			rest[i].Samples = one.Samples[cut:]
		}
	}
}

func earliest(series []Series) (first time.Time, any bool) {
	for _, s := range series {
		if len(s.Samples) > 0 && (!any || s.Samples[0].At.Before(first)) {
			first, any = s.Samples[0].At, true
		}
	}
	return first, any
}

func (s *Server) post(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/api/v1/write", bytes.NewReader(snappy.Encode(nil, body)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Content-Encoding", "snappy")
	req.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	if err := s.do(req); err != nil {
		return fmt.Errorf("remote write: %w", err)
	}
	return nil
}

// timeSeries encodes prometheus.TimeSeries by hand: three small messages are
// no reason for a code generator.
func timeSeries(s Series, samples []Sample) []byte {
	type label struct{ name, value string }
	labels := []label{{"__name__", s.Name}}
	for name, value := range s.Labels {
		labels = append(labels, label{name, value})
	}
	slices.SortFunc(labels, func(a, b label) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
	var out []byte
	for _, l := range labels {
		var b []byte
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendString(b, l.name)
		b = protowire.AppendTag(b, 2, protowire.BytesType)
		b = protowire.AppendString(b, l.value)
		out = protowire.AppendTag(out, 1, protowire.BytesType)
		out = protowire.AppendBytes(out, b)
	}
	for _, v := range samples {
		var b []byte
		b = protowire.AppendTag(b, 1, protowire.Fixed64Type)
		b = protowire.AppendFixed64(b, math.Float64bits(v.V))
		b = protowire.AppendTag(b, 2, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(v.At.UnixMilli()))
		out = protowire.AppendTag(out, 2, protowire.BytesType)
		out = protowire.AppendBytes(out, b)
	}
	return out
}
