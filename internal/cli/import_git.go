package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/past"
)

type importGit struct {
	service  string
	paths    []string
	env      string
	by       string
	repo     string
	maxClone int64
	limit    time.Duration
	dry      bool
	again    bool
	db       string
}

func importGitCmd(e *Env) *cobra.Command {
	var o importGit
	c := &cobra.Command{
		Use:   "git PATH|URL…",
		Short: "Bring in the releases and changes a git repository remembers",
		Long: `Reads whole repositories, each in one pass of its log, and sends the releases
and what each brought to the server; with --db they go into a database that a server
will record when it runs on it, or does already. A URL (https, ssh or file) is cloned into a
cache beside the spool and brought up to date there.

Releases are the tags that read like a version; a prefix (cart/v1.2.3) names a
service. Where there are fewer than two, every merge to the main branch stands
in for one. Either is an assumption and is labelled so. docs/import.md tells
the rules.

What was imported is remembered: a second run sends what is new, and nothing
where nothing is. A run that broke off goes on where it stopped. Importing twice
doubles nothing. Authors leave this machine only as salted hashes.

Exit codes: 0; 1 git or the server does not answer; 2 wrong input.`,
		Example: "  debrief import git . --service shop\n  debrief import git https://github.com/acme/mono.git --service-path cart=services/cart --service-path pay=services/pay",
		Args:    between(1, 0, "the paths or addresses of git repositories"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.by != "" && o.by != "tags" && o.by != "merges" {
				return debrief.Errorf(debrief.Invalid, "--by", "%q is neither tags nor merges", o.by)
			}
			if o.repo != "" && len(args) > 1 {
				return debrief.Errorf(debrief.Invalid, "--repository", "names one repository, and %d are given", len(args))
			}
			if o.maxClone < 1 || o.limit <= 0 {
				return debrief.Errorf(debrief.Invalid, "--max-clone", "and --timeout must be above zero")
			}
			c, done, err := takerFor(cmd.Context(), e, o.db, o.dry)
			if err != nil {
				return err
			}
			defer done() //nolint:errcheck // what was confirmed is kept
			for _, a := range args {
				if err := o.one(cmd.Context(), e, c, a); err != nil {
					return err
				}
			}
			return nil
		},
	}
	fs := c.Flags()
	fs.StringVar(&o.service, "service", "", "service of the releases without a prefix (default: the repository's name)")
	fs.StringArrayVar(&o.paths, "service-path", nil, "NAME=FOLDER: only changes below it are the service's; repeat for more services or folders")
	fs.StringVar(&o.env, "env", "production", "environment the releases went to")
	fs.StringVar(&o.by, "by", "", "what stands for releases: tags or merges (default: tags where there are any)")
	fs.StringVar(&o.repo, "repository", "", "owner/name, as the forge calls it (default: from the remote's address)")
	fs.Int64Var(&o.maxClone, "max-clone", 20_000, "MiB that a clone may take")
	fs.DurationVar(&o.limit, "timeout", 6*time.Hour, "time that one repository may take")
	fs.BoolVar(&o.dry, "dry-run", false, "read everything, send nothing, say what would be sent")
	fs.StringVar(&o.db, "db", "", "put it into this database (a file or postgres://…) instead of sending it to a server")
	fs.BoolVar(&o.again, "again", false, "forget what was imported before and read everything anew")
	return c
}

// one imports one repository.
func (o importGit) one(ctx context.Context, e *Env, c *client, at string) error {
	bar := &progress{w: e.Stderr, live: isTerminal(e.Stderr)}
	defer bar.done()
	g := forge.Git{Dir: at, Timeout: o.limit}
	if forge.Remote(at) {
		bar.show("bringing "+forge.RepositoryName(at)+" here", "")
		var err error
		if g, err = (forge.Cache{Dir: filepath.Join(importDir(e), "clones"), Timeout: o.limit, MaxSize: o.maxClone << 20}).Get(ctx, at); err != nil {
			return err
		}
	} else if !filepath.IsAbs(at) {
		g.Dir = filepath.Join(e.Dir, at)
	}
	h, err := historyOf(ctx, g)
	if err != nil {
		return err
	}
	if o.repo != "" {
		h.repository = o.repo
	} else if forge.Remote(at) {
		h.repository = forge.RepositoryName(at)
	}
	services, err := o.servicesOf(h)
	if err != nil {
		return err
	}
	where := at
	if !forge.Remote(at) {
		where = g.Dir
	}
	cur, err := loadCursor(e, append([]string{c.who(), where, h.repository, o.service, o.env, o.by}, o.paths...)...)
	if err != nil {
		return err
	}
	if o.again {
		*cur = cursor{Released: map[string]map[string]bool{}, Salt: cur.Salt, file: cur.file}
	}
	refs := refsOf(h)
	if cur.Refs == refs {
		fmt.Fprintf(e.Stdout, "%s: nothing new since the last import\n", h.repository)
		return nil
	}
	return o.read(ctx, e, c, g, h, services, cur, refs, bar)
}

// refsOf is one word for everything an import depends on.
func refsOf(h history) string {
	parts := []string{"refs", h.main}
	for _, s := range h.known.Services {
		for _, t := range s.Tags {
			parts = append(parts, s.Name, t.Name, t.Commit)
		}
	}
	return debrief.ID(parts...)
}

// servicesOf are the services to import: those of the tags' prefixes, and those
// that a path names; these share the releases without a prefix.
func (o importGit) servicesOf(h history) ([]past.Service, error) {
	services := slices.Clone(h.known.Services)
	if len(services) == 0 || services[0].Prefix != "" {
		services = append([]past.Service{{Name: folderName(h.repository)}}, services...)
	}
	if o.service != "" {
		services[0].Name = o.service
	}
	whole := services[0]
	named := false
	for _, p := range o.paths {
		name, dir, ok := strings.Cut(p, "=")
		dir = strings.Trim(filepath.ToSlash(dir), "/")
		if name == "" || dir == "" || !ok {
			return nil, debrief.Errorf(debrief.Invalid, "--service-path", "%q is not NAME=FOLDER", p)
		}
		i := slices.IndexFunc(services, func(s past.Service) bool { return debrief.Slug(s.Name) == debrief.Slug(name) })
		switch {
		case i < 0:
			services = append(services, past.Service{Name: name, Dirs: []string{dir}, Tags: whole.Tags})
			named = true
		case slices.ContainsFunc(o.paths[:slices.Index(o.paths, p)], func(q string) bool { return strings.HasPrefix(q, name+"=") }):
			services[i].Dirs = append(services[i].Dirs, dir) // another folder of the same service
		default:
			services[i].Dirs = []string{dir}
		}
	}
	if named && o.service == "" && len(whole.Dirs) == 0 || len(whole.Tags) == 0 && len(services) > 1 && o.by != "merges" {
		services = services[1:] // its releases are those of the named services
	}
	if len(services) > 200 {
		return nil, debrief.Errorf(debrief.TooLarge, "", "the tags of %s name %d services, more than 200", h.repository, len(services)).WithHint("is a prefix part of the version? --by merges takes merges instead")
	}
	return services, nil
}

// read walks what is not imported yet and sends it.
func (o importGit) read(ctx context.Context, e *Env, c *client, g forge.Git, h history, services []past.Service, cur *cursor, refs string, bar *progress) error {
	count := 0
	for _, s := range services {
		count = max(count, len(s.Tags))
	}
	merges := o.by == "merges" || o.by == "" && count < 2
	log, before, err := o.rest(ctx, g, h, services, cur, merges)
	if err != nil {
		return err
	}
	send := &importer{from: "git"}
	if !o.dry {
		send.c = c
		if cur.Open == refs {
			send.skip = cur.Sent
		}
		cur.Open = refs
		send.after = func() error {
			if cur.Sent = send.sent; cur.Sent%10 != 0 {
				return nil
			}
			return cur.save()
		}
	}
	salt := e.Getenv("DEBRIEF_AUTHOR_SALT")
	if salt == "" {
		salt = cur.Salt
	}
	log.NoSizes = g.Sizeless(ctx)
	total := 0
	if bar.live {
		total, _ = g.Count(ctx, log)
	}
	var to *gatherer
	for {
		to = &gatherer{
			ctx: ctx, send: send, repository: h.repository, env: o.env, salt: salt, services: services, assumed: o.service == "" && len(o.paths) == 0,
			sent: cur.Released, open: map[*past.Release]*held{}, known: map[string]map[string]bool{},
		}
		walk := walking{log: log, services: services, before: before, main: h.main, merges: merges}
		err = walk.run(ctx, g, to.sink(), func(seen int) {
			if bar.live && seen%200 == 0 {
				bar.show("reading "+h.repository, gauge(seen, total)+fmt.Sprintf(", %s releases sent", thousands(to.releases)))
			}
		})
		if errors.Is(err, forge.ErrContents) && !log.NoSizes {
			// Found out on the way: all over again, by paths only. What was
			// sent with sizes keeps them.
			log.NoSizes = true
			send.reset()
			continue
		}
		break
	}
	if err == nil {
		err = send.flush(ctx)
	}
	bar.done()
	if err != nil {
		if !o.dry && send.sent > send.skip {
			_ = cur.save() // so that the next run goes on here
		}
		return err
	}
	if !o.dry {
		if err := o.remember(cur, refs, to, merges); err != nil {
			return err
		}
	}
	o.report(e, h, to, send, merges, log.NoSizes)
	later(e, send)
	return nil
}

// remember moves the cursor on.
func (o importGit) remember(cur *cursor, refs string, to *gatherer, merges bool) error {
	cur.Refs, cur.Open, cur.Sent = refs, "", 0
	for service, versions := range to.known {
		if cur.Released[service] == nil {
			cur.Released[service] = map[string]bool{}
		}
		for v := range versions {
			cur.Released[service][v] = true
		}
	}
	if merges && to.newest != nil {
		cur.Merge = to.newest.Commit
	}
	return cur.save()
}

func (o importGit) report(e *Env, h history, to *gatherer, send *importer, merges, noSizes bool) {
	what := "from version tags"
	if merges {
		what = "assumed from merges to " + h.branch
	}
	verb := "sent"
	if o.dry {
		verb = "would be sent"
	}
	fmt.Fprintf(e.Stdout, "%s: %s %s, %s read; %s %s, %s of them new to the server\n", h.repository, things(to.releases, "release", "releases"), what,
		things(to.changes, "change", "changes"), things(send.items, "fact", "facts"), verb, thousands(send.news))
	if to.hints > 0 {
		fmt.Fprintf(e.Stdout, "  %s like a repair of the one before; a hint, for a person to confirm\n", map[bool]string{true: "1 release looks", false: thousands(to.hints) + " releases look"}[to.hints == 1])
	}
	if noSizes {
		fmt.Fprintln(e.Stdout, "  the clone lacks contents of files: the sizes of changes are not known")
	}
}

// gauge is a bar with its numbers.
func gauge(n, total int) string {
	if total <= 0 {
		return things(n, "commit", "commits")
	}
	const cells = 20
	full := min(n*cells/total, cells)
	return strings.Repeat("█", full) + strings.Repeat("░", cells-full) + fmt.Sprintf(" %s of %s commits", thousands(n), thousands(total))
}
