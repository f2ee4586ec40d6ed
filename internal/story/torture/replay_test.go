package torture_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// TestReplayKilled replays what GitHub and Argo CD told of the same deployments
// days ago: once in order, and once shuffled, with repetitions, while the
// server is killed at random moments. What is known in the end must be the same
// byte for byte, receipt times apart.
func TestReplayKilled(t *testing.T) {
	t.Parallel()
	kills := 10
	if n, err := strconv.Atoi(os.Getenv("DEBRIEF_KILLS")); err == nil {
		kills = n
	}
	bin := build(t)
	story := past(time.Now().Add(-6*24*time.Hour).Truncate(time.Second), max(12, kills))
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			want := replay(t, bin, fresh(t, engine), story, 0)
			got := replay(t, bin, fresh(t, engine), story, kills)
			if got != want {
				t.Error(cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
			}
			if n := strings.Count(want, `{"table":"deployments"`); n != max(12, kills) {
				t.Errorf("%d deployments: each was told by two sources and is one", n)
			}
		})
	}
}

func fresh(t *testing.T, engine string) string {
	t.Helper()
	if engine == "postgres" {
		return storetest.Cluster(t, "fsync=on").DSN("postgres")
	}
	return filepath.Join(t.TempDir(), "debrief.db")
}

const argoSecret = "argo's secret, nobody else's"

// past is n deployments of a service, each told by GitHub (push, deployment,
// two statuses) and by Argo CD (begun, healthy).
func past(began time.Time, n int) []request {
	var out []request
	hook := func(kind string, body map[string]any) {
		body["repository"] = map[string]any{"full_name": "acme/shop", "html_url": "https://github.com/acme/shop", "default_branch": "main", "pushed_at": began.Unix()}
		b, _ := json.Marshal(body)
		mac := hmac.New(sha256.New, []byte(hookSecret))
		mac.Write(b)
		out = append(out, request{"POST", "/hooks/github", map[string]string{
			"X-GitHub-Event": kind, "X-GitHub-Delivery": fmt.Sprintf("d-%d", len(out)), "X-Hub-Signature-256": fmt.Sprintf("sha256=%x", mac.Sum(nil)),
		}, b})
	}
	argo := func(body map[string]any) {
		b, _ := json.Marshal(body)
		out = append(out, request{"POST", "/hooks/argocd", map[string]string{"Authorization": "Bearer " + argoSecret}, b})
	}
	for i := range n {
		at := func(m int) string {
			return began.Add(time.Duration(i*90+m) * time.Minute).UTC().Format(time.RFC3339)
		}
		sha := fmt.Sprintf("%x", sha256.Sum256([]byte(strconv.Itoa(i))))[:40]
		hook("push", map[string]any{
			"ref": "refs/heads/main", "before": strings.Repeat("0", 40), "after": sha,
			"commits": []any{map[string]any{"id": sha, "message": "change " + sha[:7], "timestamp": at(-30), "added": []string{}, "removed": []string{}, "modified": []string{"a.go"}}},
		})
		deployment := map[string]any{"id": 100 + i, "sha": sha, "ref": "main", "environment": "production", "created_at": at(0), "payload": map[string]any{}}
		hook("deployment", map[string]any{"action": "created", "deployment": deployment})
		argo(map[string]any{
			"app": "shop", "environment": "production", "operation": map[string]any{"phase": "Running", "startedAt": at(3), "revision": sha},
		})
		for j, state := range []string{"in_progress", "success"} {
			hook("deployment_status", map[string]any{
				"action": "created", "deployment": deployment,
				"deployment_status": map[string]any{"id": 1000 + 10*i + j, "state": state, "created_at": at(2 + 8*j), "updated_at": at(2 + 8*j), "environment": "production"},
			})
		}
		argo(map[string]any{
			"app": "shop", "environment": "production", "images": []string{fmt.Sprintf("acme/shop:v%d", i)},
			"health":    map[string]any{"status": "Healthy", "lastTransitionTime": at(9)},
			"operation": map[string]any{"phase": "Succeeded", "startedAt": at(3), "finishedAt": at(8), "revision": sha},
		})
	}
	return out
}

// replay gives a server the story and returns what it knows when nothing is
// left to do: in order, or shuffled and repeated under so many kills.
func replay(t *testing.T, bin, dsn string, story []request, kills int) string {
	t.Helper()
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s := &server{t: t, bin: bin, dsn: dsn, config: filepath.Join(dir, "debrief.yaml"), addr: freeAddress(t), log: log}
	text := "sources:\n  github:\n    secret: \"" + hookSecret + "\"\n  argocd:\n    secret: \"" + argoSecret + "\"\n"
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	defer func() { _ = s.cmd.Process.Kill() }()
	c := &client{t: t, addr: s.addr, stop: make(chan struct{}), book: filepath.Join(dir, "accepted.log")}

	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 3))
	senders := 1
	order := story
	if kills > 0 {
		t.Logf("seed %d, %d kills", seed, kills)
		senders = writers
		order = append([]request(nil), story...)
		for range len(story) {
			order = append(order, story[rnd.IntN(len(story))])
		}
		rnd.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	var wg sync.WaitGroup
	for w := range senders {
		wg.Go(func() {
			for i := w; i < len(order); i += senders {
				for !c.do(order[i]) {
					time.Sleep(5 * time.Millisecond) // the server is being killed
				}
				c.note(c.book, strconv.Itoa(i))
			}
		})
	}
	for k := range kills {
		// Spread over the replay and the work after it.
		part := (k + 1) * len(order) / (kills + 1)
		waitFor(t, "the server to accept more", func() bool { return c.count() >= part })
		time.Sleep(time.Duration(rnd.IntN(60)) * time.Millisecond) // the random moment itself
		if err := s.cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = s.cmd.Wait()
		s.start()
	}
	wg.Wait()
	return s.settled()
}

// settled is what is known once nothing is left to do.
func (s *server) settled() string {
	st, err := store.Open(s.t.Context(), s.dsn, store.Options{Now: time.Now, NewID: storetest.IDs()})
	if err != nil {
		s.t.Fatal(err)
	}
	defer st.Close()
	// Whatever one step asks of another stands in the queue with what it did;
	// only purging comes round by itself.
	steps := slices.DeleteFunc(loop.Kinds(), func(kind string) bool { return kind == "purge" })
	waitFor(s.t, "the server to have done everything", func() bool {
		at, ok, err := st.NextDue(s.t.Context(), steps)
		if err != nil {
			s.t.Fatal(err)
		}
		return !ok || at.After(time.Now().Add(time.Hour))
	})
	if buried, err := st.Buried(s.t.Context(), 10); err != nil || len(buried) > 0 {
		s.t.Fatal(buried, err)
	}
	var b bytes.Buffer
	if _, err := st.Export(s.t.Context(), &b, false); err != nil {
		s.t.Fatal(err)
	}
	return b.String()
}
