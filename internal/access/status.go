package access

import "github.com/debriefhq/debrief"

// statuses is the one table from kinds of error to HTTP statuses, for the API
// and the pages alike. They are numbers here, since this room knows no HTTP.
var statuses = map[debrief.ErrorKind]int{
	debrief.Invalid:      422,
	debrief.NotFound:     404,
	debrief.Conflict:     409,
	debrief.Unauthorized: 401,
	debrief.Forbidden:    403,
	debrief.TooLarge:     413,
	debrief.TooMany:      429,
	debrief.Unavailable:  503,
	debrief.Ignored:      202,
	debrief.Internal:     500,
}

// Status is the HTTP status of a kind of error; 500 for one that is not known.
func Status(kind debrief.ErrorKind) int {
	if s, ok := statuses[kind]; ok {
		return s
	}
	return 500
}
