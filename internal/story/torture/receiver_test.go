package torture_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// receiver is a chat server that remembers everything said to it.
type receiver struct {
	srv *httptest.Server
	mu  sync.Mutex
	got map[string]int
}

func newReceiver() *receiver {
	r := &receiver{got: map[string]int{}}
	r.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		b, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.got[string(b)]++
		r.mu.Unlock()
		fmt.Fprint(w, "ok")
	}))
	return r
}

func (r *receiver) said() (n int, twice []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for text, times := range r.got {
		n += times
		if times > 1 {
			twice = append(twice, text)
		}
	}
	return n, twice
}
