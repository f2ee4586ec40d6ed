package cli

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/debriefhq/debrief"
)

// owed is one request the server has not confirmed yet. It is written to disk
// before it is sent and removed after the confirmation, so that it outlives a
// server that is down and a wrapper that is killed. All requests are
// idempotent: sending one twice is harmless.
type owed struct {
	URL      string          `json:"url"` // of the server it was meant for
	Method   string          `json:"method"`
	Path     string          `json:"path"`
	Body     json.RawMessage `json:"body"` // sent byte for byte: the server compares
	Created  time.Time       `json:"created_at"`
	Rejected *rejection      `json:"rejected,omitempty"`

	file string
	key  string // the deployment it stands under, once sent
}

// rejection says why a request will never be accepted.
type rejection struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// spool is a directory of owed requests, one file each, oldest first by name.
type spool struct{ dir string }

func spoolOf(e *Env) spool {
	if dir := e.Getenv("DEBRIEF_SPOOL"); dir != "" {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(e.Dir, dir)
		}
		return spool{dir}
	}
	if state := e.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return spool{filepath.Join(state, "debrief", "spool")}
	}
	if home := e.Getenv("HOME"); filepath.IsAbs(home) {
		return spool{filepath.Join(home, ".debrief", "spool")}
	}
	return spool{filepath.Join(os.TempDir(), "debrief-spool-"+strconv.Itoa(os.Getuid()))}
}

// put writes the request to disk: whole or not at all, and there after a crash.
func (s spool) put(o *owed) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	o.file = filepath.Join(s.dir, id.String()+".json")
	return writeDurably(o.file, o)
}

func writeDurably(path string, v any) (err error) {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".part-*") // made with 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(append(b, '\n')); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	if d, e := os.Open(filepath.Dir(path)); e == nil {
		_ = d.Sync() // the rename itself; not every file system can
		_ = d.Close()
	}
	return nil
}

// list names the files owed, oldest first. No directory: nothing is owed.
func (s spool) list() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if name := e.Name(); e.Type().IsRegular() && strings.HasSuffix(name, ".json") && !strings.HasPrefix(name, ".") {
			files = append(files, filepath.Join(s.dir, name))
		}
	}
	slices.Sort(files) // UUIDv7: by time
	return files, nil
}

// maxOwed bounds one file: a report is far smaller.
const maxOwed = 16 << 20

func readOwed(file string) (*owed, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxOwed {
		return nil, debrief.Errorf(debrief.TooLarge, file, "larger than %d MiB, so not a report of debrief", maxOwed>>20)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var o owed
	if err := json.Unmarshal(b, &o); err != nil {
		return nil, debrief.Errorf(debrief.Invalid, file, "not a report of debrief: %w", err)
	}
	if (o.Method != "POST" && o.Method != "PATCH") || !strings.HasPrefix(o.Path, "/api/v1/") || len(o.Body) == 0 {
		return nil, debrief.Errorf(debrief.Invalid, file, "not a report of debrief: it has no API request")
	}
	o.file = file
	return &o, nil
}

// reject keeps a refused request aside, with the reason, and out of the way of
// the others.
func (s spool) reject(o *owed, at time.Time, reason string) error {
	dir := filepath.Join(filepath.Dir(o.file), "rejected")
	if filepath.Base(filepath.Dir(o.file)) == "rejected" {
		dir = filepath.Dir(o.file) // sent again by hand, refused again
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	o.Rejected = &rejection{At: debrief.Instant(at), Reason: debrief.Mask(reason)}
	aside := filepath.Join(dir, filepath.Base(o.file))
	if err := writeDurably(aside, o); err != nil {
		return err
	}
	if aside == o.file {
		return nil
	}
	return remove(o.file)
}

// remove deletes a file; another process having done so is fine.
func remove(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
