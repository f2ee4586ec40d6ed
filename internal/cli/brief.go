package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/kinds"
	"github.com/debriefhq/debrief/internal/tell"
)

type briefFlags struct {
	service, env, base, head string
	asJSON, markdown         bool
	accuracy, comment        bool
}

func briefCmd(e *Env) *cobra.Command {
	var f briefFlags
	c := &cobra.Command{
		Use:   "brief",
		Short: "Say what past releases like the one about to ship taught",
		Long: `Before shipping: what this change is (kinds, modules), what followed releases like it
more often than others, what to expect in numbers, and at most three suggestions, each
with its reason. It advises and never stops anything: where nothing is supported, it
says so in a line.

The change is what git sees between --base and --head. Without --base it begins at what
runs in production as the server knows, else at the last tag. Without --service it is
$DEBRIEF_SERVICE, else the service the server knows the repository as, else the
repository's name. --comment writes it on the pull or merge request of the CI job, with
$DEBRIEF_COMMENT_TOKEN, else $GITHUB_TOKEN or $GITLAB_TOKEN. --accuracy shows how often briefs foretold what then happened.

Exit codes: 0, whatever it says, also where the server does not answer; 2 wrong flags.`,
		Example: "  debrief brief --base v1.4.1 --head HEAD",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.asJSON && f.markdown {
				return debrief.Errorf(debrief.Invalid, "--markdown", "--json prints something else; choose one")
			}
			// Advice must never stop a pipeline: what goes wrong is told.
			run := f.run
			if f.accuracy {
				run = f.showAccuracy
			}
			if err := run(cmd.Context(), e); err != nil {
				fmt.Fprintln(e.Stderr, "debrief: no brief: "+err.Error())
			}
			return nil
		},
	}
	fs := c.Flags()
	fs.StringVar(&f.service, "service", "", "service that will be deployed (default $DEBRIEF_SERVICE, else as the repository is known)")
	fs.StringVar(&f.env, "env", "production", "environment it goes to")
	fs.StringVar(&f.base, "base", "", "commit, tag or branch that runs there now (default: as the server knows, else the last tag)")
	fs.StringVar(&f.head, "head", "HEAD", "commit, tag or branch about to ship")
	fs.BoolVar(&f.asJSON, "json", false, "print the API's answer")
	fs.BoolVar(&f.markdown, "markdown", false, "print Markdown")
	fs.BoolVar(&f.comment, "comment", false, "in CI: write it on the pull request, once, and update it in place; nothing where there is nothing to say")
	fs.BoolVar(&f.accuracy, "accuracy", false, "show how often briefs foretold what happened")
	return c
}

func (f *briefFlags) run(ctx context.Context, e *Env) error {
	c, err := newClient(e)
	if err != nil {
		return err
	}
	change, err := f.change(ctx, e, c)
	if err != nil {
		return err
	}
	var raw json.RawMessage
	err = within(ctx, readLimit, func(ctx context.Context) error { return c.do(ctx, "POST", "/api/v1/briefs", change, &raw) })
	if err != nil {
		fmt.Fprintln(e.Stderr, "debrief: past releases could not be asked: "+err.Error())
		b := debrief.Brief{Service: change.Service, Base: change.Base, Head: change.Head, Kinds: change.Kinds, Modules: change.Modules, Summary: localSummary(change), Silent: true, Why: "the server did not answer"}
		return f.print(e, b, nil, "")
	}
	var b debrief.Brief
	if err := json.Unmarshal(raw, &b); err != nil {
		return debrief.Errorf(debrief.Unavailable, "", "the answer of %s is not what this debrief expects: %w", c.base, err)
	}
	if f.comment {
		if err := commentBrief(ctx, e, b, c.base); err != nil {
			fmt.Fprintln(e.Stderr, "debrief: no comment: "+err.Error())
		}
	}
	return f.print(e, b, raw, c.base)
}

func (f *briefFlags) print(e *Env, b debrief.Brief, raw json.RawMessage, base string) error {
	switch {
	case f.asJSON && raw == nil:
		out, err := json.Marshal(b)
		if err != nil {
			return err
		}
		return printJSON(e.Stdout, out)
	case f.asJSON:
		return printJSON(e.Stdout, raw)
	case f.markdown:
		_, err := fmt.Fprint(e.Stdout, tell.BriefMarkdown(b, base, e.Now().Location()))
		return err
	}
	return tell.TerminalBrief(terminal(e), b)
}

// change is what git sees between what runs and what is about to.
func (f *briefFlags) change(ctx context.Context, e *Env, c *client) (debrief.Upcoming, error) {
	git := gitOf(e, rangeLimit)
	head, err := git.Resolve(ctx, f.head)
	if err != nil {
		return debrief.Upcoming{}, err
	}
	work, _ := git.Head(ctx) // for the repository's name
	u := debrief.Upcoming{Environment: f.env, Head: head, Repository: work.Repository}
	if at := pullOf(e); at.Pull > 0 {
		u.Forge, u.Repository, u.Pull = at.Forge, at.Repository, at.Pull
	}
	u.Service = f.serviceOf(ctx, e, c, work)
	base, said, err := f.from(ctx, git, c, u)
	if err != nil {
		return u, err
	}
	u.Base = cmp.Or(said, base)
	facts, err := git.Between(ctx, work.Repository, base, head)
	if err != nil {
		return u, err
	}
	fill(&u, facts)
	return u, nil
}

// fill tells a change by what git knows of it.
func fill(u *debrief.Upcoming, facts debrief.GitFacts) {
	table, _ := kinds.New(kinds.Options{}) // debrief's own rules; the server sorts by a team's
	var sorted []debrief.Kinds
	for _, x := range facts.Commits {
		sorted = append(sorted, table.Sort(kinds.Of(x), nil))
		u.Titles = append(u.Titles, shortened(x.Title, 300))
	}
	u.Commits, u.Files, u.Added, u.Deleted, u.Paths = len(facts.Commits), facts.Files, facts.Added, facts.Deleted, facts.Paths
	k := table.Release(sorted)
	u.Kinds, u.Modules = k.Names, k.Modules[:min(len(k.Modules), 100)]
	u.Titles = u.Titles[:min(len(u.Titles), 200)]
}

// serviceOf is which service ships: as said, as the server knows the
// repository, else as the repository is called.
func (f *briefFlags) serviceOf(ctx context.Context, e *Env, c *client, work forge.Head) string {
	if s := cmp.Or(f.service, e.Getenv("DEBRIEF_SERVICE")); s != "" {
		return s
	}
	for _, forge := range []string{"github", "gitlab"} {
		var s debrief.Service
		err := within(ctx, previousLimit, func(ctx context.Context) error {
			return c.do(ctx, "GET", "/api/v1/services/"+url.PathEscape(forge+":"+work.Repository), nil, &s)
		})
		if work.Repository != "" && err == nil && s.ID != "" {
			return s.ID
		}
	}
	name := work.Repository
	if i := lastSlash(name); i >= 0 {
		name = name[i+1:]
	}
	return cmp.Or(name, "service")
}

func lastSlash(s string) int {
	for i, r := range slices.Backward([]byte(s)) {
		if r == '/' {
			return i
		}
	}
	return -1
}

// from is the commit the change begins at, and as what it was said.
func (f *briefFlags) from(ctx context.Context, git forge.Git, c *client, u debrief.Upcoming) (commit, said string, err error) {
	if f.base != "" {
		commit, err = git.Resolve(ctx, f.base)
		return commit, f.base, err
	}
	var prev previous
	q := url.Values{"service": {u.Service}, "environment": {f.env}}
	err = within(ctx, previousLimit, func(ctx context.Context) error {
		return c.do(ctx, "GET", deploymentsPath+"/previous?"+q.Encode(), nil, &prev)
	})
	if err == nil && prev.Found && commitShape.MatchString(prev.Commit) && git.Has(ctx, prev.Commit) {
		return prev.Commit, cmp.Or(prev.Version, prev.Commit), nil
	}
	tag, commit, err := git.TagBefore(ctx, u.Head)
	if err != nil {
		return "", "", debrief.Errorf(debrief.NotFound, "--base", "nobody knows what runs in %s, and there is no tag before %.10s", f.env, u.Head).
			WithHint("say where the change begins: --base main")
	}
	return commit, tag, nil
}

func localSummary(u debrief.Upcoming) string {
	s := fmt.Sprintf("%s in %s", tell.Count(u.Commits, "commit", "commits"), tell.Count(u.Files, "file", "files"))
	for i, k := range u.Kinds {
		if i == 0 {
			s += ": " + k
		} else {
			s += ", " + k
		}
	}
	return s + "."
}

func (f *briefFlags) showAccuracy(ctx context.Context, e *Env) error {
	r, err := newReader(ctx, e)
	if err != nil {
		return err
	}
	q := url.Values{}
	if s := cmp.Or(f.service, e.Getenv("DEBRIEF_SERVICE")); s != "" {
		q.Set("service", s)
	}
	var a debrief.BriefAccuracy
	raw, err := r.get(ctx, "/api/v1/brief-accuracy", q, &a)
	if err != nil {
		return err
	}
	if f.asJSON {
		return printJSON(e.Stdout, raw)
	}
	for _, line := range tell.BriefAccuracy(a) {
		fmt.Fprintln(e.Stdout, line)
	}
	return nil
}
