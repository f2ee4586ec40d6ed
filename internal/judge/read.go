package judge

import (
	"bufio"
	"errors"
	"io"
)

// Ref is a pattern's number within one miner: 0, 1, 2, … in the order they
// were first seen. Patterns that turn out to be one keep their numbers; Final
// says which one is left.
type Ref int32

// AddBytes is Add for callers that hold bytes and ask for names later: it
// answers with a number and keeps nothing of line. more: the line continues
// the one before it, whose number it gets.
func (m *Miner) AddBytes(line []byte) (ref Ref, more bool) {
	l := m.Add(string(line))
	if m.last == nil {
		return 0, l.More
	}
	return m.last.ref, l.More
}

// Final is the number of the pattern that ref belongs to by now.
func (m *Miner) Final(ref Ref) Ref {
	if ref < 0 || int(ref) >= len(m.order) {
		return ref
	}
	return m.order[ref].root().ref
}

// ID is the lasting name of the pattern that ref belongs to by now.
func (m *Miner) ID(ref Ref) string {
	ref = m.Final(ref)
	if ref < 0 || int(ref) >= len(m.order) {
		return ""
	}
	return m.order[ref].ID
}

// Read adds every line of r, in order, and calls each once a line, in order.
// Lines end with \n or \r\n; of a line longer than a MiB the rest is skipped.
// Ask Final or ID once Read has returned: numbers may still be merged before.
func (m *Miner) Read(r io.Reader, each func(ref Ref, more bool)) error {
	b := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := b.ReadSlice('\n')
		if len(line) > 0 {
			ref, more := m.AddBytes(line)
			each(ref, more)
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = b.ReadSlice('\n')
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
