package send_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/send"
)

// remarks is a forge's comments in memory, with the real APIs' shapes: GitHub's
// under /repos/O/N/issues/P/comments, GitLab's under
// /api/v4/projects/O%2FN/merge_requests/P/notes.
type remarks struct {
	mu     sync.Mutex
	list   []map[string]any
	next   int64
	calls  []string
	status int // answered to writes; 0: as it should be
	header map[string]string
	theirs map[int64]bool // written by somebody else: not ours to edit
}

func (f *remarks) add(body string, theirs bool) int64 {
	f.next++
	f.list = append(f.list, map[string]any{"id": f.next, "body": body, "user": map[string]any{"login": "somebody"}, "system": false})
	if theirs {
		f.theirs[f.next] = true
	}
	return f.next
}

func (f *remarks) serve(t *testing.T, list, one, token, edit string) *httptest.Server {
	f.theirs = map[int64]bool{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		path := r.URL.EscapedPath()
		f.calls = append(f.calls, r.Method+" "+path)
		if r.Header.Get("Authorization") != token && r.Header.Get("PRIVATE-TOKEN") != token {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"message": "Bad credentials"}`)
			return
		}
		var said struct {
			Body string `json:"body"`
		}
		if r.Method != http.MethodGet {
			b, _ := io.ReadAll(r.Body)
			if err := json.Unmarshal(b, &said); err != nil || said.Body == "" {
				t.Errorf("%s: %s", r.Method, b)
			}
			if f.status != 0 {
				for k, v := range f.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(f.status)
				fmt.Fprint(w, `{"message": "as asked"}`)
				return
			}
		}
		id, _ := strconv.ParseInt(path[strings.LastIndexByte(path, '/')+1:], 10, 64)
		switch {
		case path == list && r.Method == http.MethodGet:
			page, _ := strconv.Atoi(r.URL.Query().Get("page"))
			from := min((page-1)*100, len(f.list))
			_ = json.NewEncoder(w).Encode(f.list[from:min(from+100, len(f.list))])
		case path == list && r.Method == http.MethodPost:
			f.add(said.Body, false)
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{}`)
		case strings.HasPrefix(path, one) && r.Method == edit && f.theirs[id]:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"message": "Must have admin rights to Repository."}`)
		case strings.HasPrefix(path, one) && r.Method == edit:
			for _, c := range f.list {
				if c["id"] == id {
					c["body"] = said.Body
				}
			}
			fmt.Fprint(w, `{}`)
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"message": "Not Found"}`)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

const mark = "<!-- debrief:brief:shop -->"

func said(text string) debrief.Message {
	return debrief.Message{Key: "brief/x", Channel: send.CommentOn("github", "acme/shop", 12), Text: mark + "\n" + text}
}

func TestACommentIsWrittenOnceAndUpdatedInPlace(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*remarks) send.Sender{
		"GitHub": func(f *remarks) send.Sender {
			srv := f.serve(t, "/repos/acme/shop/issues/12/comments", "/repos/acme/shop/issues/comments/", "Bearer secret", http.MethodPatch)
			return send.GitHubComments(srv.URL, "secret", send.Client(srv.URL))
		},
		"GitLab": func(f *remarks) send.Sender {
			const notes = "/api/v4/projects/acme%2Fshop/merge_requests/12/notes"
			srv := f.serve(t, notes, notes+"/", "secret", http.MethodPut)
			return send.GitLabComments(srv.URL, "secret", send.Client(srv.URL))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &remarks{}
			s := open(f)
			for i := range 130 { // ours comes to lie on the second page
				f.add(fmt.Sprintf("A person's remark %d, quoting %s", i, mark), true)
			}
			try := func(m debrief.Message, want send.Outcome) {
				t.Helper()
				if got, err := s.Send(t.Context(), m); got != want || (err == nil) != (want == send.Sent) {
					t.Fatalf("%v, %v", got, err)
				}
			}
			try(said(send.QuietMark+"\nnothing"), send.Sent)
			if len(f.list) != 130 {
				t.Fatal("something was written though there is nothing to say")
			}
			try(said("first"), send.Sent)
			try(said("second"), send.Sent)
			if len(f.list) != 131 || f.list[130]["body"] != mark+"\nsecond" {
				t.Fatalf("%d comments, the last %v", len(f.list), f.list[len(f.list)-1])
			}
			// The same again writes nothing; nothing to say takes its place.
			before := len(f.calls)
			try(said("second"), send.Sent)
			for _, c := range f.calls[before:] {
				if !strings.HasPrefix(c, "GET ") {
					t.Errorf("written again: %s", c)
				}
			}
			try(said(send.QuietMark+"\nnothing now"), send.Sent)
			if len(f.list) != 131 || !strings.Contains(f.list[130]["body"].(string), "nothing now") {
				t.Errorf("%v", f.list[130])
			}
			// Somebody copied the marker: theirs is left alone, ours is updated.
			f.add(mark+"\nforged", true)
			try(said("third"), send.Sent)
			if len(f.list) != 132 || f.list[130]["body"] != mark+"\nthird" || f.list[131]["body"] != mark+"\nforged" {
				t.Errorf("%v, %v", f.list[130], f.list[131])
			}
		})
	}
}

func TestWhatBecomesOfACommentThatIsNotTaken(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		header map[string]string
		want   send.Outcome
	}{
		{http.StatusForbidden, nil, send.Refused},
		{http.StatusForbidden, map[string]string{"X-RateLimit-Remaining": "0"}, send.Failed},
		{http.StatusTooManyRequests, map[string]string{"Retry-After": "7"}, send.Failed},
		{http.StatusBadGateway, nil, send.Failed},
		{http.StatusUnprocessableEntity, nil, send.Refused},
		{http.StatusFound, map[string]string{"Location": "http://169.254.169.254/"}, send.Refused},
	} {
		f := &remarks{status: tc.status, header: tc.header}
		srv := f.serve(t, "/repos/acme/shop/issues/12/comments", "/repos/acme/shop/issues/comments/", "Bearer secret", http.MethodPatch)
		got, err := send.GitHubComments(srv.URL, "secret", send.Client(srv.URL)).Send(t.Context(), said("x"))
		if got != tc.want || err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%d: %v, %v", tc.status, got, err)
		}
		if tc.status == http.StatusTooManyRequests && send.RetryAfter(err).Seconds() != 7 {
			t.Errorf("wait %v", send.RetryAfter(err))
		}
	}
	// A wrong token, no server, and places that are none.
	f := &remarks{}
	srv := f.serve(t, "/repos/acme/shop/issues/12/comments", "/x/", "Bearer secret", http.MethodPatch)
	if got, err := send.GitHubComments(srv.URL, "wrong", send.Client(srv.URL)).Send(t.Context(), said("x")); got != send.Refused || debrief.KindOf(err) != debrief.Forbidden {
		t.Error(got, err)
	}
	private := send.GitHubComments(srv.URL, "secret", send.Client("https://api.github.com"))
	if got, err := private.Send(t.Context(), said("x")); got != send.Failed || !strings.Contains(err.Error(), "private address") {
		t.Error(got, err)
	}
	for _, channel := range []string{"github:acme#1", "github:acme/shop#0", "github:../../user#1", "github:acme/shop?x#1", "chat", ""} {
		m := said("x")
		m.Channel = channel
		if got, err := send.GitHubComments(srv.URL, "secret", send.Client(srv.URL)).Send(t.Context(), m); got != send.Refused || err == nil {
			t.Errorf("%q: %v, %v", channel, got, err)
		}
	}
}
