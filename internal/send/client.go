package send

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Timeout bounds one message from dialling to the answer's last byte.
const Timeout = 10 * time.Second

// Client is an HTTP client that goes only where it was told to: it follows no
// redirect, uses no proxy, never dials link-local addresses (where clouds keep
// their credentials), and dials private or loopback ones only for hosts named
// here because the configuration names them.
func Client(named ...string) *http.Client {
	hosts := make([]string, len(named))
	for i, n := range named {
		hosts[i] = hostOf(n)
	}
	return &http.Client{
		Timeout:       Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            guard{named: hosts}.dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    Timeout / 2,
			MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:      true, // a message is rare; a stale connection would make its outcome unclear
		},
	}
}

// hostOf accepts a URL or a host.
func hostOf(s string) string {
	if u, err := url.Parse(s); err == nil && u.Hostname() != "" {
		return strings.ToLower(u.Hostname())
	}
	return strings.ToLower(s)
}

type guard struct{ named []string }

// dial resolves first and dials the address it has looked at, so that a name
// cannot resolve to something else in between.
func (g guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, hideName(err)
	}
	named := slices.Contains(g.named, strings.ToLower(host))
	var last error
	for _, a := range addrs {
		if err := allowed(a, named); err != nil {
			last = err
			continue
		}
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(a.Unmap().String(), port))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	if last == nil {
		last = errors.New("the name has no address")
	}
	return nil, last
}

func allowed(a netip.Addr, named bool) error {
	a = a.Unmap()
	switch {
	case a.IsLinkLocalUnicast(), a.IsMulticast(), a.IsUnspecified(), !a.IsValid(), a.Zone() != "":
		return fmt.Errorf("%s is a link-local or otherwise special address, which debrief never calls", a)
	case !named && (a.IsLoopback() || a.IsPrivate() || carrierNAT.Contains(a)):
		return fmt.Errorf("%s is a private address that the configuration does not name", a)
	}
	return nil
}

var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

// hideName keeps the looked-up name out of the error: some receivers put their
// secret into it.
func hideName(err error) error {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return errors.New("the receiver's name could not be resolved: " + dns.Err)
	}
	return err
}
