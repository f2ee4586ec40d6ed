package access

import (
	"net/netip"
	"strings"
)

// Loopback reports whether a request genuinely comes from this machine and was
// meant for it: the peer's address is loopback, the Host header names loopback
// (so a foreign name that was made to resolve to 127.0.0.1 does not count),
// and no header says that somebody forwarded it (so a proxy on this machine
// does not lend its address to strangers).
//
// remote is "address:port" as the connection knows it, host the Host header,
// headers the names of all headers present.
func Loopback(remote, host string, headers func(yield func(name string) bool)) bool {
	if !loopbackPeer(remote) || !LoopbackHost(host) {
		return false
	}
	if headers != nil {
		for name := range headers {
			if Forwarding(name) {
				return false
			}
		}
	}
	return true
}

func loopbackPeer(remote string) bool {
	ap, err := netip.ParseAddrPort(remote)
	return err == nil && ap.Addr().Zone() == "" && ap.Addr().Unmap().IsLoopback()
}

// LoopbackHost reports whether a Host header names loopback: localhost,
// 127.0.0.0/8 or [::1], each with or without a port. Nothing else does, also
// not names that happen to resolve there.
func LoopbackHost(host string) bool {
	name, ok := cutPort(host)
	if !ok {
		return false
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	bracketed := strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]")
	if bracketed {
		name = name[1 : len(name)-1]
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Zone() == "" && addr.Is6() == bracketed && addr.Unmap().IsLoopback()
}

// cutPort takes ":port" off a host. A colon outside brackets must be followed
// by a port.
func cutPort(host string) (name string, ok bool) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.HasSuffix(host, "]") {
		return host, host != ""
	}
	port := host[i+1:]
	if len(port) == 0 || len(port) > 5 || strings.Trim(port, "0123456789") != "" {
		return "", false
	}
	name = host[:i]
	if strings.Contains(name, ":") && !strings.HasPrefix(name, "[") {
		return "", false // an IPv6 address without brackets
	}
	return name, name != ""
}

// forwarding are headers that proxies, tunnels and content networks add.
var forwarding = map[string]bool{
	"forwarded": true, "via": true, "x-real-ip": true, "client-ip": true, "x-client-ip": true,
	"true-client-ip": true, "x-cluster-client-ip": true, "x-original-host": true, "x-original-forwarded-for": true,
	"x-proxyuser-ip": true, "fly-client-ip": true, "fastly-client-ip": true, "x-envoy-external-address": true,
	"x-envoy-peer-metadata": true, "x-azure-clientip": true, "x-azure-ref": true, "x-appengine-user-ip": true,
	"x-amzn-trace-id": true, "x-amz-cf-id": true, "cdn-loop": true, "tailscale-user-login": true,
}

var forwardingPrefixes = []string{"x-forwarded", "cf-", "x-original-", "x-arr-", "x-ngrok"}

// Forwarding reports whether a header says that a request was passed on by
// somebody. Underscores count as dashes: some proxies send X_FORWARDED_FOR.
func Forwarding(header string) bool {
	name := strings.ReplaceAll(strings.ToLower(header), "_", "-")
	if forwarding[name] {
		return true
	}
	for _, p := range forwardingPrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
