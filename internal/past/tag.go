package past

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Service is one line of releases of a repository: all of it, or in a monorepo
// what the tags of one prefix stand for.
type Service struct {
	Name   string
	Prefix string   // of its tags, "svc" of svc/v1.2.3; empty: none
	Dirs   []string // folders whose changes are its own; none: every change
	Tags   []Tag    // its releases, oldest first
}

// Recognised is what the tags of a repository were taken for.
type Recognised struct {
	Services    []Service // the one without a prefix first, then by name
	PreReleases int       // alphas, betas, candidates: never released to everybody
	Other       int       // no version at all
	Again       int       // a second name for a commit that has one
}

// core is a version without what stands before it: 1.2.3, v2, 2026.04.1,
// 2026-04-01, 20260401, 16_1, with what may follow: a pre-release, a build.
var core = regexp.MustCompile(`^([A-Za-z]*)[._-]?(\d+(?:[._-]\d+)*)((?:[-._+]?[A-Za-z].*|\+.*)?)$`)

// hyphened is NAME-1.2.3 or NAME_v1.2.3.
var hyphened = regexp.MustCompile(`^(.*?[A-Za-z].*?)[-_]([vV]?\d.*)$`)

// begins is how a version without a prefix begins.
var begins = regexp.MustCompile(`^[vVrR]?[._-]?\d`)

// split tells a tag's prefix from its version. sep is what stood between.
func split(tag string) (prefix, sep, version string) {
	if i := strings.LastIndexAny(tag, "/@"); i >= 0 {
		return strings.TrimRight(tag[:i], "/@"), tag[i : i+1], tag[i+1:]
	}
	if !begins.MatchString(tag) {
		if m := hyphened.FindStringSubmatch(tag); m != nil {
			return m[1], "-", m[2]
		}
	}
	return "", "", tag
}

// unfinished are the words of a version that is not out yet.
var unfinished = regexp.MustCompile(`(?i)(?:^|[-._+]|\d)(?:a|b|c|alpha|beta|rc|cr|pre|preview|dev|snapshot|nightly|canary|next|test|milestone|m|ea|exp|experimental|draft|wip|unstable|weekly|edge)[-._]?\d*(?:[-._+].*)?$`)

// plainWords say "release" and name no service.
var plainWords = map[string]bool{
	"": true, "v": true, "ver": true, "version": true, "versions": true, "r": true, "rel": true, "release": true, "releases": true, "tag": true, "tags": true,
	"stable": true, "prod": true, "production": true, "live": true, "deploy": true, "deployed": true, "deployment": true, "refs": true,
}

type named struct {
	Tag
	prefix  string // where it may name a service
	slashed bool   // by / or @, which monorepos use
	numbers []int
}

// Recognise sorts a repository's tags into services and their releases.
func Recognise(tags []Tag, repository string) Recognised {
	var out Recognised
	var all []named
	words, plain := map[string]bool{}, false
	for _, t := range tags {
		prefix, sep, v := split(t.Name)
		m := core.FindStringSubmatch(v)
		switch {
		case m == nil || t.At.IsZero():
			out.Other++
			continue
		case unfinished.MatchString(m[3]) || unfinished.MatchString("-"+prefix) || m[1] != "" && len(m[1]) > 1 && unfinished.MatchString("-"+m[1]):
			out.PreReleases++
			continue
		}
		n := named{Tag: t, numbers: numbers(m[2])}
		if !plainWords[strings.ToLower(prefix)] && !same(prefix, repository) {
			n.prefix, n.slashed = prefix, sep != "-"
		}
		if n.prefix == "" {
			plain = true
		} else if !n.slashed {
			words[n.prefix] = true
		}
		all = append(all, n)
	}
	by := map[string][]named{}
	for _, n := range all {
		// One word before a hyphen is how a project writes its versions;
		// several are several things that are versioned.
		if !n.slashed && len(words) == 1 && !plain {
			n.prefix = ""
		}
		by[n.prefix] = append(by[n.prefix], n)
	}
	for prefix, list := range by {
		s := Service{Prefix: prefix, Name: cmp.Or(serviceName(prefix), lastPart(repository), "repository")}
		kept := once(list)
		out.Again += len(list) - len(kept)
		s.Tags = kept
		out.Services = append(out.Services, s)
	}
	slices.SortFunc(out.Services, func(a, b Service) int { return cmp.Compare(a.Prefix, b.Prefix) })
	return out
}

// once keeps one name per commit, the greatest version, and drops names that
// move (v4 beside v4.1.0). The rest comes oldest first.
func once(list []named) []Tag {
	parts := 0
	for _, n := range list {
		parts = max(parts, len(n.numbers))
	}
	list = slices.DeleteFunc(slices.Clone(list), func(n named) bool { return parts >= 3 && len(n.numbers) == 1 && n.numbers[0] < 1000 })
	slices.SortFunc(list, func(a, b named) int {
		return cmp.Or(a.At.Compare(b.At), slices.Compare(a.numbers, b.numbers), cmp.Compare(a.Name, b.Name))
	})
	best := map[string]int{}
	for i, n := range list {
		if j, ok := best[n.Commit]; !ok || cmp.Or(slices.Compare(n.numbers, list[j].numbers), cmp.Compare(n.Name, list[j].Name)) > 0 {
			best[n.Commit] = i
		}
	}
	var out []Tag
	for i, n := range list {
		if best[n.Commit] == i {
			out = append(out, n.Tag)
		}
	}
	return out
}

func numbers(s string) []int {
	var out []int
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.Atoi(p)
		if err != nil {
			n = 1 << 60 // more digits than any version has: far away from all others
		}
		out = append(out, n)
	}
	return out
}

// Numbers are the numbers of a tag's version: 1, 2 and 3 of svc/v1.2.3.
func Numbers(tag string) []int {
	_, _, v := split(tag)
	if m := core.FindStringSubmatch(v); m != nil {
		return numbers(m[2])
	}
	return nil
}

// serviceName leaves the scope of a package out: tags @acme/cart@1.2.0 are of cart.
func serviceName(prefix string) string {
	if rest, ok := strings.CutPrefix(prefix, "@"); ok {
		return lastPart(rest)
	}
	return prefix
}

func same(prefix, repository string) bool {
	return strings.EqualFold(prefix, lastPart(repository))
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
