// Package story rehearses: the sample shop's releases and a year of made-up
// history, told to a real debrief. The same rehearsals are the demo, tests and
// documentation.
package story
