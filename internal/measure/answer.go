package measure

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
)

// answer reads what Prometheus and Loki wrap every answer in:
// {"status":…,"data":{"resultType":…,"result":[…]},"warnings":[…]}.
type answer struct {
	*scanner
	series  func(labels map[string]string, points []point) error // of a matrix or vector
	native  *natives                                             // where native histograms are wanted
	bars    func(labels map[string]string) error                 // of one series of them
	stream  func(labels map[string]string, lines []entry) error  // of Loki's streams
	values  func(data func(each func(string) error) error) error // of a list of texts
	note    func(format string, args ...any)
	points  []point // reused from series to series
	entries []entry
	kind    string // resultType
	failed  string // the error text of a 200 that is none
	seen    bool   // there was data
}

type point struct{ t, v float64 }

type entry struct {
	ns   int64
	text string
}

// read reads the whole answer.
func (a *answer) read(r io.Reader) error {
	a.scanner = newScanner(r)
	err := a.object(func(key []byte) error {
		switch string(key) {
		case "data":
			return a.data()
		case "error":
			text, err := a.text()
			a.failed = string(text)
			return err
		case "warnings", "infos":
			return a.warnings()
		case "isPartial": // VictoriaMetrics: some storage nodes did not answer
			err := a.literal()
			if string(a.word) == "true" {
				a.note("the provider's answer is partial")
			}
			return err
		}
		return a.skip()
	})
	switch {
	case err != nil:
		return err
	case a.failed != "":
		return debrief.Errorf(debrief.Invalid, "query", "%s", clip(a.failed))
	case !a.seen && a.values == nil: // Loki leaves an empty list of values out
		return debrief.Errorf(debrief.Invalid, "query", "the answer holds no data").WithHint("is url the address of the API?")
	case a.kind == "streams" && a.stream == nil: // an empty answer has a type too
		return a.wrongType("log lines")
	case (a.kind == "matrix" || a.kind == "vector") && a.series == nil:
		return a.wrongType("numbers")
	}
	return nil
}

func (a *answer) warnings() error {
	if c, err := a.peek(); err != nil || c != '[' {
		return a.skip()
	}
	return a.array(func() error {
		text, err := a.text()
		if err == nil {
			a.note("the provider says: %s", clip(string(text)))
		}
		return err
	})
}

func (a *answer) data() error {
	c, err := a.peek()
	if err != nil {
		return err
	}
	if c == '[' && a.values != nil {
		a.seen = true
		return a.values(func(each func(string) error) error {
			return a.array(func() error {
				text, err := a.text()
				if err != nil {
					return err
				}
				return each(string(text))
			})
		})
	}
	if c != '{' {
		return a.skip()
	}
	return a.object(func(key []byte) error {
		switch string(key) {
		case "resultType":
			text, err := a.text()
			a.kind = string(text)
			return err
		case "result":
			return a.result()
		}
		return a.skip()
	})
}

func (a *answer) result() error {
	a.seen = true
	c, err := a.peek()
	if err != nil {
		return err
	}
	if c != '[' {
		return a.skip() // null: nothing found
	}
	return a.array(a.element)
}

func (a *answer) wrongType(is string) error {
	want, hint := "series of numbers", "ask for a metric, for example sum(rate({app=\"shop\"}[1m]))"
	if a.series == nil {
		want, hint = "log lines", "ask for lines, for example {app=\"shop\"}"
	}
	return debrief.Errorf(debrief.Invalid, "query", "it returns %s where %s are needed", is, want).WithHint("%s", hint)
}

// element reads one series or stream. Which it is, its own keys tell: the
// type may come behind the result.
func (a *answer) element() error {
	if c, err := a.peek(); err != nil || c != '{' {
		return cmp.Or(err, a.wrongType("a single value"))
	}
	a.points, a.entries = a.points[:0], a.entries[:0]
	var labels map[string]string
	native, lines := false, a.kind == "streams"
	err := a.object(func(key []byte) (err error) {
		switch string(key) {
		case "metric", "stream":
			lines = key[0] == 's'
			labels, err = a.labels()
		case "values":
			if lines {
				return a.array(a.line)
			}
			return a.array(a.point)
		case "value":
			return a.point()
		case "histogram", "histograms":
			native = true
			if a.native != nil && key[len(key)-1] == 's' {
				return a.array(a.histogram)
			}
			return a.skip()
		default:
			return a.skip()
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case lines && a.stream == nil:
		return a.wrongType("log lines")
	case lines:
		return a.stream(labels, a.entries)
	case a.series == nil:
		return a.wrongType("numbers")
	case native && a.native != nil:
		return a.bars(labels)
	case native && len(a.points) == 0:
		return debrief.Errorf(debrief.Invalid, "query", "it returns native histograms where numbers are needed").
			WithHint("put it under histogram instead of query, or wrap it in histogram_quantile")
	}
	return a.series(labels, a.points)
}

func (a *answer) labels() (map[string]string, error) {
	labels := map[string]string{}
	err := a.object(func(key []byte) error {
		name := string(key)
		text, err := a.text()
		labels[name] = string(text)
		return err
	})
	return labels, err
}

// point reads [1795374360,"0.5"].
func (a *answer) point() error {
	if err := a.expect('['); err != nil {
		return err
	}
	var p point
	var err error
	if p.t, err = a.number(); err != nil {
		return err
	}
	if err = a.expect(','); err != nil {
		return err
	}
	if c, err := a.peek(); err != nil {
		return err
	} else if c == '"' {
		if _, err := a.text(); err != nil {
			return err
		}
		if p.v, err = parseFloat(a.word); err != nil {
			return err
		}
	} else if p.v, err = a.number(); err != nil {
		return err
	}
	a.points = append(a.points, p)
	return a.expect(']')
}

// line reads ["1795374315500000000","text"], perhaps with metadata behind it.
func (a *answer) line() error {
	var e entry
	i := 0
	err := a.array(func() error {
		defer func() { i++ }()
		switch i {
		case 0:
			text, err := a.text()
			if err != nil {
				return err
			}
			e.ns, err = parseInt(text)
			return err
		case 1:
			text, err := a.text()
			e.text = string(text)
			return err
		}
		return a.skip()
	})
	if err == nil && i < 2 {
		err = fmt.Errorf("a log line without text")
	}
	a.entries = append(a.entries, e)
	return err
}

// firstWords is what an error's body says, shortly and masked: Prometheus's
// {"error":…}, Loki's plain text, or a proxy's page.
func firstWords(r io.Reader) string {
	b, _ := io.ReadAll(io.LimitReader(r, 4<<10)) // what was read of a broken error text is still worth telling
	var wrapped struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}
	text := string(b)
	if json.Unmarshal(b, &wrapped) == nil && wrapped.Error+wrapped.Message != "" {
		text = wrapped.Error
		if text == "" {
			text = wrapped.Message
		}
	}
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		return "" // a page for people says nothing here
	}
	return clip(text)
}

// clip makes foreign text fit into a sentence of ours.
func clip(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "�")), " ")
	s = debrief.Mask(s)
	if len(s) > 400 {
		cut := 400
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return s
}
