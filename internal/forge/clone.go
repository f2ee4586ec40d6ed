package forge

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Cache keeps bare clones of repositories that are given by address.
type Cache struct {
	Dir     string
	Timeout time.Duration // of one clone or fetch
	MaxSize int64         // bytes one clone may take; 0: no bound
	Program string        // "git"
}

// cloneLimit is the time of a clone where none is given.
const cloneLimit = 2 * time.Hour

// Remote reports what is cloned, and not read where it lies: an address, or
// user@host:path.
func Remote(s string) bool {
	if strings.Contains(s, "://") || strings.Contains(s, "::") {
		return true
	}
	host, _, ok := strings.Cut(s, ":")
	return ok && strings.Contains(host, "@") && !strings.ContainsAny(host, `/\`)
}

// Get brings a clone of the repository up to date and returns it. Nothing but
// https, ssh and file is spoken, nothing is asked on the terminal, no hook is
// run, no submodule is followed.
func (c Cache) Get(ctx context.Context, remote string) (Git, error) {
	if err := allowed(remote); err != nil {
		return Git{}, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return Git{}, debrief.Errorf(debrief.Unavailable, "", "the folder for clones cannot be made: %w", err)
	}
	name := debrief.ID("clone", remote) + ".git"
	g := Git{Dir: filepath.Join(c.Dir, name), Timeout: c.Timeout, Program: c.Program, Network: true}
	if g.Timeout <= 0 {
		g.Timeout = cloneLimit
	}
	if _, err := os.Stat(filepath.Join(g.Dir, "HEAD")); err == nil {
		return g, c.bounded(ctx, g.Dir, func(ctx context.Context) error {
			return g.silent(ctx, "fetch", "--quiet", "--prune", "--force", "--no-recurse-submodules", "--no-auto-maintenance", "origin", "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
		})
	}
	// A clone that breaks off leaves nothing that looks like one.
	part, err := os.MkdirTemp(c.Dir, ".part-")
	if err != nil {
		return Git{}, debrief.Errorf(debrief.Unavailable, "", "the folder for clones cannot be written: %w", err)
	}
	defer func() { _ = os.RemoveAll(part) }()
	into := g
	into.Dir = part
	err = c.bounded(ctx, part, func(ctx context.Context) error {
		return into.silent(ctx, "clone", "--quiet", "--bare", "--template=", "--no-recurse-submodules", "--", remote, ".")
	})
	if err != nil {
		return Git{}, err
	}
	if err := os.Rename(part, g.Dir); err != nil {
		return Git{}, debrief.Errorf(debrief.Unavailable, "", "the clone cannot be kept: %w", err)
	}
	return g, nil
}

// allowed refuses what is no plain address: git would run programs for some.
func allowed(remote string) error {
	bad := debrief.Errorf(debrief.Invalid, "", "%q is no address of a repository that is cloned", debrief.Mask(remote)).WithHint("https://…, ssh://…, user@host:path, file:///… or a path")
	if strings.HasPrefix(remote, "-") || strings.ContainsAny(remote, "\n\r\x00") || strings.Contains(remote, "::") {
		return bad
	}
	if !strings.Contains(remote, "://") {
		return nil // user@host:path
	}
	u, err := url.Parse(remote)
	if err != nil || strings.HasPrefix(u.Host, "-") || strings.HasPrefix(u.Path, "-") || u.User != nil && strings.HasPrefix(u.User.Username(), "-") {
		return bad
	}
	switch u.Scheme {
	case "https", "ssh", "file":
		return nil
	}
	return bad
}

// bounded ends what grows a folder beyond the bound.
func (c Cache) bounded(ctx context.Context, dir string, fn func(context.Context) error) error {
	if c.MaxSize <= 0 {
		return fn(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	tooLarge := debrief.Errorf(debrief.TooLarge, "", "the clone grows beyond %d MiB", c.MaxSize>>20).WithHint("raise --max-clone")
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if folderSize(dir) > c.MaxSize {
					cancel(tooLarge)
				}
			}
		}
	}()
	err := fn(ctx)
	close(done)
	if errors.Is(context.Cause(ctx), tooLarge) || err == nil && folderSize(dir) > c.MaxSize {
		return tooLarge
	}
	return err
}

func folderSize(dir string) int64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // it is being written: files come and go
		}
		if info, err := d.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum
}

// silent runs git for what it does, not for what it prints.
func (g Git) silent(ctx context.Context, args ...string) error {
	err := g.run(ctx, args, func(r *bufio.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
	if err != nil && ctx.Err() == nil && debrief.KindOf(err) == debrief.NotFound {
		return debrief.Errorf(debrief.Unavailable, "", "%w", err)
	}
	return err
}
