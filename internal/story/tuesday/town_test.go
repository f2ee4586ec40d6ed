package tuesday

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store/storetest"
	"github.com/debriefhq/debrief/internal/story/realprom"
	"github.com/debriefhq/debrief/internal/story/shop"
)

// built is where the program stands once a test has asked for it.
var built string

// program builds debrief once for all tests of the binary.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "debrief-story-")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "debrief")
	cmd := exec.Command("go", "build", "-o", path, "github.com/debriefhq/debrief/cmd/debrief")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// TestMain takes precedence over whatever else runs on this machine, where it
// may: a shop whose processor is taken away for a second is slow for a reason
// that no release gave.
func TestMain(m *testing.M) {
	const asked = "DEBRIEF_STORY_NICE"
	if nice, err := exec.LookPath("nice"); err == nil && os.Getuid() == 0 && os.Getenv(asked) == "" {
		os.Setenv(asked, "1")
		_ = syscall.Exec(nice, append([]string{"nice", "-n", "-15"}, os.Args...), os.Environ()) // else as it is
	}
	code := m.Run()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(code)
}

// town is everything a team has before it has debrief: a database server, a
// Prometheus, and shops that sell.
type town struct {
	t     *testing.T
	exe   string
	dir   string
	pg    *storetest.PG
	prom  *realprom.Server
	shops []*street
	url   string // debrief's
}

// limit is the shops' own limit on working out a discount: far above what a
// machine that is busy with something else takes.
const limit = 300 * time.Millisecond

// street is one shop in production and on staging.
type street struct {
	*town
	name  string
	small int // ordered lines on staging
	large int // and in production
	rate  float64
	host  *shop.Host
	load  *shop.Load
}

func newTown(t *testing.T, shops ...*street) *town {
	t.Helper()
	exe, err := program()
	if err != nil {
		t.Fatal(err)
	}
	w := &town{t: t, exe: exe, dir: t.TempDir(), pg: storetest.Cluster(t), shops: shops}
	var targets []realprom.Target
	for i, s := range shops {
		s.town = w
		s.build(uint64(i + 1))
		targets = append(targets, realprom.Target{Job: s.name, Address: strings.TrimPrefix(s.host.URL("production"), "http://"), Every: time.Second})
	}
	w.prom = realprom.Start(t, targets...)
	return w
}

// build fills both databases, starts v1.41 in both places, and opens the doors.
func (s *street) build(seed uint64) {
	s.t.Helper()
	ctx := s.t.Context()
	var places []shop.Place
	for env, rows := range map[string]int{"staging": s.small, "production": s.large} {
		database := strings.ReplaceAll(s.name, "-", "_") + "_" + env
		if err := s.pg.Exec(ctx, "postgres", "create database "+database); err != nil {
			s.t.Fatal(err)
		}
		p := shop.Place{Name: env, DSN: s.pg.DSN(database), Log: filepath.Join(s.dir, s.name+"-"+env+".log")}
		db, err := shop.Open(ctx, p.DSN)
		if err != nil {
			s.t.Fatal(err)
		}
		err = shop.Seed(ctx, db, p.DSN, rows)
		db.Close()
		if err != nil {
			s.t.Fatal(err)
		}
		places = append(places, p)
		if env == "production" {
			s.backfill(p.Log, time.Now(), rand.New(rand.NewPCG(seed, 1)))
		}
	}
	var err error
	if s.host, err = shop.StartHost(s.exe, os.Stderr, limit, places...); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.host.Close)
	for _, p := range places {
		if err := s.host.RollOut(ctx, p.Name, "v1.41"); err != nil {
			s.t.Fatal(err)
		}
	}
	s.load = &shop.Load{Target: s.host.URL("production"), Rate: s.rate, Seed: seed}
	loading, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { s.load.Run(loading); close(ended) }()
	s.t.Cleanup(func() { stop(); <-ended })
}

// serve starts debrief with the town's configuration.
func (w *town) serve(config string) {
	w.t.Helper()
	file := filepath.Join(w.dir, "debrief.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := w.pg.Exec(w.t.Context(), "postgres", "create database debrief"); err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(w.exe, "serve", "--config", file, "--listen", "127.0.0.1:0", "--db", w.pg.DSN("debrief"))
	cmd.Env = w.environ()
	cmd.Dir = w.dir
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			w.t.Errorf("debrief ended with %v", err)
		}
		if w.t.Failed() {
			w.t.Logf("debrief said:\n%s", log.String())
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "debrief listens on "); ok {
			w.url = address
			return
		}
	}
	w.t.Fatalf("debrief did not start: %s", log.String())
}

// environ is a pipeline's: nothing of the machine that runs the test.
func (w *town) environ(more ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TMPDIR=" + os.TempDir(), "DEBRIEF_URL=" + w.url}, more...)
}

// deploy releases a version as the shop's pipeline does.
func (s *street) deploy(version string) {
	s.t.Helper()
	tree := filepath.Join(s.dir, s.name)
	if _, err := shop.Commit(s.t.Context(), tree, version); err != nil {
		s.t.Fatal(err)
	}
	for _, env := range []string{"staging", "production"} {
		cmd := exec.CommandContext(s.t.Context(), s.exe, "deploy", "--service", s.name, "--env", env, "--version", version,
			"--", s.exe, "shop", "deploy", "--env", env, "--version", version)
		cmd.Dir = tree
		cmd.Env = s.environ("DEBRIEF_FACTS_DSN="+s.host.Place(env).DSN, "SHOP_HOST="+s.host.Control())
		if out, err := cmd.CombinedOutput(); err != nil {
			s.t.Fatalf("deploying %s to %s: %v\n%s", version, env, err, out)
		}
	}
}

// get reads one object of debrief's API.
func (w *town) get(path string, into any) error {
	res, err := http.Get(w.url + path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", res.Status, body)
	}
	return json.Unmarshal(body, into)
}

// remember records a deployment of the past, as a team does that begins today.
func (s *street) remember(version string, at time.Time) {
	s.t.Helper()
	commit, err := shop.Commit(s.t.Context(), filepath.Join(s.dir, s.name), version)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, env := range []string{"staging", "production"} {
		body, err := json.Marshal(map[string]any{
			"key": s.name + "-" + version + "-" + env, "service": s.name, "environment": env, "version": version, "commit": commit, "state": "succeeded",
			"times": debrief.Times{Started: at, Finished: at.Add(time.Minute)},
		})
		if err != nil {
			s.t.Fatal(err)
		}
		res, err := http.Post(s.url+"/api/v1/deployments", "application/json", bytes.NewReader(body))
		if err != nil {
			s.t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusAccepted {
			s.t.Fatalf("%s: %s", res.Status, text)
		}
	}
}

// latest waits until a version is recorded as the newest release and is live.
func (s *street) latest(version string) debrief.Story {
	s.t.Helper()
	var story debrief.Story
	until(s.t, 30*time.Second, s.name+" "+version+" is recorded as live", func() bool {
		story = debrief.Story{}
		err := s.get("/api/v1/releases/latest?service="+url.QueryEscape(s.name), &story)
		return err == nil && story.Release.Version == version && story.Release.Live()
	})
	return story
}

// looked waits for a release's n-th look.
func (s *street) looked(id string, n int, most time.Duration) debrief.Story {
	s.t.Helper()
	var story debrief.Story
	until(s.t, most, fmt.Sprintf("look %d of %s", n, s.name), func() bool {
		story = debrief.Story{}
		if err := s.get("/api/v1/releases/"+id, &story); err != nil {
			return false
		}
		return len(story.Looks) >= n && story.Looks[n-1].State == debrief.LookDone && len(story.Release.Looks) >= n && story.Release.Looks[n-1] != debrief.Pending
	})
	return story
}

func until(t *testing.T, most time.Duration, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	late := time.After(most)
	for !ok() {
		select {
		case <-late:
			t.Fatalf("after %s never seen: %s", most, what)
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-tick.C:
		}
	}
}
