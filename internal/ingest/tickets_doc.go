package ingest

func jiraDoc() pageOf {
	return pageOf{
		name:  "jira",
		intro: "Jira tells debrief of tickets, and of incidents where your team keeps them there.",
		steps: `3. Settings, System, WebHooks, Create a WebHook.

   - URL: ~https://hooks.example.com/hooks/jira~
   - Secret: the same as debrief's
   - Events: Issue **created**, **updated**; a JQL filter keeps out what has nothing to do with users, for example
     ~project = SUP OR labels = incident~
`,
		rest: `## What each event becomes

| issue | becomes |
|---|---|
| with the label ~incident~, or of the type Incident | a report about an incident: detected when created, closed at its resolution |
| every other one | a report about a ticket |

Deleted issues, comments, worklogs, sprints and everything else are ignored, with the reason. An issue that becomes an
incident later is told of as one from then on.

The service is the label ~service:NAME~; else the component, where there is exactly one; else the service with the alias
~jira:PROJECT~ (~services.shop.aliases~); else none. One affected version is the version an incident names. An issue's
closing is not taken for the service's recovery. Reporters, assignees and everybody else are masked before anything is
kept, also in lists of changes; the text of issues is kept masked with the payload and read no further than its summary.

## How far it is proven

Tested: the signature (~X-Hub-Signature~ with SHA-256), both secrets, payloads of ours after Atlassian's documentation.
Not proven: a live Jira. Data Center sends the same body; whether it signs depends on its version. Jira signs no time; a
request that is played again changes nothing, since its id is known.
`,
	}
}

func zendeskDoc() pageOf {
	return pageOf{
		name:  "zendesk",
		intro: "Zendesk tells debrief of tickets: what users say after a release.",
		steps: `3. Admin Center, Apps and integrations, Webhooks, Create webhook, **Zendesk events**.

   - Events: **Ticket created**, **Ticket status changed**, **Subject changed**, **Tags changed**, **Priority changed**
   - Endpoint URL: ~https://hooks.example.com/hooks/zendesk~, POST, JSON
   - Zendesk makes the secret ("Reveal secret"): give that one to debrief.
`,
		rest: `## What each event becomes

A ticket event (created; status, subject, description, tags, priority, type or custom status changed) becomes a report
about the ticket: subject, description (masked, at most 4 kB), state, tags, when it was opened; closed at the event that
made it solved or closed. Comments and every other event are ignored, with the reason.

The service is the tag ~service/NAME~ (or with a colon, an equals sign or a dot); a ticket without one belongs to no service.
Requesters, agents and their ids are masked before anything is kept, and so are secrets and addresses in the text.

Bodies that triggers and automations write are whatever their author made them: they are refused, with a hint.

Zendesk signs the time with the body: a request signed more than five minutes from debrief's clock is refused.

## How far it is proven

Tested: the signature with its time, both secrets, payloads of ours after Zendesk's documentation. Not proven: a live
account.
`,
	}
}
