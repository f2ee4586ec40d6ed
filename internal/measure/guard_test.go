package measure

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
)

func TestAllowed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		address string
		public  bool // allowed for a host the configuration does not name
		named   bool // allowed for one it names
	}{
		{"93.184.216.34:443", true, true},
		{"[2606:2800::1]:443", true, true},
		{"127.0.0.1:9090", false, true},
		{"[::1]:9090", false, true},
		{"10.1.2.3:80", false, true},
		{"192.168.1.1:80", false, true},
		{"172.16.0.1:80", false, true},
		{"100.64.0.1:80", false, true},
		{"[fd12::1]:80", false, true},
		{"[::ffff:127.0.0.1]:80", false, true},
		{"169.254.169.254:80", false, false},
		{"[::ffff:169.254.169.254]:80", false, false},
		{"[64:ff9b::a9fe:a9fe]:80", false, false}, // NAT64 of 169.254.169.254
		{"[2002:a9fe:a9fe::1]:80", false, false},  // 6to4 of it
		{"[fe80::1%eth0]:80", false, false},
		{"[fd00:ec2::254]:80", false, false},
		{"100.100.100.200:80", false, false},
		{"0.0.0.0:80", false, false},
		{"[::]:80", false, false},
		{"224.0.0.1:80", false, false},
		{"[ff02::1]:80", false, false},
		{"255.255.255.255:80", false, false},
		{"nonsense", false, false},
	}
	for _, tt := range tests {
		if got := allowed(tt.address, false) == nil; got != tt.public {
			t.Errorf("%s, not named: allowed = %v", tt.address, got)
		}
		if got := allowed(tt.address, true) == nil; got != tt.named {
			t.Errorf("%s, named: allowed = %v", tt.address, got)
		}
	}
}

func TestClientChecksAfterTheNameWasResolved(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(srv.Close)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	url := "http://localhost:" + port + "/" // a name for a loopback address
	if _, err := get(t, ClientOptions{}, url); debrief.KindOf(err) != debrief.Forbidden || !strings.Contains(err.Error(), "private address") {
		t.Errorf("a name that is not configured reached loopback: %v", err)
	}
	for _, named := range []string{"localhost", "LOCALHOST:1", "http://localhost:9/prefix"} {
		res, err := get(t, ClientOptions{Named: []string{named}}, url)
		if err != nil {
			t.Errorf("named as %s: %v", named, err)
			continue
		}
		res.Body.Close()
	}
}

func TestClientFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 10)
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} }))
	t.Cleanup(other.Close)
	srv := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	t.Cleanup(srv.Close)
	named := []string{srv.URL, other.URL}
	if _, err := get(t, ClientOptions{Named: named}, srv.URL); err == nil || !strings.Contains(err.Error(), "redirected to "+other.URL) {
		t.Errorf("err = %v", err)
	}
	res, err := get(t, ClientOptions{Named: named, KeepRedirect: true}, srv.URL)
	if err != nil || res.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("kept: %v %v", res, err)
	}
	if len(reached) > 0 {
		t.Error("a redirect was followed")
	}
}

func TestClientRefusesABundleWithoutCertificates(t *testing.T) {
	t.Parallel()
	if _, err := Client(ClientOptions{CA: []byte("not a certificate")}); err == nil {
		t.Error("accepted")
	}
}

func get(t *testing.T, o ClientOptions, url string) (*http.Response, error) {
	t.Helper()
	c, err := Client(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err == nil {
		t.Cleanup(func() { res.Body.Close() })
	}
	return res, err
}
