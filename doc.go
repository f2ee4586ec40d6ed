// Package debrief holds the words debrief is built from, and what must always
// hold for them: events that arrive, the deployments, stages, changes and
// releases they tell of, the looks taken at each release, the verdicts those
// looks come to, and the small surprises a person is asked about.
//
// It does no I/O, knows no clock and imports the standard library only, so
// every other room can share these types without sharing anything else.
package debrief
