package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A door nobody guards is refused before anything is created.
func TestServeRefusesWithoutLeavingADatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := filepath.Join(dir, "debrief.db")
	code, _, errs := runIn(t, dir, time.Now(), "serve", "--listen", "0.0.0.0:0", "--db", db)
	if code != 2 || !strings.Contains(errs, "there is no token yet") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// The configuration beside it is read where none is named, and only there.
func TestServeReadsTheConfigurationBesideIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, listen := range map[string]string{"debrief.yaml": "no address", "other.yaml": "none either"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("listen: "+listen+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, errs := runIn(t, dir, time.Now(), "serve"); code != 2 || !strings.Contains(errs, "no address") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, errs := runIn(t, dir, time.Now(), "serve", "--config", filepath.Join(dir, "other.yaml")); code != 2 || !strings.Contains(errs, "none either") {
		t.Errorf("named: exit %d: %s", code, errs)
	}
}

// A token lies in the database the server will open.
func TestTokensLieWhereTheServerLooks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := filepath.Join(dir, "elsewhere.db")
	if err := os.WriteFile(filepath.Join(dir, "debrief.yaml"), []byte("db: "+db+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := runIn(t, dir, time.Now(), "token", "create", "ci"); code != 0 || !strings.HasPrefix(out, "dbt_") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if code, out, errs := runIn(t, dir, time.Now(), "token", "list", "--db", db); code != 0 || !strings.Contains(out, "ci") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}
