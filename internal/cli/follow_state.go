package cli

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/measure"
)

// followState is what a follower remembers between runs, in one file that is
// replaced as a whole.
type followState struct {
	Position measure.Position `json:"position"` // read up to here, Pending included
	Batches  int              `json:"batches"`  // how many there were: part of a batch's id
	Pending  json.RawMessage  `json:"pending,omitempty"`
	Patterns []judge.Pattern  `json:"patterns,omitempty"` // so that kinds keep their ids; without examples

	file string
	name string
}

func openFollowState(s spool, base, service, file string) (*followState, error) {
	dir := filepath.Join(filepath.Dir(s.dir), "follow")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, debrief.Errorf(debrief.Internal, "", "the follower's state cannot be kept in %s: %w", dir, unwrapPath(err)).WithHint("set DEBRIEF_SPOOL to a directory that can be written")
	}
	name := debrief.ID("follow", base, service, file)
	st := &followState{file: filepath.Join(dir, name+".json"), name: name}
	b, err := os.ReadFile(st.file)
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err == nil {
		err = json.Unmarshal(b, st)
	}
	if err != nil {
		return nil, debrief.Errorf(debrief.Internal, "", "the follower's state in %s cannot be read: %w", st.file, unwrapPath(err)).WithHint("remove it to begin anew at the log's end")
	}
	return st, nil
}

// hold puts a batch on disk together with the position behind it.
func (st *followState) hold(b heldBatch) error {
	st.Batches++
	st.Position, st.Pending, st.Patterns = b.position, b.body, b.patterns
	return writeDurably(st.file, st)
}

// heldBatch is a batch as it is held and sent.
type heldBatch struct {
	body     json.RawMessage
	position measure.Position
	patterns []judge.Pattern
}

// sentPattern is one kind of line in the body of POST /api/v1/logs.
type sentPattern struct {
	ID       string         `json:"id"`
	Template string         `json:"template"`
	Level    string         `json:"level"`
	Example  string         `json:"example"`
	Bins     map[string]int `json:"bins"` // by the unix second a ten-second bin begins at
	First    time.Time      `json:"first_at"`
	Last     time.Time      `json:"last_at"`
}

const (
	binLength   = 10 * time.Second
	fullCounts  = 5000 // in one batch: far below what the server takes
	fullKinds   = 500
	sentExample = 500 // characters
)

// lineCounts adds up kinds of lines, and knows how far the file was read.
type lineCounts struct {
	*loop.Counter
	position measure.Position
}

func newLineCounts(known []judge.Pattern) *lineCounts {
	return &lineCounts{Counter: loop.NewCounter(known, binLength)}
}

func (c *lineCounts) empty() bool {
	kinds, _ := c.Held()
	return kinds == 0
}

func (c *lineCounts) full() bool {
	kinds, counts := c.Held()
	return kinds >= fullKinds || counts >= fullCounts
}

func (c *lineCounts) add(b measure.Batch, now time.Time) {
	c.position = b.Position
	for _, l := range b.Lines {
		c.Add(l, now)
	}
}

// take makes a batch of the counts and begins anew.
func (c *lineCounts) take(service string, st *followState) heldBatch {
	body := struct {
		Service  string        `json:"service"`
		Batch    string        `json:"batch"`
		Patterns []sentPattern `json:"patterns"`
	}{Service: service, Batch: st.name + "-" + strconv.Itoa(st.Batches) + "-" + strconv.FormatInt(c.position.Offset, 10)}
	for _, k := range c.Take() {
		p := sentPattern{
			ID: k.ID, Template: shortened(k.Template, 1000), Level: k.Level, Example: shortened(clean(k.Example), sentExample),
			Bins: map[string]int{}, First: debrief.Instant(k.First), Last: debrief.Instant(k.Last),
		}
		for at, n := range k.Bins {
			p.Bins[strconv.FormatInt(at, 10)] = n
		}
		body.Patterns = append(body.Patterns, p)
	}
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // our own types: they can always be written
	}
	return heldBatch{body: b, position: c.position, patterns: c.Known()}
}
