package measure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestScannerReadsTextsAsJSONDoes(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`""`, `"plain"`, `"a\"b\\c\/d\b\f\n\r\t"`, `"\u00e4\u20AC"`, `"\ud83d\ude00"`, `"\ud83d x"`, `"\ud83d\u0041"`, `"\ud83d\n"`, `"ä€😀"`} {
		var want string
		if err := json.Unmarshal([]byte(raw), &want); err != nil {
			t.Fatal(err)
		}
		got, err := newScanner(iotest.OneByteReader(strings.NewReader(raw))).text()
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", raw, got, err, want)
		}
	}
	for _, raw := range []string{`"`, `"\x"`, `"\u12"`, "\"\n\"", `x`, ``} {
		if got, err := newScanner(strings.NewReader(raw)).text(); err == nil {
			t.Errorf("%s: %q", raw, got)
		}
	}
}

func TestScannerSkipsAnyValue(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`1`, `-1.5e3`, `true`, `null`, `"x"`, `[]`, `[1,[2],{"a":[]}]`, `{}`, ` { "a" : 1 , "b" : {"c":[null]} } `} {
		s := newScanner(strings.NewReader(raw + `"end"`))
		if err := s.skip(); err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if rest, err := s.text(); err != nil || string(rest) != "end" {
			t.Errorf("%s: left %q, %v", raw, rest, err)
		}
	}
	for _, raw := range []string{`[1`, `[1,]`, `{"a"}`, `{"a":1,}`, `{a:1}`, `[1 2]`, strings.Repeat("[", 1000)} {
		if err := newScanner(strings.NewReader(raw)).skip(); err == nil {
			t.Errorf("%s was read", raw)
		}
	}
}

// FuzzAnswer feeds foreign bytes: no panic, no hang, and what is taken for a
// whole answer is JSON.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		matrixOf(`{"metric":{"a":"b"},"values":[[1,"2"],[3,"NaN"]]}`),
		`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1","x",{"m":"n"}]]}]},"warnings":["w"]}`,
		matrixOf(`{"metric":{},"histograms":[[60,{"count":"3","sum":"1","buckets":[[0,"1","2","3"],[3,"-1","1","0.5"]]}]]}`),
		`{"status":"error","error":"e"}`, `{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]}]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		a := &answer{
			note:   func(string, ...any) {},
			series: func(_ map[string]string, p []point) error { n += len(p); return nil },
			stream: func(_ map[string]string, e []entry) error { n += len(e); return nil },
		}
		if len(b)%2 == 0 {
			m := &matrix{asker: &asker{o: Options{MaxSeries: 3}}, start: time.Unix(0, 0), step: time.Minute, points: 5, to: 5, native: newNatives()}
			a.native, a.bars = m.native, func(labels map[string]string) error {
				n += len(m.native.bars)
				return m.keep(labels)
			}
			defer func() { m.native.merged(m.start, m.step, 1, m.native.sorted()...) }()
		}
		err := a.read(bytes.NewReader(b))
		if err == nil && n > len(b) {
			t.Errorf("%d values in %d bytes", n, len(b))
		}
		if errors.Is(err, io.EOF) {
			t.Errorf("a bare EOF: %v", err)
		}
	})
}

// BenchmarkSeries50x40320 reads a look's worth: 50 series of four weeks of minutes.
func BenchmarkSeries50x40320(b *testing.B) {
	const points, series = 40_320, 50
	from := time.Unix(1_800_000_000, 0)
	answers := map[string][]byte{}
	for first := 0; first < points; first += chunkPoints {
		var w bytes.Buffer
		w.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[`)
		for s := range series {
			if s > 0 {
				w.WriteByte(',')
			}
			fmt.Fprintf(&w, `{"metric":{"route":"/r/%d","instance":"10.0.0.1:8080"},"values":[`, s)
			for i := first; i < min(first+chunkPoints, points); i++ {
				if i > first {
					w.WriteByte(',')
				}
				fmt.Fprintf(&w, `[%d,"%.15g"]`, from.Unix()+int64(60*(i+1)), 0.1234567+float64(i*s)/1e4)
			}
			w.WriteString(`]}`)
		}
		w.WriteString(`]}}`)
		answers[unix(from.Add(time.Duration(first+1)*time.Minute))] = w.Bytes()
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(answers[r.URL.Query().Get("start")])
	}))
	defer srv.Close()
	p, err := NewPrometheus("main", Options{URL: srv.URL})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		got, err := p.Series(b.Context(), "x", Window{From: from, To: from.Add(points * time.Minute), Step: time.Minute})
		if err != nil || len(got) != series {
			b.Fatal(len(got), err)
		}
	}
}
