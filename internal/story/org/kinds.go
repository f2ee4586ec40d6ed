package org

import "strings"

// The kinds of change that are made up, as package kinds names them, the one
// that decides where a release may stand only once first.
const (
	Migration      = "migration"
	Infrastructure = "infrastructure"
	APISchema      = "API schema"
	Dependency     = "dependency"
	Flag           = "flag"
	Configuration  = "configuration"
	UI             = "UI"
	CI             = "CI"
	Generated      = "generated"
	Large          = "large"
)

// Code is the primary kind of a release that is of none of the first six.
const Code = "code"

// madeKind is one kind and how often a release has it.
type madeKind struct {
	name  string
	share float64
}

var madeKinds = []madeKind{
	{Migration, 0.16},
	{Infrastructure, 0.10},
	{APISchema, 0.12},
	{Dependency, 0.24},
	{Flag, 0.12},
	{Configuration, 0.20},
	{UI, 0.20},
	{CI, 0.10},
	{Generated, 0.08},
	{Large, 0.12},
}

// A large change has at least so many lines and files; no other comes near.
const (
	largeLines = 1000
	largeFiles = 32
)

// How a release reaches everybody.
const (
	AllAtOnce = "all at once"
	Gradual   = "gradual"
	ByTarget  = "by target"
)

// strategies are what a service without targets chooses from, each time anew;
// one with targets always goes to them one after the other.
var strategies = []string{AllAtOnce, Gradual}

// Pair splits the subject of a cause about two kinds.
func Pair(subject string) (a, b string) {
	a, b, _ = strings.Cut(subject, " + ")
	return a, b
}

// PairOf is the subject of two kinds: in the order of the alphabet.
func PairOf(a, b string) string {
	if b < a {
		a, b = b, a
	}
	return a + " + " + b
}
