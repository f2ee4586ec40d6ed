package cli

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/loop"
)

// timedLine is a line as it counts: its pattern and when it was written.
type timedLine struct {
	ref judge.Ref
	at  int64 // unix milliseconds
}

// timedLog is a whole log, sorted and dated.
type timedLog struct {
	miner *judge.Miner
	lines []timedLine
	dated int
}

// readTimed sorts a log's lines and reads their times. A line without one was
// written with the line before it. What names no year is of the release's.
func readTimed(r io.Reader, release time.Time) (*timedLog, error) {
	l := &timedLog{miner: judge.NewMiner(nil)}
	in := bufio.NewReaderSize(r, 1<<20)
	var last int64
	some := false
	for {
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			some = true
			ref, more := l.miner.AddBytes(line)
			if !more {
				if at, ok := judge.LineTime(string(line[:min(len(line), 4096)]), release.Location()); ok {
					if at.Year() == 0 {
						at = at.AddDate(release.Year(), 0, 0)
					}
					last = at.UnixMilli()
					l.dated++
				}
				if l.dated > 0 {
					l.lines = append(l.lines, timedLine{ref, last})
				}
			}
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		switch {
		case errors.Is(err, io.EOF) && !some:
			return nil, debrief.Errorf(debrief.Invalid, "stdin", "is empty: nothing was read")
		case errors.Is(err, io.EOF) && l.dated == 0:
			return nil, debrief.Errorf(debrief.Invalid, "stdin", "no line carries a time that can be read, so nothing can be before or after --release")
		case errors.Is(err, io.EOF):
			return l, nil
		case err != nil:
			return nil, debrief.Errorf(debrief.Unavailable, "stdin", "cannot be read: %w", err)
		}
	}
}

// mostBins bounds how finely a log is counted.
const mostBins = 2000

// compare holds what was written since the release against what was before it.
func (l *timedLog) compare(release time.Time) (debrief.LogFindings, error) {
	known, end := l.lines[0].at, l.lines[0].at
	for _, x := range l.lines {
		known, end = min(known, x.at), max(end, x.at)
	}
	from := release.UnixMilli()
	if from <= known || from > end {
		return debrief.LogFindings{}, debrief.Errorf(debrief.Invalid, "--release", "%s is not within the log, which reaches from %s to %s",
			release.Format(time.RFC3339), time.UnixMilli(known).In(release.Location()).Format(time.RFC3339), time.UnixMilli(end).In(release.Location()).Format(time.RFC3339))
	}
	bin := max(10_000, (end-known)/mostBins)
	before, after := int((from-known)/bin)+1, int((end-from)/bin)+1
	places := map[judge.Ref]int{}
	var counts []judge.LogCount
	for _, p := range l.miner.Patterns() {
		counts = append(counts, judge.LogCount{ID: p.ID, Template: debrief.Mask(p.Template), Level: p.Level, Example: debrief.MaskAddresses(debrief.Mask(p.Example))})
	}
	ids := map[string]int{}
	for i, c := range counts {
		ids[c.ID] = i
	}
	for _, x := range l.lines {
		ref := l.miner.Final(x.ref)
		i, ok := places[ref]
		if !ok {
			i = ids[l.miner.ID(ref)]
			places[ref] = i
			counts[i].Before, counts[i].After = make([]int, before), make([]int, after)
		}
		c := &counts[i]
		if at := time.UnixMilli(x.at); c.First.IsZero() || at.Before(c.First) {
			c.First = at
		}
		if x.at >= from {
			c.After[(x.at-from)/bin]++
		} else {
			c.Before[before-1-int((from-1-x.at)/bin)]++
		}
	}
	counts = slices.DeleteFunc(counts, func(c judge.LogCount) bool { return c.First.IsZero() })
	answer := judge.CompareLogs(judge.LogQuestion{
		Known: time.UnixMilli(known), Exposed: release, To: time.UnixMilli(end + 1), Bin: time.Duration(bin) * time.Millisecond, Patterns: counts,
	})
	return loop.LogFindings(answer, time.UnixMilli(known)), nil
}
