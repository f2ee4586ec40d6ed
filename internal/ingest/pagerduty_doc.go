package ingest

func pagerdutyDoc() pageOf {
	return pageOf{
		name:  "pagerduty",
		intro: "PagerDuty tells debrief when an incident was raised, noticed, handed on and closed, and how many took part.",
		steps: `3. Integrations, Generic Webhooks (v3), New Webhook.

   - Webhook URL: ~https://hooks.example.com/hooks/pagerduty~
   - Scope type: the service, the team or the account
   - Event subscription: **incident.triggered**, **incident.acknowledged**, **incident.unacknowledged**,
     **incident.escalated**, **incident.reassigned**, **incident.delegated**, **incident.priority_updated**,
     **incident.responder.added**, **incident.responder.replied**, **incident.resolved**, **incident.reopened**

   PagerDuty makes the secret and shows it once: give that one to debrief. "Send test event" must show 202.
`,
		rest: `## What each event becomes

| event | becomes |
|---|---|
| incident.triggered | a report about an incident; an alert where no person raised it |
| incident.acknowledged | when somebody took note |
| incident.resolved | when it was closed; restored then too, where the integration that raised it closed it |
| incident.unacknowledged, escalated, reassigned, delegated, reopened, priority_updated, responder.added, responder.replied | one more report about it, with who took part as a count |
| every other event | ignored, with the reason |

The service is PagerDuty's service, by its name: give yours that name as an alias where it is another one. The severity is
the priority, else the urgency. PagerDuty tells when somebody acknowledged, so debrief can say that an alert went
unnoticed.

**People** is a count: of the distinct persons one event names (who acted, who was assigned). Their names, addresses and
ids are masked before anything is kept; within one payload an id becomes a number, so that two can be told from one.
Distinct over the whole incident cannot be said so, and is not guessed.

## How far it is proven

The signature is checked against the signed body in PagerDuty's own Go library. Payloads of ours follow PagerDuty's
documentation. Not proven: a live account. V2 webhooks (deprecated) are not read.
`,
	}
}
