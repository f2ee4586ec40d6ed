package ingest

import (
	"net/url"
	"strings"
)

// artifact is what a package URL says of the version it names.
type artifact struct{ version, commit string }

// readPurl reads a package URL (https://github.com/package-url/purl-spec):
// pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS. A tag is the name people use; a
// digest tells versions apart where there is none. What is no package URL is
// taken as a version as it stands: 0.3 allowed any text.
func readPurl(s string) artifact {
	s = line(s, maxURL)
	rest, ok := strings.CutPrefix(s, "pkg:")
	if !ok {
		return artifact{version: line(s, maxVersion)}
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, qualifiers, _ := strings.Cut(rest, "?")
	kind, name, _ := strings.Cut(rest, "/")
	_, version, _ := cutLast(name, "@")
	if plain, err := url.PathUnescape(version); err == nil {
		version = line(plain, maxVersion)
	}
	var a artifact
	q, err := url.ParseQuery(qualifiers)
	if err != nil {
		q = url.Values{}
	}
	if _, at, ok := cutLast(q.Get("vcs_url"), "@"); ok && isCommit(at) {
		a.commit = at
	}
	switch kind {
	case "golang", "github", "gitlab", "bitbucket", "git":
		if isHex(version) { // a commit, in full or shortened
			a.commit, version = version, ""
		}
	}
	if isCommit(version) && a.commit == "" {
		a.commit = version
	}
	a.version = first(line(q.Get("tag"), maxVersion), version)
	return a
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// isHex reports what can be a commit, shortened or in full.
func isHex(s string) bool {
	if len(s) < 7 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
