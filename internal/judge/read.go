package judge

import (
	"bufio"
	"errors"
	"io"
)

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
