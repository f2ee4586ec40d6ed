package ingest

// The fields of an API request, one by one, with their limits. They follow
// debrief.Report, Stage, GitFacts and Change; a test holds the two together.

// The rules are made once: making them costs more than holding a request to
// them.
var (
	theBodyRule     = bodyRule()
	theImportedRule = importedRule()
)

func bodyRule() rule {
	report := reportRule()
	return object(map[string]rule{
		"key":      keyName,
		"services": list(maxServices, name(maxName)),
		"report": func(_ string, v any) error {
			return report("", v) // paths as the author wrote them: the API's own body is flat
		},
	})
}

func reportRule() rule {
	known := timesFields()
	for field, check := range reportFields() {
		known[field] = check
	}
	return object(known)
}

func reportFields() map[string]rule {
	return map[string]rule{
		"keys":        list(maxKeys, keyName),
		"service":     name(maxName),
		"environment": name(maxName),
		"target":      name(maxName),
		"version":     name(maxVersion),
		"commit":      name(maxName),
		"rollout":     name(maxVersion),
		"state":       state,
		"times":       object(timesFields()),
		"attempt":     whole(0, 10_000),
		"manual":      yesNo,
		"rollback":    yesNo,
		"exit_code":   whole(-1<<31, 1<<32-1),
		"output_tail": prose(maxOutput),
		"people":      whole(0, 100_000),
		"command":     prose(maxCommand),
		"url":         address,
		"facts":       factMap,
		"stages":      list(maxStages, stageRule()),
		"git":         gitRule(),
		"sample":      yesNo,
	}
}

func timesFields() map[string]rule {
	return map[string]rule{
		"queued_at":         instant,
		"waiting_since":     instant,
		"approved_at":       instant,
		"started_at":        instant,
		"first_exposure_at": instant,
		"full_exposure_at":  instant,
		"finished_at":       instant,
	}
}

func stageRule() rule {
	return object(map[string]rule{
		"name":        name(maxName),
		"state":       state,
		"started_at":  instant,
		"finished_at": instant,
		"attempt":     whole(0, 10_000),
		"manual":      yesNo,
		"waiting":     yesNo,
		"exit_code":   whole(-1<<31, 1<<32-1),
		"facts":       factMap,
		"url":         address,
	})
}

func gitRule() rule {
	return object(map[string]rule{
		"repository": name(maxVersion),
		"from":       name(maxName),
		"to":         name(maxName),
		"commits":    list(maxCommits, changeRule()),
		"files":      whole(0, 1<<40),
		"added":      whole(0, 1<<40),
		"deleted":    whole(0, 1<<40),
		"paths":      list(maxPaths, prose(maxPath)),
		"truncated":  yesNo,
		"back":       whole(0, 1<<40),
	})
}

func changeRule() rule {
	return object(map[string]rule{
		"id":           name(maxName),
		"kind":         name(maxName),
		"environment":  name(maxName),
		"live_at":      instant,
		"repository":   name(maxVersion),
		"commit":       name(maxName),
		"title":        prose(maxTitle),
		"pull_number":  whole(0, 1<<40),
		"url":          address,
		"branch":       name(maxVersion),
		"authored_at":  instant,
		"committed_at": instant,
		"pushed_at":    instant,
		"opened_at":    instant,
		"merged_at":    instant,
		"reviewed_at":  instant,
		"approved_at":  instant,
		"commits":      whole(0, 1<<40),
		"files":        whole(0, 1<<40),
		"added":        whole(0, 1<<40),
		"deleted":      whole(0, 1<<40),
		"paths":        list(maxPaths, prose(maxPath)),
		"author_hash":  name(maxName),
		"squashed":     yesNo,
		"reverts":      prose(maxTitle),
		"bot":          yesNo,
	})
}
