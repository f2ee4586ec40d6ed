package measure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/debriefhq/debrief"
)

// ClientOptions says whom a client may talk to.
type ClientOptions struct {
	// Named holds the hosts, or URLs, that the configuration names. Only
	// these may resolve to private or loopback addresses.
	Named []string
	// CA is a PEM bundle trusted beside the system's; empty: the system's.
	CA []byte
	// KeepRedirect hands a redirect to the caller as the answer it is, instead
	// of an error. It is never followed either way.
	KeepRedirect bool
}

// Client is an HTTP client that cannot be talked into asking somebody else:
// it follows no redirect, never connects to link-local, unspecified or
// multicast addresses (where cloud machines keep their credentials), and
// connects to private ones only for hosts the configuration names. Addresses
// are checked after the name was resolved, so a name cannot hide one. It uses no
// proxy: a proxy would resolve names where this check cannot see them.
func Client(o ClientOptions) (*http.Client, error) {
	named := map[string]bool{}
	for _, h := range o.Named {
		named[hostOf(h)] = true
	}
	tr := &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			private := named[strings.ToLower(host)]
			d := net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
				return allowed(address, private)
			}}
			return d.DialContext(ctx, network, addr)
		},
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if len(o.CA) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(o.CA) {
			return nil, debrief.Errorf(debrief.Invalid, "ca_file", "holds no certificate in PEM form")
		}
		tr.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: tr, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if o.KeepRedirect {
			return http.ErrUseLastResponse
		}
		return redirected(r.URL)
	}}, nil
}

func redirected(to *url.URL) error {
	return debrief.Errorf(debrief.Invalid, "", "redirected to %s://%s, which is not followed", to.Scheme, to.Host).
		WithHint("name the final address in the configuration")
}

// hostOf is the host of a URL, of host:port, or of a bare host.
func hostOf(s string) string {
	if u, err := url.Parse(s); err == nil && u.Host != "" {
		return strings.ToLower(u.Hostname())
	}
	if h, _, err := net.SplitHostPort(s); err == nil {
		s = h
	}
	return strings.ToLower(strings.Trim(s, "[]"))
}

// allowed judges the address a connection is about to be made to.
func allowed(address string, private bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("no address: %s", address)
	}
	ip := embedded(ap.Addr().WithZone("").Unmap())
	refuse := func(what string) error {
		return debrief.Errorf(debrief.Forbidden, "", "%s is %s and is never asked", ip, what)
	}
	switch {
	case ip.IsLinkLocalUnicast():
		return refuse("a link-local address")
	case ip.IsUnspecified():
		return refuse("the unspecified address")
	case ip.IsMulticast(), ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return refuse("a multicast or broadcast address")
	case cloudMetadata[ip]:
		return refuse("a cloud's metadata service")
	case !private && isPrivate(ip):
		return debrief.Errorf(debrief.Forbidden, "", "%s is a private address", ip).
			WithHint("name its host in the configuration if it may be asked")
	}
	return nil
}

// embedded is the IPv4 address inside a NAT64 or 6to4 address, since that is
// where such a connection ends.
func embedded(ip netip.Addr) netip.Addr {
	b := ip.As16()
	switch {
	case !ip.Is6():
		return ip
	case nat64.Contains(ip):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case b[0] == 0x20 && b[1] == 0x02:
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return ip
}

var (
	nat64       = netip.MustParsePrefix("64:ff9b::/96")
	carrierNAT  = netip.MustParsePrefix("100.64.0.0/10")
	thisNetwork = netip.MustParsePrefix("0.0.0.0/8")
	// Metadata services that do not live on a link-local address.
	cloudMetadata = map[netip.Addr]bool{
		netip.MustParseAddr("fd00:ec2::254"):   true,
		netip.MustParseAddr("100.100.100.200"): true,
	}
)

func isPrivate(ip netip.Addr) bool {
	return ip.IsLoopback() || ip.IsPrivate() || carrierNAT.Contains(ip) || thisNetwork.Contains(ip)
}
