package learn

import (
	"fmt"
	"math/bits"

	"github.com/debriefhq/debrief"
)

// surpriseRecurs: the same kind of surprise comes back in the same service.
func surpriseRecurs() Pattern {
	return Pattern{
		ID:       "surprise-recurs",
		Question: "What in the system lets this come back?",
		Why:      "A surprise that keeps coming back is none any more: it is how the system works.",
		Find:     findRecurring,
	}
}

func findRecurring(r *reading) []candidate {
	month := r.Month.From.Unix()
	var out []candidate
	for rows := r.h.rows; len(rows) > 0; {
		end := 1
		for end < len(rows) && rows[end].service == rows[0].service {
			end++
		}
		var with [mostOutcomes][]*row
		for i := range rows[:end] {
			for left := rows[i].out &^ (1 << trouble); left != 0; left &= left - 1 {
				o := bits.TrailingZeros32(left)
				with[o] = append(with[o], &rows[i])
			}
		}
		for o, w := range with {
			if len(w) == 0 || w[len(w)-1].at < month {
				continue // not in the month that is looked back on
			}
			out = append(out, r.recurs(r.h.outcomes.names[o], rows[:end], w)...)
		}
		rows = rows[end:]
	}
	return out
}

func (r *reading) recurs(kind string, rows []row, with []*row) []candidate {
	service := r.h.services.names[rows[0].service]
	subject := surpriseWords(kind) + " in " + r.name(service)
	if len(with) < Few {
		return nil
	}
	lately := 0
	for _, x := range with {
		if x.at >= r.Month.From.Unix() {
			lately++
		}
	}
	monthly := float64(len(with)) / r.months()
	return []candidate{{Finding: debrief.Finding{
		ID: debrief.ID("finding", "surprise-recurs", service, kind), Subject: subject, Services: []string{service},
		Sentence: fmt.Sprintf("%s was noticed at %s releases since %s, %s of them in %s.", capital(subject), outOf(int64(len(with)), int64(len(rows))),
			r.day(timeOf(with[0])), number(int64(lately)), r.Month.From.Format("January")),
		Sure:     "counted, not tested",
		Evidence: r.latest(with),
		Saves:    debrief.Seconds(monthly) * lookingAt, SavesHow: fmt.Sprintf("%s a month, %s to look at each", tenths(monthly), length(float64(lookingAt))),
	}}}
}
