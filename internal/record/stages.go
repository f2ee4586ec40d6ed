package record

import (
	"slices"

	"github.com/debriefhq/debrief"
)

// stages merges what events say of each step: the same name and attempt is the
// same step. They are ordered by their start; steps without one follow in the
// order they were told of.
func stages(events []debrief.Event) []debrief.Stage {
	type key struct {
		name    string
		attempt int
	}
	at := map[key]int{}
	var list []debrief.Stage
	for _, e := range events {
		for _, s := range e.Report.Stages {
			k := key{s.Name, max(s.Attempt, 1)} // not said is the first
			i, ok := at[k]
			if !ok {
				i = len(list)
				at[k] = i
				list = append(list, debrief.Stage{Name: s.Name})
			}
			mergeStage(&list[i], s)
		}
	}
	slices.SortStableFunc(list, func(a, b debrief.Stage) int {
		switch {
		case a.Started.IsZero() && b.Started.IsZero():
			return 0
		case a.Started.IsZero():
			return 1
		case b.Started.IsZero():
			return -1
		}
		return a.Started.Compare(b.Started)
	})
	return list
}

func mergeStage(to *debrief.Stage, s debrief.Stage) {
	state := s.State
	if state == "" && s.ExitCode != nil {
		state = debrief.Succeeded
		if *s.ExitCode != 0 {
			state = debrief.Failed
		}
	}
	if state != "" && (state.Final() || !to.State.Final()) {
		to.State = state
	}
	earliest(&to.Started, s.Started)
	latest(&to.Finished, s.Finished)
	to.Attempt = max(to.Attempt, s.Attempt)
	to.Manual = to.Manual || s.Manual
	to.Waiting = to.Waiting || s.Waiting
	if s.ExitCode != nil {
		code := *s.ExitCode
		to.ExitCode = &code
	}
	to.Facts = join(to.Facts, s.Facts)
	say(&to.URL, s.URL)
}
