package measure

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/debriefhq/debrief"
)

// Position is how far a log file was read: enough to go on after a restart,
// even when the file was rotated meanwhile.
type Position struct {
	File   string `json:"file"` // device and inode
	Offset int64  `json:"offset"`
}

// FollowOptions say how a log file is followed.
type FollowOptions struct {
	Path  string
	From  Position // where an earlier run stopped; zero: see Begin
	Begin bool     // without a position: from the file's beginning instead of its end
	Once  bool     // stop at the file's end instead of waiting for more

	Every    time.Duration   // between looks for more; 250 ms
	Wake     <-chan struct{} // look now; may be nil
	MaxLine  int             // bytes kept of one line; 64 KiB
	MaxBatch int             // lines given at once; 1,000
	Location *time.Location  // of times without a zone; UTC
	Now      func() time.Time
}

// Batch is what was read since the last one.
type Batch struct {
	Lines    []Line
	Cut      int // how many of them were longer than MaxLine
	Position Position
}

// Follow reads a log file line by line as it grows: through rotation (the
// renamed file is read to its end first), truncation, half-written and endless
// lines. A missing file is waited for. emit's error ends it; so does the
// context, which is no error. After a restart with the last Position nothing is lost and nothing
// is read twice.
func Follow(ctx context.Context, o FollowOptions, emit func(Batch) error) error {
	or(&o.Every, 250*time.Millisecond)
	or(&o.MaxLine, 64<<10)
	or(&o.MaxBatch, 1000)
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &follower{o: o, emit: emit, buf: make([]byte, 64<<10)}
	defer f.close()
	if err := f.catchUp(ctx); err != nil {
		return ended(ctx, err)
	}
	for {
		if err := f.look(ctx); err != nil {
			return ended(ctx, err)
		}
		if o.Once {
			return ended(ctx, f.flush(true))
		}
		timer := time.NewTimer(o.Every)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-o.Wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

type follower struct {
	o      FollowOptions
	emit   func(Batch) error
	file   *os.File
	info   fs.FileInfo
	opened bool // some file was open before: whatever comes next is read whole
	splitter
	buf []byte
}

// look reads what there is, and goes over to the next file where the path
// names another one by now.
func (f *follower) look(ctx context.Context) error {
	for {
		if f.file == nil {
			if err := f.open(); errors.Is(err, fs.ErrNotExist) {
				if f.o.Once {
					return debrief.Errorf(debrief.NotFound, "file", "there is no file %s", f.o.Path)
				}
				return nil
			} else if err != nil {
				return debrief.Errorf(debrief.Invalid, "file", "%w", err)
			}
		}
		if err := f.read(ctx); err != nil {
			return err
		}
		now, err := os.Stat(f.o.Path)
		switch {
		case err != nil: // between two names: what is open is still written to
			return nil
		case os.SameFile(f.info, now):
			if now.Size() >= f.offset {
				return nil
			}
			f.restart(0) // truncated
		default:
			// Renamed. What was written before the new file appeared is there by now.
			if err := f.read(ctx); err != nil {
				return err
			}
			if err := f.flush(true); err != nil {
				return err
			}
			f.close()
		}
	}
}

// open opens the path and finds where to begin.
func (f *follower) open() error {
	file, err := os.Open(f.o.Path)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	if info.IsDir() {
		file.Close()
		return errors.New(f.o.Path + " is a folder")
	}
	at := int64(0)
	switch first := !f.opened; {
	case first && f.o.From.File == fileID(info) && f.o.From != (Position{}):
		if at = f.o.From.Offset; at > info.Size() {
			at = 0 // truncated meanwhile
		}
	case first && f.o.From == (Position{}) && !f.o.Begin:
		at = info.Size()
	}
	f.take(file, info)
	f.restart(at)
	return nil
}

func (f *follower) take(file *os.File, info fs.FileInfo) {
	f.close()
	f.file, f.info, f.opened = file, info, true
}

func (f *follower) restart(at int64) {
	f.splitter = splitter{max: f.o.MaxLine, offset: at, whole: at, last: f.last}
}

func (f *follower) close() {
	if f.file != nil {
		f.file.Close()
		f.file = nil
	}
}

// read reads to the file's present end.
func (f *follower) read(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := f.file.ReadAt(f.buf, f.offset)
		for rest := f.buf[:n]; len(rest) > 0; {
			rest = f.split(rest)
			if len(f.lines) >= f.o.MaxBatch {
				if err := f.flush(false); err != nil {
					return err
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return f.flush(false)
		}
		if err != nil {
			return debrief.Errorf(debrief.Unavailable, "file", "%w", err)
		}
	}
}

// flush hands over the lines read. With end, a last line without a newline
// counts too: nothing will follow it.
func (f *follower) flush(end bool) error {
	if end && f.file != nil {
		f.finish()
	}
	if len(f.lines) == 0 {
		return nil
	}
	b := Batch{Cut: f.cut, Position: Position{File: fileID(f.info), Offset: f.whole}}
	for _, text := range f.lines {
		b.Lines = append(b.Lines, Line{At: f.time(text), Text: text})
	}
	f.lines, f.cut = f.lines[:0], 0
	return f.emit(b)
}
