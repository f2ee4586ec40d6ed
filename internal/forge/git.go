// Package forge brings in what forges and work trees know about changes. Its
// git half asks the git program, since that is what knows every layout of a
// repository, and never changes the work tree it looks at.
package forge

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Git is one work tree (or bare repository), looked at and never changed.
type Git struct {
	Dir     string
	Timeout time.Duration // of one git program; 0: 5 s
	Salt    string        // hashes authors; empty: authors are dropped
	Program string        // "git"
	Input   io.Reader     // what it reads; nil: nothing
	Network bool          // guards for commands that speak to others: https, ssh and file only, no questions, no hooks
}

// Head is what is checked out.
type Head struct {
	Commit     string
	Version    string // a tag, or tag-N-gabc1234, or the short commit; "-dirty" where tracked files were changed
	Repository string // owner/name, or the remote's path; empty: no remote
	Shallow    bool
}

// commitID is also what keeps a commit from being read as an option.
var commitID = regexp.MustCompile(`^[0-9a-fA-F]{4,64}$`)

// Head says what is checked out. Not a work tree, or one without a commit, is
// debrief.NotFound: usual, and no reason to fail.
func (g Git) Head(ctx context.Context) (Head, error) {
	commit, err := g.line(ctx, "rev-parse", "--verify", "HEAD^{commit}")
	if err != nil {
		return Head{}, err
	}
	h := Head{Commit: commit, Version: commit[:min(len(commit), 10)]}
	// What is deployed from a changed work tree is not what the commit holds.
	// A bare repository has none; a huge one may take too long to compare.
	describe := []string{"describe", "--tags", "--always", "--abbrev=10"}
	v, err := g.line(ctx, append(describe, "--dirty")...)
	if err != nil || v == "" {
		v, err = g.line(ctx, append(describe, "HEAD")...)
	}
	if err == nil && v != "" {
		h.Version = v
	}
	if remote, err := g.line(ctx, "config", "--get", "remote.origin.url"); err == nil {
		h.Repository = RepositoryName(remote)
	}
	shallow, err := g.line(ctx, "rev-parse", "--is-shallow-repository")
	h.Shallow = err == nil && shallow == "true"
	return h, nil
}

// RepositoryName is owner/name of a remote's address, without the host, the
// user and the password it may hold. A local path keeps its last part only.
func RepositoryName(remote string) string {
	r := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(remote), "/"), ".git")
	if _, rest, ok := strings.Cut(r, "://"); ok {
		if strings.HasPrefix(r, "file:") {
			return lastPart(rest)
		}
		_, path, _ := strings.Cut(rest, "/")
		return path
	}
	if host, path, ok := strings.Cut(r, ":"); ok && !strings.ContainsAny(r, `\`) && !strings.Contains(host, "/") {
		return strings.TrimPrefix(path, "/") // user@host:owner/name
	}
	return lastPart(r)
}

func lastPart(path string) string {
	return path[strings.LastIndexAny(path, `/\`)+1:]
}

// Has reports whether a commit is in the repository: a shallow clone has few.
func (g Git) Has(ctx context.Context, commit string) bool {
	if !commitID.MatchString(commit) {
		return false
	}
	_, err := g.line(ctx, "cat-file", "-e", commit+"^{commit}")
	return err == nil
}

// line runs git and returns the first line it printed.
func (g Git) line(ctx context.Context, args ...string) (string, error) {
	var first string
	err := g.run(ctx, args, func(r *bufio.Reader) error {
		s, err := token(r, '\n')
		if err == io.EOF {
			err = nil
		}
		first = strings.TrimSpace(s)
		return err
	})
	return first, err
}

// run starts git and hands its output to read while it runs. Reading less than
// everything is fine: git is then stopped.
func (g Git) run(ctx context.Context, args []string, read func(*bufio.Reader) error) error {
	limit := g.Timeout
	if limit <= 0 {
		limit = 5 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	program := g.Program
	if program == "" {
		program = "git"
	}
	cmd := exec.CommandContext(ctx, program, append([]string{"-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-c", "log.showSignature=false", "--no-pager"}, args...)...)
	cmd.Dir = g.Dir
	// One language, no questions, no locks taken, no objects fetched on the way.
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1")
	if g.Network {
		cmd.Env = append(cmd.Env, "GIT_ALLOW_PROTOCOL=https:ssh:file", "GIT_ASKPASS=", "SSH_ASKPASS=", "GIT_SSH_COMMAND=ssh -oBatchMode=yes -oConnectTimeout=20",
			"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=core.hooksPath", "GIT_CONFIG_VALUE_0=/dev/null", "GIT_CONFIG_KEY_1=submodule.recurse", "GIT_CONFIG_VALUE_1=false")
	}
	cmd.WaitDelay = time.Second
	cmd.Stdin = g.Input
	var problem limited
	cmd.Stderr = &problem
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return debrief.Errorf(debrief.NotFound, "", "git could not be run: %w", err)
	}
	readErr := read(bufio.NewReaderSize(out, 64<<10))
	if readErr == errEnough {
		cancel()
	} else if readErr == nil {
		_, readErr = io.Copy(io.Discard, out)
	}
	err = cmd.Wait()
	switch {
	case readErr == errEnough:
		return nil
	case ctx.Err() != nil:
		return debrief.Errorf(debrief.Unavailable, "", "git %s took longer than %s", args[0], limit)
	case err != nil:
		return debrief.Errorf(debrief.NotFound, "", "git %s: %s", args[0], problem.text(err))
	}
	return readErr
}

// errEnough ends a run early, on purpose.
var errEnough = errors.New("enough")

// limited keeps the first 4 KiB of what git complained about.
type limited struct{ buf bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if room := 4<<10 - l.buf.Len(); room > 0 {
		l.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (l *limited) text(err error) string {
	first, _, _ := strings.Cut(strings.TrimSpace(l.buf.String()), "\n")
	if first == "" {
		return err.Error()
	}
	return debrief.Mask(strings.TrimPrefix(first, "fatal: "))
}
