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
	binSeconds  = 10
	fullPairs   = 5000 // counts in one batch: far below what the server takes
	fullKinds   = 500
	sentExample = 500 // characters
)

// lineCounts adds up kinds of lines.
type lineCounts struct {
	miner    *judge.Miner
	kinds    map[string]*sentPattern
	pairs    int
	position measure.Position
}

func newLineCounts(known []judge.Pattern) *lineCounts {
	return &lineCounts{miner: judge.NewMiner(known), kinds: map[string]*sentPattern{}}
}

func (c *lineCounts) empty() bool { return len(c.kinds) == 0 }
func (c *lineCounts) full() bool  { return c.pairs >= fullPairs || len(c.kinds) >= fullKinds }

// add sorts lines into kinds. A time that cannot be (a clock that is ahead, a
// number that only looks like a time) is taken as now: the line was read now.
func (c *lineCounts) add(b measure.Batch, now time.Time) {
	c.position = b.Position
	for _, l := range b.Lines {
		found := c.miner.Add(l.Text)
		if found.More || found.ID == "" {
			continue
		}
		if l.At.After(now.Add(time.Minute)) || l.At.Unix() <= binSeconds {
			l.At = now
		}
		k := c.kinds[found.ID]
		if k == nil {
			k = &sentPattern{ID: found.ID, Level: found.Level, Example: l.Text, Bins: map[string]int{}, First: l.At, Last: l.At}
			c.kinds[found.ID] = k
		}
		if l.At.Before(k.First) {
			k.First = l.At
		}
		if l.At.After(k.Last) {
			k.Last = l.At
		}
		at := strconv.FormatInt(l.At.Unix()/binSeconds*binSeconds, 10)
		if k.Bins[at] == 0 {
			c.pairs++
		}
		k.Bins[at]++
	}
}

// take makes a batch of the counts and begins anew.
func (c *lineCounts) take(service string, st *followState) heldBatch {
	known := c.miner.Patterns()
	body := struct {
		Service  string         `json:"service"`
		Batch    string         `json:"batch"`
		Patterns []*sentPattern `json:"patterns"`
	}{Service: service, Batch: st.name + "-" + strconv.Itoa(st.Batches) + "-" + strconv.FormatInt(c.position.Offset, 10)}
	for i := range known {
		p := &known[i]
		for _, id := range c.miner.Same(p.ID) {
			c.join(p.ID, id)
		}
		if k := c.kinds[p.ID]; k != nil {
			k.Template, k.Level = shortened(debrief.Mask(p.Template), 1000), p.Level
			k.Example = shortened(debrief.Mask(clean(k.Example)), sentExample)
			k.First, k.Last = debrief.Instant(k.First), debrief.Instant(k.Last)
			body.Patterns = append(body.Patterns, k)
			delete(c.kinds, p.ID)
		}
		p.Example, p.Count = "", 0
	}
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // our own types: they can always be written
	}
	c.kinds, c.pairs = map[string]*sentPattern{}, 0
	return heldBatch{body: b, position: c.position, patterns: known}
}

// join adds the counts of a kind that turned out to be part of another.
func (c *lineCounts) join(into, id string) {
	from := c.kinds[id]
	if from == nil {
		return
	}
	delete(c.kinds, id)
	k := c.kinds[into]
	if k == nil {
		from.ID = into
		c.kinds[into] = from
		return
	}
	for at, n := range from.Bins {
		k.Bins[at] += n
	}
	if from.First.Before(k.First) {
		k.First, k.Example = from.First, from.Example
	}
	if from.Last.After(k.Last) {
		k.Last = from.Last
	}
}
