package delivery

import "github.com/debriefhq/debrief"

// Rework is how many production deployments were not planned and went out to
// repair a fault that users had. The other reading stands beside it: the
// guide's wording counts rollbacks, the survey's does not.
type Rework struct {
	Share
	Other     Share  `json:"other_reading"`
	Rollbacks int    `json:"rollbacks"`
	Hotfixes  int    `json:"hotfixes"`
	Reverts   int    `json:"reverts"`
	Reading   string `json:"reading"`
}

func rework(in MetricsInput, fs []debrief.ReleaseFacts) Rework {
	var r Rework
	of := 0
	for _, f := range fs {
		if !f.Kind.Checked() {
			continue
		}
		of++
		switch f.Remedy {
		case debrief.RemedyRollback:
			r.Rollbacks++
		case debrief.RemedyHotfix:
			r.Hotfixes++
		case debrief.RemedyRevert:
			r.Reverts++
		}
	}
	without := r.Hotfixes + r.Reverts
	with := without + r.Rollbacks
	r.Share, r.Other, r.Reading = shareOf(with, with, of, 0), shareOf(without, without, of, 0), "rollbacks are rework"
	if !in.Settings.ReworkRollbacks {
		r.Share, r.Other, r.Reading = r.Other, r.Share, "rollbacks are not rework"
	}
	return r
}

// Where a deployment can stand in the rework rate.
const (
	AsRework  = "rework"
	AsPlanned = "planned"
)

func inRework(f debrief.ReleaseFacts, in MetricsInput) Standing {
	switch {
	case !f.Kind.Checked():
		return Standing{As: NotCounted, Rule: "it did not change what runs"}
	case f.Remedy == debrief.RemedyRollback && !in.Settings.ReworkRollbacks:
		return Standing{As: AsPlanned, Rule: "a rollback, which this reading does not count", Evidence: behind(f.Repairs)}
	case f.Remedy != debrief.NoRemedy:
		return Standing{As: AsRework, Rule: "a " + string(f.Remedy) + ": it went out to repair a fault", Evidence: behind(f.Repairs)}
	}
	return Standing{As: AsPlanned, Rule: "nothing says that it repaired a fault"}
}
