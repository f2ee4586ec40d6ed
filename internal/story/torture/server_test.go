package torture_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// server is the program under test, started again after each kill.
type server struct {
	t            *testing.T
	bin, dsn     string
	config, addr string
	cmd          *exec.Cmd
	log          *os.File
}

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.bin, "serve", "--config", s.config, "--listen", s.addr, "--db", s.dsn)
	s.cmd.Env = append(os.Environ(), "DEBRIEF_LOG=warn")
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	waitFor(s.t, "the server to be ready", func() bool {
		res, err := http.Get("http://" + s.addr + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// lines reads how many lines the server counted for each service: there is no
// page that says so, so it is read from the database.
func (s *server) lines() map[string]int {
	st, err := store.Open(s.t.Context(), s.dsn, store.Options{Now: time.Now, NewID: storetest.IDs()})
	if err != nil {
		s.t.Fatal(err)
	}
	defer st.Close()
	out := map[string]int{}
	for i := range writers {
		service := fmt.Sprintf("shop%d", i)
		_, ps, err := st.LogPatterns(s.t.Context(), service, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		if err != nil {
			s.t.Fatal(err)
		}
		for _, p := range ps {
			for _, n := range p.Bins {
				out[service] += n
			}
		}
	}
	return out
}

// writers is how many clients write at once.
const writers = 3

func (s *server) get(path string, out any) bool {
	res, err := http.Get("http://" + s.addr + path)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK && json.NewDecoder(res.Body).Decode(out) == nil
}

// versions counts the releases by version, and their surprises.
func (s *server) versions() (out, surprises map[string]int) {
	out, surprises = map[string]int{}, map[string]int{}
	for before := ""; ; {
		var page struct {
			Releases []struct {
				Version   string
				Surprises int
			}
			Next string
		}
		if !s.get("/api/v1/releases?limit=200&environment=production&before="+before, &page) {
			return out, surprises
		}
		for _, r := range page.Releases {
			out[r.Version]++
			surprises[r.Version] += r.Surprises
		}
		if before = page.Next; before == "" {
			return out, surprises
		}
	}
}

type message struct{ Key, State string }

func (s *server) messages() []message {
	var all struct{ Messages []message }
	if !s.get("/api/v1/messages?limit=1000", &all) {
		return []message{{State: "waiting"}} // not known is not settled
	}
	return all.Messages
}
