package kinds

import "github.com/debriefhq/debrief"

// Kind is one kind of change.
type Kind struct {
	Name string
	Doc  string
	// Screen: a file of it counts as that and as nothing else.
	Screen bool
	// Only: the kind holds where all files are of it, not where one is.
	Only bool
	// Where: it says how large a change is or where it lies, and is never a
	// primary kind.
	Where bool
	// Last: it holds for a file that no other kind claims.
	Last bool
	Own  bool // a team's
}

// Kinds lists the kinds in the order of the primary kind: where a change is of
// several, the first of them is its primary one. What is hard to take back and
// reaches far stands before what is easily taken back; what does not change
// what runs stands last.
func Kinds() []Kind {
	return []Kind{
		{Name: debrief.KindMigration, Doc: "Changes the structure of a database, or the data in it: what cannot be undone by putting the old version back."},
		{Name: debrief.KindInfrastructure, Doc: "Changes what the service runs on: images, clusters, networks, machines."},
		{Name: debrief.KindAPISchema, Doc: "Changes what other programs rely on: service definitions, message and interface schemas."},
		{Name: debrief.KindDependency, Doc: "Changes which code of others is used, or in which version."},
		{Name: debrief.KindFlag, Doc: "Changes switches that turn parts on and off while the service runs."},
		{Name: debrief.KindConfiguration, Doc: "Changes settings the running service reads.", Last: true},
		{Name: debrief.KindCode, Doc: "Files no rule claims. Only ever a primary kind: nearly every release has some."},
		{Name: debrief.KindUI, Doc: "Changes what users see: pages, templates, styles, texts in their language."},
		{Name: debrief.KindCI, Doc: "Changes how the service is built and checked."},
		{Name: debrief.KindGenerated, Doc: "Touches files that a program wrote, or copies of others' code. They count as that and as nothing else, and not towards a change's size.", Screen: true},
		{Name: debrief.KindTestsOnly, Doc: "Touches tests, and documentation at most.", Screen: true, Only: true},
		{Name: debrief.KindDocsOnly, Doc: "Touches documentation and nothing else.", Screen: true, Only: true},
		{Name: debrief.KindLarge, Doc: "Many lines or files, leaving out what is generated, locked versions, tests and documentation where sizes of single files are known.", Where: true},
		{Name: debrief.KindOld, Doc: "Touches a module nobody had touched for long.", Where: true},
		{Name: debrief.KindUntested, Doc: "Touches code of a module without tests.", Where: true},
		{Name: debrief.KindMany, Doc: "Touches a module that many people change. People are counted by salted hashes and never named.", Where: true},
		{Name: debrief.KindHot, Doc: "Touches a module that is changed more often than others and repaired or reverted repeatedly.", Where: true},
	}
}

// Rules lists debrief's own rules.
func Rules() []Rule {
	var all []Rule
	for _, table := range [][]Rule{migrationRules(), infrastructureRules(), apiRules(), dependencyRules(), flagRules(), configurationRules(), uiRules(), ciRules(), generatedRules(), testRules(), documentationRules()} {
		all = append(all, table...)
	}
	return all
}
