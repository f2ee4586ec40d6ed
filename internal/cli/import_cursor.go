package cli

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/debriefhq/debrief"
)

// cursor remembers how far a repository has been imported, beside the spool.
type cursor struct {
	Refs     string                     `json:"refs"`            // what its tags and main branch were when all was imported
	Released map[string]map[string]bool `json:"released"`        // by service: tags that were imported
	Merge    string                     `json:"merge,omitempty"` // the newest merge that was imported as a release
	Salt     string                     `json:"salt"`            // hashes authors where DEBRIEF_AUTHOR_SALT does not

	// A run that broke off: the same refs make the same requests, and so many
	// of them were confirmed.
	Open string `json:"open,omitempty"`
	Sent int    `json:"sent,omitempty"`

	file string
}

// importDir is where imports keep what they remember.
func importDir(e *Env) string { return filepath.Join(filepath.Dir(spoolOf(e).dir), "import") }

// loadCursor finds the cursor of one repository, one server and one set of options.
func loadCursor(e *Env, parts ...string) (*cursor, error) {
	c := &cursor{Released: map[string]map[string]bool{}, file: filepath.Join(importDir(e), debrief.ID(append([]string{"cursor"}, parts...)...)+".json")}
	b, err := os.ReadFile(c.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, debrief.Errorf(debrief.Unavailable, "", "what was imported before cannot be read: %w", err)
	default:
		if err := json.Unmarshal(b, c); err != nil {
			return nil, debrief.Errorf(debrief.Unavailable, "", "%s is damaged: %w", c.file, err).WithHint("remove it; importing again doubles nothing")
		}
		if c.Released == nil {
			c.Released = map[string]map[string]bool{}
		}
	}
	if c.Salt == "" {
		random := make([]byte, 16)
		if _, err := rand.Read(random); err != nil {
			return nil, err
		}
		c.Salt = hex.EncodeToString(random)
	}
	return c, nil
}

func (c *cursor) save() error {
	if err := os.MkdirAll(filepath.Dir(c.file), 0o700); err != nil {
		return debrief.Errorf(debrief.Unavailable, "", "how far the import came cannot be kept: %w", err)
	}
	if err := writeDurably(c.file, c); err != nil {
		return debrief.Errorf(debrief.Unavailable, "", "how far the import came cannot be kept: %w", err)
	}
	return nil
}
