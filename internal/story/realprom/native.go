package realprom

import (
	"bytes"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Native is the history of a native histogram to write.
type Native struct {
	Name    string
	Labels  map[string]string
	Samples []NativeSample // by time
}

// NativeSample is what a histogram has counted until a moment. Bucket k holds
// what lies above 2^((k−1)/2^Schema) and at most at 2^(k/2^Schema).
type NativeSample struct {
	At      time.Time
	Schema  int
	Sum     float64
	Buckets map[int]uint64
}

// WriteNative puts native histograms into the server; times only go forward.
func (s *Server) WriteNative(ctx context.Context, series ...Native) error {
	var body []byte
	for _, one := range series {
		for part := range slices.Chunk(one.Samples, batch/20) {
			out := timeSeries(Series{Name: one.Name, Labels: one.Labels}, nil)
			for _, v := range part {
				out = protowire.AppendTag(out, 4, protowire.BytesType) // TimeSeries.histograms
				out = protowire.AppendBytes(out, histogram(v))
			}
			body = protowire.AppendTag(body[:0], 1, protowire.BytesType)
			body = protowire.AppendBytes(body, out)
			if err := s.post(ctx, bytes.Clone(body)); err != nil {
				return err
			}
		}
	}
	return nil
}

// histogram encodes prometheus.Histogram by hand.
func histogram(v NativeSample) []byte {
	keys := slices.Sorted(maps.Keys(v.Buckets))
	total := uint64(0)
	for _, k := range keys {
		total += v.Buckets[k]
	}
	var b []byte
	b = protowire.AppendTag(b, 1, protowire.VarintType) // count_int
	b = protowire.AppendVarint(b, total)
	b = protowire.AppendTag(b, 3, protowire.Fixed64Type) // sum
	b = protowire.AppendFixed64(b, math.Float64bits(v.Sum))
	b = protowire.AppendTag(b, 4, protowire.VarintType) // schema
	b = protowire.AppendVarint(b, protowire.EncodeZigZag(int64(v.Schema)))
	b = protowire.AppendTag(b, 5, protowire.Fixed64Type) // zero_threshold
	b = protowire.AppendFixed64(b, math.Float64bits(1e-9))
	if len(keys) > 0 {
		first, last := keys[0], keys[len(keys)-1]
		var span, deltas []byte
		span = protowire.AppendTag(span, 1, protowire.VarintType) // offset
		span = protowire.AppendVarint(span, protowire.EncodeZigZag(int64(first)))
		span = protowire.AppendTag(span, 2, protowire.VarintType) // length
		span = protowire.AppendVarint(span, uint64(last-first+1))
		b = protowire.AppendTag(b, 11, protowire.BytesType) // positive_spans
		b = protowire.AppendBytes(b, span)
		before := int64(0)
		for k := first; k <= last; k++ {
			n := int64(v.Buckets[k])
			deltas = protowire.AppendVarint(deltas, protowire.EncodeZigZag(n-before))
			before = n
		}
		b = protowire.AppendTag(b, 12, protowire.BytesType) // positive_deltas
		b = protowire.AppendBytes(b, deltas)
	}
	b = protowire.AppendTag(b, 15, protowire.VarintType) // timestamp
	return protowire.AppendVarint(b, uint64(v.At.UnixMilli()))
}
