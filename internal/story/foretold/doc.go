// Package foretold rehearses briefs: the releases of a made-up organisation are
// told again in the order of time, each gets the brief it would have had, and
// what the brief named is held against what then happened.
package foretold
