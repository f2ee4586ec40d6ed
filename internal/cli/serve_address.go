package cli

import (
	"net"
	"net/netip"
	"strings"

	"github.com/debriefhq/debrief/internal/config"
)

// everywhere reports an address that stands for all of a machine's: it can be
// listened on, and not be opened.
func everywhere(a net.Addr) bool {
	ap, err := netip.ParseAddrPort(a.String())
	return err == nil && ap.Addr().Unmap().IsUnspecified()
}

// openable is an address of the server that a person at this machine can open.
func openable(a net.Addr) string {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil || !everywhere(a) {
		return "http://" + a.String()
	}
	return "http://" + netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), ap.Port()).String()
}

// linksTo is what links in messages begin with: what the configuration says,
// else the one address there is; empty where a reader could open none that is
// known here.
func linksTo(cfg config.Config, a net.Addr) string {
	switch {
	case cfg.URL != "":
		return strings.TrimRight(cfg.URL, "/")
	case everywhere(a):
		return ""
	}
	return openable(a)
}

// doubts are what is most likely not meant, though it can be run.
func doubts(cfg config.Config, a net.Addr) []string {
	var all []string
	ap, err := netip.ParseAddrPort(a.String())
	if cfg.Chat.Webhook != "" && cfg.URL == "" && err == nil && !ap.Addr().Unmap().IsLoopback() {
		all = append(all, "messages to chat have no link that surely works: set url, or DEBRIEF_PUBLIC_URL, to how people reach the pages")
	}
	if cfg.PublicListen != "" && !anySecret(cfg.Sources) {
		all = append(all, "public_listen takes signed webhooks only, and no source has a secret: every one will be refused; set sources.github.secret, or DEBRIEF_SOURCES=github and DEBRIEF_SOURCES_GITHUB_SECRET")
	}
	return all
}

func anySecret(sources map[string]config.Source) bool {
	for _, s := range sources {
		if s.Secret != "" {
			return true
		}
	}
	return false
}
