package loop_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeForge serves lists and objects as a forge's API does: in pages with Link
// headers, with ETags, with a rate limit, and with failures on demand. Shapes
// follow docs.github.com/en/rest and docs.gitlab.com/api.
type fakeForge struct {
	*httptest.Server
	mu        sync.Mutex
	page      int // items of one page
	lists     map[string]func(url.Values) []any
	objects   map[string]func() any
	under     map[string]string // lists that stand within an object
	fail      func(n int) int   // status to answer the n-th request with; 0: as it should be
	asked     int
	unchanged int
	limit     [2]int64 // remaining, reset; 0, 0: none told
}

func newFakeForge(t testing.TB) *fakeForge {
	f := &fakeForge{page: 3, lists: map[string]func(url.Values) []any{}, objects: map[string]func() any{}, under: map[string]string{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeForge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.limit[1] != 0 {
		w.Header().Set("X-RateLimit-Limit", "100")
		w.Header().Set("X-RateLimit-Remaining", fmt.Sprint(f.limit[0]))
		w.Header().Set("X-RateLimit-Reset", fmt.Sprint(f.limit[1]))
		f.limit[0] = max(f.limit[0]-1, 0)
	}
	if f.fail != nil {
		if status := f.fail(f.asked); status != 0 {
			if status == http.StatusTooManyRequests {
				w.Header().Set("Retry-After", "30")
			}
			w.WriteHeader(status)
			return
		}
	}
	path := r.URL.EscapedPath()
	var body any
	if list, ok := f.lists[path]; ok {
		all := list(r.URL.Query())
		n, _ := strconv.Atoi(r.URL.Query().Get("page"))
		n = max(n, 1)
		from, to := min((n-1)*f.page, len(all)), min(n*f.page, len(all))
		if to < len(all) {
			q := r.URL.Query()
			q.Set("page", fmt.Sprint(n+1))
			w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next", <%s/x>; rel="last"`, f.URL, path, q.Encode(), f.URL))
		}
		body = append([]any{}, all[from:to]...)
		if name := f.under[path]; name != "" {
			body = map[string]any{name: body, "total_count": len(all)}
		}
	} else if object, ok := f.objects[path]; ok {
		body = object()
	}
	if body == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text)
	tag := `W/"` + hex.EncodeToString(sum[:8]) + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		f.unchanged++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(text)
}

// newest orders a list as forges do: what moved last comes first.
func newest(list []map[string]any, by string) []any {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b map[string]any) int {
		return strings.Compare(b[by].(string), a[by].(string))
	})
	out := make([]any, len(sorted))
	for i, v := range sorted {
		out[i] = v
	}
	return out
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func hash(n int) string { return fmt.Sprintf("%040x", 0xabc000000+n) }

// with is a copy of an object with more in it.
func with(m map[string]any, more ...any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	for i := 0; i < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}
