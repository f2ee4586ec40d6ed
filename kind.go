package debrief

import "strings"

// The kinds of change. A change may be of several; docs/kinds.md says what makes
// it one. A team may add kinds of its own.
const (
	KindMigration      = "migration"
	KindInfrastructure = "infrastructure"
	KindAPISchema      = "API schema"
	KindDependency     = "dependency"
	KindFlag           = "flag"
	KindConfiguration  = "configuration"
	KindCI             = "CI"
	KindUI             = "UI"
	KindGenerated      = "generated"
	KindTestsOnly      = "tests only"
	KindDocsOnly       = "documentation only"

	// What is said of how large it is, and of where it lies.
	KindLarge    = "large"
	KindOld      = "old module"
	KindUntested = "module without tests"
	KindMany     = "touched by many"
	KindHot      = "hot spot"

	// KindCode is only ever a primary kind: files that no rule claims.
	KindCode = "code"
)

// Kinds is what a change, or all that a release brought, is.
type Kinds struct {
	Names   []string     `json:"names,omitempty"`   // sorted
	Primary string       `json:"primary,omitempty"` // exactly one, where each may be counted once; empty: its files are not known
	Modules []string     `json:"modules,omitempty"` // the folders it touched, sorted
	Why     []KindReason `json:"why,omitempty"`     // one for each name, in their order
	Partly  bool         `json:"partly,omitempty"`  // not all its files are known, so more kinds may hold
}

// KindReason says why a kind holds.
type KindReason struct {
	Kind  string   `json:"kind"`
	Rules []string `json:"rules,omitempty"` // which held, sorted
	Files []string `json:"files,omitempty"` // some of those they held for, sorted
	Count int      `json:"count,omitempty"` // how many they are
	Says  string   `json:"says,omitempty"`  // where it does not lie in single files: "1,240 lines in 31 files"
}

// Has reports whether the kind holds.
func (k Kinds) Has(kind string) bool {
	for _, n := range k.Names {
		if n == kind {
			return true
		}
	}
	return false
}

// Module is the folder a path stands for: its first two, or the first where the
// file lies directly in it. Folders that only follow a language's layout
// (src/main/java/com/acme) do not count, so that parts are told apart there too.
func Module(path string) string {
	parts := strings.Split(path, "/")
	dirs := parts[:len(parts)-1]
	if len(dirs) == 0 {
		return ModuleTop
	}
	return strings.Join(dirs[:min(layout(dirs)+2, len(dirs))], "/") + "/"
}

// ModuleTop stands for files that lie in no folder.
const ModuleTop = "(top)"

// layout is how many of the first folders are there in every project of a
// language: src/main/java and its first two packages.
func layout(dirs []string) int {
	for i := 0; i+2 < len(dirs); i++ {
		if dirs[i] != "src" || dirs[i+1] != "main" && dirs[i+1] != "test" && dirs[i+1] != "integrationTest" {
			continue
		}
		switch dirs[i+2] {
		case "java", "kotlin", "scala", "groovy":
			n := i + 3
			if n < len(dirs) && (dirs[n] == "com" || dirs[n] == "org" || dirs[n] == "net" || dirs[n] == "io" || dirs[n] == "de") {
				n += 2 // whose it is, and what it is called
			}
			return min(n, len(dirs)-1)
		}
	}
	return 0
}

// FileCoverage is how much of a file tests ran: lines or statements, as the
// tool counts.
type FileCoverage struct {
	Path    string `json:"path"`
	Covered int    `json:"covered"`
	Total   int    `json:"total"`
}

// Tested reports a file of which tests ran more than happens by loading it: a
// twentieth.
func (f FileCoverage) Tested() bool { return f.Covered*20 >= f.Total && f.Covered > 0 }
