// Package recompute holds scripts/recompute-metrics.py against debrief: a program
// that shares no code with it works the five metrics out from an export, and has
// to agree on random histories.
package recompute
