package ingest

import "strings"

// pageOf is what differs between the pages of docs/sources.
type pageOf struct {
	intro  string // what it tells of
	name   string
	steps  string // what to set in the product
	rest   string // events, services, limits
	noSign bool   // it shows the secret instead of signing with it
}

// doc writes a source's page. A tilde stands for the backquote, which such a
// text cannot hold.
func doc(p pageOf) string {
	shown := "signs every request with a secret that only it and debrief know"
	if p.noSign {
		shown = "shows a secret with every request that only it and debrief know"
	}
	text := p.intro + "\nIt " + shown + "; without one, debrief takes none.\n" + connect + p.steps + answers + p.rest
	text = strings.ReplaceAll(text, "NAME_UPPER", strings.ToUpper(p.name))
	return strings.ReplaceAll(strings.ReplaceAll(text, "SOURCE_NAME", p.name), "~", "`")
}

const connect = `
## Connect it

1. Give debrief the secret, in a file of its own or in the environment:

   ~~~sh
   export DEBRIEF_SOURCES=SOURCE_NAME DEBRIEF_SOURCES_NAME_UPPER_SECRET="$(cat SOURCE_NAME-secret)"
   ~~~

   In the configuration the same is ~sources.SOURCE_NAME.secret_file: SOURCE_NAME-secret~. Several sources stand in
   ~DEBRIEF_SOURCES~ with commas. Where the product makes no secret itself: ~openssl rand -hex 32 > SOURCE_NAME-secret~.

2. Let it reach debrief: inside your network at debrief's own address; from the internet at
   ~debrief serve --public-listen 127.0.0.1:8081~, which serves webhooks only, behind a proxy with a certificate
   (see [GitHub](github.md)).

`

const answers = `
Every delivery stands on the **Sources** page and in ~debrief sources SOURCE_NAME~, also one that was ignored or
refused, with the reason. 202 means taken, or well-formed and not for us (~ignored~ says why); 401 that the secrets
differ; 403 that debrief has none; 422 that it could not be read (~field~ says where); 429 and 503 that it is busy.

To replace the secret, set the new one as ~secret~ and the one before as ~secret_old~; both are valid until you take
~secret_old~ out.

`
