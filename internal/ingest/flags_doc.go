package ingest

func launchdarklyDoc() pageOf {
	return pageOf{
		name:  "launchdarkly",
		intro: "LaunchDarkly tells debrief which flags were flipped where, so that a flip stands beside the releases around it.",
		steps: `3. Organization settings, Integrations, Webhooks, Add integration.

   - URL: ~https://hooks.example.com/hooks/launchdarkly~
   - Sign this webhook: on. LaunchDarkly makes the secret: give that one to debrief.
   - Policy: ~proj/*:env/production:flag/*~ (or all environments: each flip says where it was)
`,
		rest: `## What each entry becomes

| action on a flag | becomes |
|---|---|
| updateOn, updateRules, updateTargets, updateFallthrough, updateOffVariation, updatePrerequisites, updateFlagVariations, copyFlagConfigTo, updateGlobalArchived, deleteFlag, measured roll-outs begun and stopped | a change of kind flag, live at the entry's ~date~, in its environment |
| every other one (createFlag, updateName, updateTags…), every other kind | ignored, with the reason |

The service is the flag's tag ~service.NAME~; else the service with the alias ~launchdarkly:PROJECT~
(~services.shop.aliases~); else the change belongs to no service. Who flipped it is masked before anything is kept.

## How far it is proven

Tested: the signature, both secrets, payloads of ours after LaunchDarkly's documentation. Not proven: a live account.
LaunchDarkly signs no time; a request that is played again changes nothing, since its id is known.
`,
	}
}

func unleashDoc() pageOf {
	return pageOf{
		name: "unleash", noSign: true,
		intro: "Unleash tells debrief which flags were flipped where, so that a flip stands beside the releases around it.",
		steps: `3. Integrations, Webhook.

   - Webhook URL: ~https://hooks.example.com/hooks/unleash~
   - Authorization: the secret
   - Body template: leave it empty; content type ~application/json~
   - Events: **feature-environment-enabled**, **feature-environment-disabled**, **feature-strategy-add**,
     **feature-strategy-update**, **feature-strategy-remove**, **feature-environment-variants-updated**,
     **feature-archived**, **feature-revived**; projects and environments as you like
`,
		rest: `## What each event becomes

The events above (and feature-variants-updated, feature-deleted) become a change of kind flag, live at ~createdAt~, in its
environment. Every other one is ignored, with the reason.

The service is the flag's tag of type ~service~; else the service with the alias ~unleash:PROJECT~
(~services.shop.aliases~); else the change belongs to no service. Who flipped it is masked before anything is kept.

## How far it is proven

Tested: the secret with and without the word Bearer, both secrets, payloads of ours after Unleash's documentation and
source. Not proven: a live Unleash. Unleash tries a failed delivery once more and then gives up.
`,
	}
}
