package access_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
)

func TestLoopback(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		remote, host string
		headers      []string
		want         bool
	}{
		{"127.0.0.1:5000", "localhost:8080", nil, true},
		{"127.0.0.1:5000", "localhost", []string{"Accept", "User-Agent", "Origin"}, true},
		{"127.0.0.1:5000", "LOCALHOST:8080", nil, true},
		{"127.9.9.9:1", "127.1.2.3:65535", nil, true},
		{"[::1]:5000", "[::1]:8080", nil, true},
		{"[::1]:5000", "[::1]", nil, true},
		{"[::ffff:127.0.0.1]:5000", "127.0.0.1", nil, true},
		// A foreign name that resolves to loopback: DNS rebinding.
		{"127.0.0.1:5000", "evil.example:8080", nil, false},
		{"127.0.0.1:5000", "localhost.evil.example", nil, false},
		{"127.0.0.1:5000", "evil.localhost", nil, false},
		{"127.0.0.1:5000", "localhost.", nil, false},
		{"127.0.0.1:5000", "127.0.0.1.nip.io", nil, false},
		{"127.0.0.1:5000", "127.1", nil, false},
		{"127.0.0.1:5000", "2130706433", nil, false},
		{"127.0.0.1:5000", "0x7f.0.0.1", nil, false},
		{"127.0.0.1:5000", "0.0.0.0:8080", nil, false},
		{"127.0.0.1:5000", "", nil, false},
		{"127.0.0.1:5000", ":8080", nil, false},
		{"127.0.0.1:5000", "localhost:", nil, false},
		{"127.0.0.1:5000", "localhost:80a", nil, false},
		{"127.0.0.1:5000", "localhost:123456", nil, false},
		{"127.0.0.1:5000", "user@localhost", nil, false},
		{"127.0.0.1:5000", "localhost:80:80", nil, false},
		{"127.0.0.1:5000", "::1", nil, false},
		{"127.0.0.1:5000", "::1:8080", nil, false},
		{"127.0.0.1:5000", "[::1%lo]:8080", nil, false},
		{"127.0.0.1:5000", "[127.0.0.1]:8080", nil, false},
		{"127.0.0.1:5000", "[localhost]", nil, false},
		{"127.0.0.1:5000", "10.0.0.5:8080", nil, false},
		// A peer that is not this machine, whatever it says.
		{"10.0.0.5:5000", "localhost:8080", nil, false},
		{"[fe80::1%eth0]:5000", "localhost", nil, false},
		{"[::1%lo]:5000", "localhost", nil, false},
		{"[2001:db8::1]:5000", "[::1]:8080", nil, false},
		{"0.0.0.0:5000", "localhost", nil, false},
		{"localhost:5000", "localhost", nil, false},
		{"@", "localhost", nil, false},
		{"", "localhost", nil, false},
		// A proxy on this machine.
		{"127.0.0.1:5000", "localhost", []string{"Accept", "X-Forwarded-For"}, false},
		{"127.0.0.1:5000", "localhost", []string{"x-forwarded-proto"}, false},
		{"127.0.0.1:5000", "localhost", []string{"X_Forwarded_For"}, false},
		{"127.0.0.1:5000", "localhost", []string{"Forwarded"}, false},
		{"127.0.0.1:5000", "localhost", []string{"VIA"}, false},
		{"127.0.0.1:5000", "localhost", []string{"X-Real-Ip"}, false},
		{"127.0.0.1:5000", "localhost", []string{"Cf-Connecting-Ip"}, false},
		{"127.0.0.1:5000", "localhost", []string{"Cdn-Loop"}, false},
	} {
		if got := access.Loopback(c.remote, c.host, slices.Values(c.headers)); got != c.want {
			t.Errorf("Loopback(%q, %q, %v) = %v, want %v", c.remote, c.host, c.headers, got, c.want)
		}
	}
	if !access.Loopback("127.0.0.1:1", "localhost", nil) {
		t.Error("no headers at all is loopback")
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	read, write := &access.Grant{Scope: access.Read}, &access.Grant{Scope: access.Write}
	for _, c := range []struct {
		name string
		f    access.Facts
		want debrief.ErrorKind
	}{
		{"loopback", access.Facts{Loopback: true, Need: access.Write}, ""},
		{"loopback with an unknown token", access.Facts{Loopback: true, Need: access.Write, Asked: true}, ""},
		{"nothing shown", access.Facts{Need: access.Read}, debrief.Unauthorized},
		{"unknown", access.Facts{Need: access.Read, Asked: true}, debrief.Unauthorized},
		{"revoked", access.Facts{Need: access.Read, Asked: true, Grant: &access.Grant{Scope: access.Write, Revoked: true}}, debrief.Unauthorized},
		{"read reads", access.Facts{Need: access.Read, Asked: true, Grant: read}, ""},
		{"read writes", access.Facts{Need: access.Write, Asked: true, Grant: read}, debrief.Forbidden},
		{"write reads", access.Facts{Need: access.Read, Asked: true, Grant: write}, ""},
		{"write writes", access.Facts{Need: access.Write, Asked: true, Grant: write}, ""},
		{"no scope", access.Facts{Need: access.Read, Asked: true, Grant: &access.Grant{}}, debrief.Forbidden},
		{"unknown scope", access.Facts{Need: access.Read, Asked: true, Grant: &access.Grant{Scope: "admin"}}, debrief.Forbidden},
		{"no need named", access.Facts{Asked: true, Grant: write}, debrief.Forbidden},
	} {
		err := access.Decide(c.f)
		if (err == nil) != (c.want == "") || err != nil && debrief.KindOf(err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestListenAllowed(t *testing.T) {
	t.Parallel()
	for listen, alone := range map[string]bool{
		"127.0.0.1:8080": true, "localhost:8080": true, "LocalHost:0": true, "[::1]:8080": true, "127.8.8.8:1": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "10.0.0.5:80": false, "shop.internal:80": false, "[fe80::1%eth0]:80": false,
	} {
		if err := access.ListenAllowed(listen, false); (err == nil) != alone {
			t.Errorf("without a token %q: %v", listen, err)
		}
		if err := access.ListenAllowed(listen, true); err != nil {
			t.Errorf("with a token %q: %v", listen, err)
		}
	}
	for _, bad := range []string{"", "8080", "localhost", "::1:8080", "http://localhost:8080", "localhost:http", "localhost:999999"} {
		if err := access.ListenAllowed(bad, true); debrief.KindOf(err) != debrief.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	a, err := access.NewToken(bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	if err != nil || !access.WellFormed(a) {
		t.Fatalf("%q, %v", a, err)
	}
	if _, err := access.NewToken(strings.NewReader("short")); err == nil {
		t.Error("too little randomness must be an error")
	}
	for _, bad := range []string{"", "dbt_", a[:len(a)-1], a + "A", "xyz_" + a[4:], a[:len(a)-1] + "!"} {
		if access.WellFormed(bad) {
			t.Errorf("%q is not a token", bad)
		}
	}
	if h := access.Hash(a); len(h) != 64 || strings.Contains(h, a[4:]) || !access.SameHash(h, access.Hash(a)) || access.SameHash(h, access.Hash(a+"x")) {
		t.Errorf("hash %q", h)
	}
	if debrief.Mask("token "+a) == "token "+a {
		t.Error("a token must be masked wherever it is logged")
	}
	for header, want := range map[string]string{"": "", "Bearer " + a: a, "bearer   " + a: a} {
		if got, err := access.Bearer(header); err != nil || got != want {
			t.Errorf("%q: %q, %v", header, got, err)
		}
	}
	for _, bad := range []string{"Bearer", "Bearer ", "Basic abc", a} {
		if _, err := access.Bearer(bad); debrief.KindOf(err) != debrief.Unauthorized {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := access.ParseScope("admin"); debrief.KindOf(err) != debrief.Invalid {
		t.Error(err)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	key, now := []byte("0123456789abcdef"), time.Date(2026, 11, 17, 14, 3, 0, 0, time.UTC)
	s := access.Session{TokenID: "0190-x.y", Expires: now.Add(time.Hour)}
	cookie := access.Sign(key, s)
	if got, err := access.Verify(key, cookie, now); err != nil || got != s {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := access.Verify(key, cookie, now.Add(time.Hour)); err == nil {
		t.Error("it has expired")
	}
	if _, err := access.Verify([]byte("another key"), cookie, now); err == nil {
		t.Error("signed with another key")
	}
	if _, err := access.Verify(nil, access.Sign(nil, s), now); err == nil {
		t.Error("an empty key signs nothing")
	}
	for i := range cookie { // any single changed character
		forged := []byte(cookie)
		forged[i] ^= 1
		if got, err := access.Verify(key, string(forged), now); err == nil {
			t.Fatalf("changed at %d is still good: %+v", i, got)
		}
	}
	var e *debrief.Error
	if _, err := access.Verify(key, "a.b", now); !errors.As(err, &e) || e.Kind != debrief.Unauthorized || e.Hint == "" {
		t.Error(err)
	}
}

func FuzzLoopback(f *testing.F) {
	for _, h := range []string{"localhost:8080", "[::1]:80", "127.0.0.1", "evil.example", "::1", "[::1%lo]", "localhost:"} {
		f.Add("127.0.0.1:5000", h, "Accept")
	}
	f.Fuzz(func(t *testing.T, remote, host, header string) {
		if !access.Loopback(remote, host, slices.Values([]string{header})) {
			return
		}
		lower := strings.ToLower(host)
		if !strings.HasPrefix(lower, "localhost") && !strings.HasPrefix(lower, "127.") && !strings.HasPrefix(lower, "[") {
			t.Errorf("%q counts as loopback", host)
		}
		if access.Forwarding(header) || strings.ContainsAny(host, "@/ %") {
			t.Errorf("forwarded or odd, and yet loopback: %q %q", host, header)
		}
	})
}

func FuzzVerify(f *testing.F) {
	key, now := []byte("k"), time.Unix(1_800_000_000, 0)
	f.Add(access.Sign([]byte("other"), access.Session{TokenID: "x", Expires: now.Add(time.Hour)}))
	f.Add("..")
	f.Fuzz(func(t *testing.T, value string) {
		if s, err := access.Verify(key, value, now); err == nil && access.Sign(key, s) != value {
			t.Errorf("%q verified as %+v", value, s)
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	headers := []string{"Accept", "User-Agent", "Content-Type", "Content-Length", "Accept-Encoding"}
	for b.Loop() {
		f := access.Facts{Loopback: access.Loopback("127.0.0.1:5000", "localhost:8080", slices.Values(headers)), Need: access.Write}
		if access.Decide(f) != nil {
			b.Fatal("refused")
		}
	}
}
