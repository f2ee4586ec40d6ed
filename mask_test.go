package debrief_test

import (
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
)

// Every line holds Sup3rS3cret9 (or, where its shape is the secret, something
// else) and must lose it.
func TestMaskLeaksNothing(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a1B2", 12)
	for in, want := range map[string]string{
		// Names.
		"DB_PASS=Sup3rS3cret9 make":                     "DB_PASS=*** make",
		"db_pass=Sup3rS3cret9":                          "db_pass=***",
		"passphrase=Sup3rS3cret9":                       "passphrase=***",
		"MY_PWD=Sup3rS3cret9":                           "MY_PWD=***",
		"Pwd=Sup3rS3cret9;Database=x":                   "Pwd=***",
		"STRIPE_KEY=Sup3rS3cret9":                       "STRIPE_KEY=***",
		"dbPassword: Sup3rS3cret9":                      "dbPassword: ***",
		"client-secret: Sup3rS3cret9":                   "client-secret: ***",
		"pass=Sup3rS3cret9":                             "pass=***",
		"password := Sup3rS3cret9":                      "password := ***",
		":password => 'Sup3rS3cret9'":                   ":password => '***'",
		"psql: FATAL: password=Sup3rS3cret9 refused":    "psql: FATAL: password=*** refused",
		"GET /login?token=Sup3rS3cret9&page=2 HTTP/1.1": "GET /login?token=***&page=2 HTTP/1.1",
		// Values.
		"PASSWORD=Sup3rS3cret9;ss,word9&tail x":              "PASSWORD=*** x",
		`password="correct Sup3rS3cret9 battery" x`:          `password="***" x`,
		`password='correct Sup3rS3cret9 battery' x`:          `password='***' x`,
		`"password": "correct \"Sup3rS3cret9\" x", "a": "b"`: `"password": "***", "a": "b"`,
		`{\"password\":\"a Sup3rS3cret9\",\"a\":1}`:          `{\"password\":\"***\",\"a\":1}`,
		`msg="login with password=Sup3rS3cret9" level=info`:  `msg="login with password=***" level=info`,
		`password="no end Sup3rS3cret9`:                      `password="***`,
		// Flags.
		"x --password Sup3rS3cret9 y":          "x --password *** y",
		"x --db-password 'Sup3rS3cret9 z' y":   "x --db-password '***' y",
		"x -token Sup3rS3cret9":                "x -token ***",
		"x --api-key=Sup3rS3cret9":             "x --api-key=***",
		"curl -u me:Sup3rS3cret9 https://x":    "curl -u me:*** https://x",
		"curl -sSu 'me:Sup3rS3cret9' https://": "curl -sSu 'me:***' https://",
		"curl -fL --user me:Sup3rS3cret9 x":    "curl -fL --user me:*** x",
		// Addresses.
		"postgres://u:p@Sup3rS3cret9@db/x":                           "postgres://u:***@db/x",
		"redis://:Sup3rS3cret9@cache:6379":                           "redis://:***@cache:6379",
		"https://me@corp.org:Sup3rS3cret9@h/p":                       "https://***@***:***@h/p",
		"to https://hooks.slack.com/services/T0/B0/Sup3rS3cret9 now": "to https://hooks.slack.com/services/*** now",
		// Headers.
		"Cookie: a=b; session=Sup3rS3cret9\nnext":                  "Cookie: ***\nnext",
		"< Set-Cookie: sid=Sup3rS3cret9; HttpOnly":                 "< Set-Cookie: ***",
		"curl -H 'Cookie: a=b; s=Sup3rS3cret9' https://x":          "curl -H 'Cookie: ***' https://x",
		"Authorization: Basic Sup3rS3cret9":                        "Authorization: ***",
		`Authorization: Digest username="u", nonce="Sup3rS3cret9"`: "Authorization: ***",
		`-H "Authorization: Bearer Sup3rS3cret9" https://x`:        `-H "Authorization: ***" https://x`,
		`{"Authorization": "Bearer Sup3rS3cret9"}`:                 `{"Authorization": "***"}`,
		"a bearer Sup3rS3cret9":                                    "a bearer ***",
		// Shapes.
		"x sk_live_" + long:             "x ***",
		"x rk_test_" + long:             "x ***",
		"x ASIAABCDEFGHIJKLMNOP":        "x ***",
		"x AIza" + long[:35]:            "x ***",
		"x SG." + long + "." + long:     "x ***",
		"x hf_" + long:                  "x ***",
		"x ghp_" + long:                 "x ***",
		"x eyJhbGciOiJ.eyJzdWIiOiJ.abc": "x ***",
		"x -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- y":                    "x *** y",
		"x -----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQdG\n=ab\n-----END PGP PRIVATE KEY BLOCK----- y": "x *** y",
		"x -----BEGIN OPENSSH PRIVATE KEY-----\n\"b3Bl\"\n-----END OPENSSH PRIVATE KEY-----":          "x ***",
	} {
		got := debrief.Mask(in)
		if got != want {
			t.Errorf("Mask(%q)\n got %q\nwant %q", in, got, want)
		}
		if again := debrief.Mask(got); again != got {
			t.Errorf("masked again, %q becomes %q", got, again)
		}
	}
}

// What is no secret stays: a story without its words helps nobody.
func TestMaskLeavesTheRest(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"",
		"fork/exec /etc/passwd: permission denied",
		"passwd: permission denied",
		"token: invalid",
		"password: required, 8 characters",
		"password=null",
		"--- PASS: TestShop (0.02s)",
		"ok: 12 passed, key: ci-17",
		"primary_key=orders_id",
		"PWD=/home/me OLDPWD=/tmp",
		"docker login --password-stdin registry.example.org",
		"use --token to name one",
		"docker run --user 1000:1000 curlimage",
		"curl -fsSL https://example.org/a:b",
		"took 312 s for 31000000 rows at v1.42",
		"https://example.org:8080/@scope/pkg?c=d",
		"time=2026-11-17T14:03:00Z level=error msg=\"canceling statement due to lock timeout\" pid=4711",
		"password=\"\"",
	} {
		if got := debrief.Mask(in); got != in {
			t.Errorf("Mask(%q) = %q", in, got)
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{`password="a b\"c`, "token=\n:", `\\"secret\": \"x\"`, "--token", "Cookie:", "curl -u a:", "a=b:c=d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := debrief.Mask("a " + s + "\nDB_PASSWORD=Sup3rS3cret9\n")
		if strings.Contains(got, "Sup3rS3cret9") {
			t.Errorf("it leaks behind %q", s)
		}
	})
}
