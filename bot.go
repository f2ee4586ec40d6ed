package debrief

import "regexp"

var bots = regexp.MustCompile(`(?i)dependabot|renovate|greenkeeper|pyup[-.]?bot|snyk-bot|scala-steward|depfu|mend-?bolt|whitesource`)

// DependencyBot reports whether a name or address is that of a program that
// raises the versions of dependencies.
func DependencyBot(author string) bool { return bots.MatchString(author) }
