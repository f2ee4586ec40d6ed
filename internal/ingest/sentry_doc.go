package ingest

func sentryDoc() pageOf {
	return pageOf{
		name:  "sentry",
		intro: "Sentry tells debrief of new and resolved issues, and of alerts, with the release they name.",
		steps: `3. Settings, Developer Settings, Create New Integration, **Internal Integration**.

   - Webhook URL: ~https://hooks.example.com/hooks/sentry~
   - Alert Rule Action: on, so that alert rules can name it
   - Permissions: Issue & Event: Read
   - Webhooks: **issue**

   The secret is the integration's **Client Secret**. In alert rules choose the action "Send a notification via"
   the integration.
`,
		rest: `## What each webhook becomes

| webhook | becomes |
|---|---|
| event_alert triggered | a report about an alert on that issue, with its release as the version it names |
| issue created, unresolved | a report about an alert |
| issue resolved | when it was closed (Sentry's time of sending: the issue carries none) |
| metric_alert critical, warning, resolved | a report about an alert; ~date_started~ is when the impact began |
| every other one | ignored, with the reason |

The service is the event's tag ~service~, else ~app~, else ~job~ (or one of ~sources.sentry.service_labels~), else Sentry's
project by its slug. A release is read as Sentry's tools write it, ~package@version~: the version is what follows the last
~@~. It must be the version that deployments are recorded with, for the two to meet.

Sentry does not tell whether somebody took note, so debrief never says that an alert went unnoticed. Whoever is assigned
or was using the application is masked before anything is kept.

## How far it is proven

Tested: the signature, both secrets, payloads of ours after Sentry's documentation. Not proven: a live Sentry. Sentry signs
no time, so a recorded request can be played again; it changes nothing, since its id is known.
`,
	}
}
