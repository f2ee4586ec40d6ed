package cli

import (
	"net"
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/config"
)

func TestAddressesPeopleCanOpen(t *testing.T) {
	t.Parallel()
	chat := config.Config{Chat: config.Chat{Webhook: "https://hooks.slack.test/x"}}
	chatWithURL := chat
	chatWithURL.URL = "https://debrief.example/"
	public := config.Config{PublicListen: ":9000", Sources: map[string]config.Source{"github": {}}}
	signed := config.Config{PublicListen: ":9000", Sources: map[string]config.Source{"github": {Secret: "s"}}}
	for _, c := range []struct {
		address         string
		cfg             config.Config
		open, link, say string
	}{
		{"127.0.0.1:8080", config.Config{}, "http://127.0.0.1:8080", "http://127.0.0.1:8080", ""},
		{"127.0.0.1:8080", chat, "http://127.0.0.1:8080", "http://127.0.0.1:8080", ""},
		{"[::]:18304", config.Config{}, "http://127.0.0.1:18304", "", ""},
		{"0.0.0.0:18304", chat, "http://127.0.0.1:18304", "", "DEBRIEF_PUBLIC_URL"},
		{"10.0.0.5:80", chat, "http://10.0.0.5:80", "http://10.0.0.5:80", "DEBRIEF_PUBLIC_URL"},
		{"[::]:80", chatWithURL, "http://127.0.0.1:80", "https://debrief.example", ""},
		{"[::1]:80", config.Config{}, "http://[::1]:80", "http://[::1]:80", ""},
		{"127.0.0.1:80", public, "http://127.0.0.1:80", "http://127.0.0.1:80", "no source has a secret"},
		{"127.0.0.1:80", signed, "http://127.0.0.1:80", "http://127.0.0.1:80", ""},
	} {
		a, err := net.ResolveTCPAddr("tcp", c.address)
		if err != nil {
			t.Fatal(err)
		}
		if got := openable(a); got != c.open {
			t.Errorf("%s can be opened as %q, want %q", c.address, got, c.open)
		}
		if got := linksTo(c.cfg, a); got != c.link {
			t.Errorf("%s: links begin with %q, want %q", c.address, got, c.link)
		}
		said := strings.Join(doubts(c.cfg, a), "\n")
		if (said == "") != (c.say == "") || !strings.Contains(said, c.say) {
			t.Errorf("%s: %q is said, want %q", c.address, said, c.say)
		}
	}
}

func TestABusyPortNamesItsOwnFlag(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := listen(l.Addr().String(), "public_listen"); err == nil || !strings.Contains(err.Error(), "--public-listen") {
		t.Error(err)
	}
}
