package ingest

func alertmanagerDoc() pageOf {
	return pageOf{
		name: "alertmanager", noSign: true,
		intro: "The Prometheus Alertmanager tells debrief which alerts fired, and when they ended.",
		steps: `3. In ~alertmanager.yml~, a receiver beside those you have, and a route that goes on to the others:

   ~~~yaml
   route:
     receiver: your-own
     routes:
       - receiver: debrief
         continue: true
   receivers:
     - name: debrief
       webhook_configs:
         - url: http://debrief.internal:8080/hooks/alertmanager
           send_resolved: true
           http_config:
             authorization: {credentials_file: /etc/alertmanager/debrief-secret}
   ~~~

   ~basic_auth~ does as well: the secret is the password, under any name. Where several Alertmanagers run as a
   cluster, each alert is told once or more; that makes no difference.
`,
		rest: `## What each alert becomes

Each alert of a group is one report about an alert, known by its fingerprint and the time it began (~startsAt~).
Firing again later is another one. ~endsAt~ of a resolved alert is when the service was restored.

| said by | becomes |
|---|---|
| label ~service~, else ~app~, else ~job~ | the service, by its name or an alias |
| label ~environment~, else ~env~ | the environment |
| label ~severity~, else ~priority~ | the severity |
| label ~version~ | a version the alert names |
| ~alertname~ with the annotation ~summary~ (else ~description~, ~message~) | the title |
| ~generatorURL~ | the link |

Other labels say the service where ~sources.alertmanager.service_labels: [team_service, namespace]~ names them. An
alert without any is kept and belongs to no service.

Alertmanager does not tell whether somebody took note of an alert (a silence is no acknowledgement), so debrief never
says that one went unnoticed. A request may hold 1,000 alerts (~max_alerts~ limits them); what Alertmanager truncated
is not known.

## How far it is proven

A real Alertmanager 0.25 (Debian) sends firing and resolved alerts to debrief in a test, and the reports are compared
with what was posted to it. Payloads of ours follow its documentation. Not proven: other versions, Mimir's and
VictoriaMetrics' copies of it (they send the same format).
`,
	}
}
