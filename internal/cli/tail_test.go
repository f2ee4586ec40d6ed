package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
)

// tailOf writes chunks to one stream and returns what passed and what was kept.
func tailOf(environ []string, chunks ...string) (passed, kept string) {
	var t tail
	var out bytes.Buffer
	s := t.stream(&out)
	for _, c := range chunks {
		_, _ = s.Write([]byte(c))
	}
	return out.String(), t.text(environ, s)
}

func TestTail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		environ []string
		chunks  []string
		want    string
	}{
		{name: "nothing"},
		{name: "no newline at the end", chunks: []string{"one\ntwo"}, want: "one\ntwo"},
		{name: "halves are put together", chunks: []string{"passw", "ord=hun", "ter2\nnext\n"}, want: "password=***\nnext"},
		{name: "a progress bar", chunks: []string{"10 %\r20 %\r", "100 %", "\ndone\n"}, want: "100 %\ndone"},
		{name: "windows lines", chunks: []string{"one\r\ntwo\r", "\n"}, want: "one\ntwo"},
		{name: "colours", chunks: []string{"\x1b[31mred\x1b[0m \x1b]0;title\x07text\x1b[2K\n"}, want: "red text"},
		{name: "colours within a secret", chunks: []string{"token=\x1b[1mabc\x1b[0mdef\n"}, want: "token=***"},
		{name: "what is no text", chunks: []string{"a\x00b\xffc\n"}, want: "ab\uFFFDc"},
		{name: "a variable's value", environ: []string{"MY_TOKEN=correct-horse", "HOME=/home/me-and-you", "A_SECRET=true"}, chunks: []string{"it is correct-horse, true, /home/me-and-you\n"}, want: "it is ***, true, /home/me-and-you"},
		{name: "a key whose beginning is gone", chunks: []string{"MIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----\nfine\n"}, want: "***\nfine"},
		{name: "half a key", chunks: []string{"fine\n-----BEGIN PRIVATE KEY-----\nMIIEow\n"}, want: "fine\n***"},
		{name: "half a key of another kind", chunks: []string{"fine\n-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQdG\n"}, want: "fine\n***"},
		{name: "two halves", chunks: []string{"MII\n-----END PRIVATE KEY-----\nfine\n-----BEGIN PRIVATE KEY-----\nMII\n"}, want: "***\nfine\n***"},
		{name: "short values of variables", environ: []string{"DB_PASS=s3cr", "MY_PWD=pw+9!", "STRIPE_KEY=k7Gh2"}, chunks: []string{"s3cr s3cret (pw+9!) k7Gh2.\n"}, want: "*** s3cret (***) ***."},
		{name: "a variable within another", environ: []string{"A_TOKEN=12345678", "B_TOKEN=12345678-and-more"}, chunks: []string{"12345678-and-more 12345678\n"}, want: "*** ***"},
		{name: "an address in a variable", environ: []string{"DATABASE_URL=postgres://shop:hunt%25er2@db/shop"}, chunks: []string{"cannot log in with hunt%er2, hunt%25er2\n"}, want: "cannot log in with ***, ***"},
		{name: "where it stands", environ: []string{"PWD=/srv/shop-deploy", "OLDPWD=/srv/before"}, chunks: []string{"in /srv/shop-deploy from /srv/before\n"}, want: "in /srv/shop-deploy from /srv/before"},
		{name: "a certificate is no secret", chunks: []string{"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"}, want: "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----"},
		{name: "a long line", chunks: []string{"short word " + strings.Repeat("x", 2*lineBytes) + "\nnext\n"}, want: "short word…\nnext"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			passed, kept := tailOf(c.environ, c.chunks...)
			if kept != c.want {
				t.Errorf("kept %q, want %q", kept, c.want)
			}
			if passed != strings.Join(c.chunks, "") {
				t.Errorf("passed on %q", passed)
			}
		})
	}
}

func TestTailIsBounded(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 1000 {
		lines = append(lines, fmt.Sprintf("line %d", i))
	}
	_, kept := tailOf(nil, strings.Join(lines, "\n")+"\n")
	if got := strings.Split(kept, "\n"); !slices.Equal(got, lines[1000-tailLines:]) {
		t.Errorf("%d lines, from %q", len(got), got[0])
	}
	_, kept = tailOf(nil, strings.Repeat(strings.Repeat("w ", 4000)+"\n", 100))
	if len(kept) > tailBytes || len(kept) < tailBytes/2 {
		t.Errorf("%d bytes kept, and at most %d are allowed", len(kept), tailBytes)
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"./deploy.sh --fast":                        {"./deploy.sh", "--fast"},
		"sh -c 'echo '\\''a'\\'''":                  {"sh", "-c", "echo 'a'"},
		"x ''":                                      {"x", ""},
		"x --db-password *** y":                     {"x", "--db-password", "hunter2", "y"},
		"env PGPASSWORD=*** psql":                   {"env", "PGPASSWORD=hunter2", "psql"},
		"psql postgres://me:***@h/d":                {"psql", "postgres://me:hunter2@h/d"},
		"x ***":                                     {"x", "s3cr3t-value"},
		"x --pass=*** y":                            {"x", "--pass=hunter2 is long", "y"},
		"env DB_PASS=*** x":                         {"env", "DB_PASS=hunter2 'and\" more", "x"},
		"x --passphrase *** y":                      {"x", "--passphrase", "hunter2 is long", "y"},
		"x --password --y":                          {"x", "--password", "--y"},
		"sh -c 'PASSWORD=*** make'":                 {"sh", "-c", "PASSWORD=hunter2 make"},
		"curl -u me:*** -H 'Cookie: ***' https://h": {"curl", "-u", "me:hunter2", "-H", "Cookie: a=b; c=hunter2", "https://h"},
	} {
		if got := commandLine(args, []string{"API_TOKEN=s3cr3t-value"}); got != want {
			t.Errorf("%q is told as %q, want %q", args, got, want)
		}
	}
	if got := commandLine([]string{strings.Repeat("y", 5000)}, nil); utf8.RuneCountInString(got) > 1000 {
		t.Errorf("%d characters", utf8.RuneCountInString(got))
	}
}

func FuzzTail(f *testing.F) {
	f.Add("one\ntwo\r\n", "\x1b[31mred\n")
	f.Add("password=hunter2", "-----BEGIN RSA PRIVATE KEY-----\n")
	f.Add("\xff\x00\r\r", "\n\n\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		passed, kept := tailOf([]string{"A_TOKEN=12345678"}, a, b)
		if passed != a+b {
			t.Error("what passes by was touched")
		}
		if len(kept) > tailBytes || !utf8.ValidString(kept) || strings.Count(kept, "\n") >= tailLines {
			t.Errorf("kept %d bytes, valid %v", len(kept), utf8.ValidString(kept))
		}
		if again := debrief.Mask(kept); again != kept && debrief.Mask(again) != again {
			t.Error("masking never ends")
		}
	})
}

func BenchmarkTail(b *testing.B) {
	chunk := []byte(strings.Repeat("2026-11-22T21:00:00Z INFO some line of a build log, as long as they are\n", 400))
	var t tail
	s := t.stream(io.Discard)
	b.SetBytes(int64(len(chunk)))
	for b.Loop() {
		if _, err := s.Write(chunk); err != nil {
			b.Fatal(err)
		}
	}
}
