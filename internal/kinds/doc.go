// Package kinds sorts changes: from the paths of a diff, its sizes and what is
// known of the change it says which kinds of change it is and why (which rule,
// which files). Rules are data (table_*.go), each with its documentation; a
// team adds its own in the configuration.
//
// Every file is looked at alone. First it is asked whether somebody wrote it by
// hand for what runs: generated and vendored files, tests and documentation
// count as that and as nothing else. The others are asked by all other rules;
// configuration is what no more special rule claims. So the order in which
// files come cannot matter.
package kinds
