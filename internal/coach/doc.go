// Package coach is the desk at which people learn from a release in fifteen
// minutes: it drafts what can be known without them (the timeline, what went
// well, what surprised, the questions these facts raise), helps with words that
// look at the system instead of at people, and holds the one rule of debriefs:
// exactly one action, and one of them in progress.
//
// Everything it offers is help: nothing but that rule is ever refused.
package coach
