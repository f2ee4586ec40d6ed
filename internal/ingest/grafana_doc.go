package ingest

func grafanaDoc() pageOf {
	return pageOf{
		name:  "grafana",
		intro: "Grafana's own alerting (version 9 and later) tells debrief which alerts fired, and when they ended.",
		steps: `3. Alerting, Contact points, Add contact point, Integration **Webhook**, URL ~https://hooks.example.com/hooks/grafana~.

   - Grafana 12 and later: under HMAC Signature the secret; leave the header at ~X-Grafana-Alerting-Signature~ and set
     the timestamp header to ~X-Grafana-Alerting-Timestamp~, so that a recorded request cannot be played again
     (debrief takes five minutes' difference of the clocks). Another name of that header is not found, and the
     signature then does not match.
   - Before: Authorization header, scheme ~Bearer~, the secret as credentials; or basic authentication with the
     secret as password, under any name.

4. Notification policies: send what you want debrief to know to this contact point, with "continue matching".
   The contact point's Test button must show 202; it stands as ignored on the Sources page.
`,
		rest: `## What each alert becomes

As with [Alertmanager](alertmanager.md): one report about each alert, known by its fingerprint and ~startsAt~; the service
from the label ~service~, else ~app~, else ~job~ (or from ~sources.grafana.service_labels~). The link leads to the panel, else the
dashboard, else the rule. ~DatasourceNoData~ and ~DatasourceError~ are alerts like others.

Grafana does not tell whether somebody took note of an alert, so debrief never says that one went unnoticed. A custom
payload template would hide what is read here: leave it empty.

## How far it is proven

Tested: the signature with and without a time, both kinds of authorization, both secrets, payloads of ours after
Grafana's documentation. Not proven: a live Grafana. Legacy alerting (before version 9) is ignored, and says so.
`,
	}
}
