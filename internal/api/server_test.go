package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/debriefhq/debrief/internal/api"
)

// TestOverTheWire goes through a real server and connection, where paths are
// escaped, bodies may come in chunks and senders meet.
func TestOverTheWire(t *testing.T) {
	t.Parallel()
	h := open(t)
	srv := httptest.NewServer(h.main)
	t.Cleanup(srv.Close)
	do := func(method, path string, body io.Reader) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, body)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		res, err := srv.Client().Do(r)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	chunked := func(s string) io.Reader { return io.MultiReader(strings.NewReader(s), strings.NewReader("")) } // its length is not known
	if code, body := do("POST", "/api/v1/deployments", chunked(deployed)); code != 202 {
		t.Error(code, body)
	}
	if code, body := do("POST", "/api/v1/deployments", chunked(`{"output_tail":"`+strings.Repeat("x", 2<<20)+`"}`)); code != 413 {
		t.Error(code, body)
	}
	if code, body := do("PATCH", "/api/v1/deployments/a%2Fb:c", chunked(`{"state":"failed"}`)); code != 202 {
		t.Error(code, body)
	}
	if e := h.envelope(); e.Key != "deployments/ci-1" {
		t.Error(e.Key)
	}
	if e := h.envelope(); !strings.HasPrefix(e.Key, "deployments/a/b:c/") {
		t.Error(e.Key)
	}
	// Twenty senders of the same report: one is told that it is new.
	var wg sync.WaitGroup
	var mu sync.Mutex
	fresh := 0
	for range 20 {
		wg.Go(func() {
			code, body := do("POST", "/api/v1/deployments", strings.NewReader(strings.Replace(deployed, "ci-1", "ci-2", 1)))
			var got api.Recorded
			if json.Unmarshal([]byte(body), &got) != nil || code != 200 && code != 202 || got.New != (code == 202) {
				t.Error(code, body)
			}
			mu.Lock()
			defer mu.Unlock()
			if got.New {
				fresh++
			}
		})
	}
	wg.Wait()
	if fresh != 1 {
		t.Errorf("%d were told that it is new", fresh)
	}
}
