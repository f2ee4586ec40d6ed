package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// PG is a running throwaway PostgreSQL cluster, reached over a Unix socket.
type PG struct {
	dir  string
	stop *os.File // closing it stops the cluster and removes its files
}

// missing says why there is no PostgreSQL.
type missing struct{ error }

// Cluster starts a PostgreSQL of its own for one test and stops it at its end.
// Settings such as "fsync=on" go to the server.
func Cluster(t testing.TB, settings ...string) *PG {
	t.Helper()
	pg, err := start(t.Context(), settings...)
	if err != nil {
		unavailable(t, err)
	}
	t.Cleanup(pg.Stop)
	return pg
}

// Stop ends the server as a crash would.
func (pg *PG) Stop() { _ = pg.stop.Close() } // closed twice is stopped as well

// DSN is the address of one database of the cluster; "postgres" always exists.
func (pg *PG) DSN(database string) string {
	return "postgres:///" + url.PathEscape(database) + "?" + url.Values{"host": {pg.dir}, "user": {"debrief"}, "sslmode": {"disable"}}.Encode()
}

// Exec runs a statement in a database of the cluster.
func (pg *PG) Exec(ctx context.Context, database, statement string) error {
	cfg, err := pgx.ParseConfig(pg.DSN(database))
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*cfg)
	defer db.Close()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// unavailable skips where a developer has no PostgreSQL, and fails where
// skipping would hide something.
func unavailable(t testing.TB, err error) {
	t.Helper()
	var m missing
	if errors.As(err, &m) && os.Getenv("CI") != "true" && os.Getenv("DEBRIEF_TEST_ALL") != "1" {
		t.Skip(err)
	}
	t.Fatal(err)
}

// binaries finds the newest PostgreSQL that Debian installed.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	best, version := "", 0
	for _, f := range found {
		dir := filepath.Dir(f)
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && v > version {
			best, version = dir, v
		}
	}
	if best == "" {
		return "", missing{errors.New("no PostgreSQL server in /usr/lib/postgresql/*/bin: install the Debian package \"postgresql\" (apt-get install --no-install-recommends postgresql)")}
	}
	return best, nil
}

// identity is whom the server runs as: it refuses to run as root.
func identity() (*syscall.SysProcAttr, int, int, error) {
	attr := &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is not for it
	uid, gid := os.Getuid(), os.Getgid()
	if uid != 0 {
		return attr, uid, gid, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uerr := strconv.Atoi(u.Uid)
		gid, gerr := strconv.Atoi(u.Gid)
		if err := errors.Join(uerr, gerr); err != nil {
			return nil, 0, 0, err
		}
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return attr, uid, gid, nil
	}
	return nil, 0, 0, missing{errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")}
}

// root is where clusters stand: in memory where there is plenty of it, unless
// the disk is what the test is about.
func root(settings []string) string {
	const memory = "/dev/shm"
	var fs syscall.Statfs_t
	if slices.Contains(settings, "fsync=on") || syscall.Statfs(memory, &fs) != nil || fs.Bavail*uint64(fs.Bsize) < 4<<30 {
		return "/tmp"
	}
	return memory
}

// keeper runs the server until its standard input ends, which it does when the
// process that started it ends, however it ends. Then it removes the files.
const keeper = `dir=$1; shift; "$@" >"$dir/log" 2>&1 & pid=$!; cat >/dev/null; kill -QUIT $pid; wait $pid; cd /; rm -rf "$dir"`

func start(ctx context.Context, settings ...string) (*PG, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	attr, uid, gid, err := identity()
	if err != nil {
		return nil, err
	}
	// Not below TMPDIR: another user must be able to reach it, and the path of
	// a socket must be short.
	dir, err := os.MkdirTemp(root(settings), "debrief-pg-")
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	// An ordering that is not that of bytes: the store must not depend on it.
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "debrief", "-A", "trust", "-E", "UTF8",
		"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync", "--no-instructions")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out)), os.RemoveAll(dir))
	}
	args := []string{"-c", keeper, "keeper", dir, filepath.Join(bin, "postgres"), "-D", data, "-k", dir}
	for _, set := range append([]string{
		"listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=400", "shared_buffers=64MB",
		"max_wal_size=4GB", "autovacuum_naptime=10s", "unix_socket_permissions=0777",
	}, settings...) {
		args = append(args, "-c", set)
	}
	in, stop, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	sh := exec.Command("/bin/sh", args...)
	sh.SysProcAttr, sh.Dir, sh.Stdin = attr, dir, in
	sh.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if err := sh.Start(); err != nil {
		return nil, err
	}
	_ = in.Close()
	pg := &PG{dir: dir, stop: stop}
	if err := pg.wait(ctx); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		return nil, errors.Join(fmt.Errorf("PostgreSQL did not start: %w: %s", err, strings.TrimSpace(string(log))), stop.Close())
	}
	return pg, nil
}

func (pg *PG) wait(ctx context.Context) error {
	db, err := sql.Open("pgx", pg.DSN("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}
