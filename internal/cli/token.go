package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/store"
)

// tokenCmd works on the store itself: whoever can read the database needs no
// token to make one, and the first token cannot be asked for over the API.
func tokenCmd(e *Env) *cobra.Command {
	var dsn string
	c := &cobra.Command{
		Use:   "token",
		Short: "Create, list and revoke the tokens programs use",
		Long: `Tokens let programs (and this command line) use a server from elsewhere than the
machine it runs on. A token is shown once; only its hash is kept. These commands
work on the database itself, so they run where the server runs.`,
	}
	c.PersistentFlags().StringVar(&dsn, "db", "", "database: a file or postgres://… (default: the one debrief serve would use here)")
	open := func(ctx context.Context) (*store.Store, error) { return storeAt(ctx, e, dsn) }
	c.AddCommand(tokenCreateCmd(e, open), tokenListCmd(e, open), tokenRevokeCmd(e, open))
	return c
}

// storeAt opens the database that is named, or the server's own: what is done
// to it by hand would else lie elsewhere.
func storeAt(ctx context.Context, e *Env, dsn string) (*store.Store, error) {
	if dsn == "" {
		dsn = e.Getenv("DEBRIEF_DB")
	}
	if dsn == "" {
		cfg, err := loadConfig(e, "")
		if err != nil {
			return nil, err
		}
		dsn = cfg.DB
	}
	return store.Open(ctx, dsn, store.Options{Now: e.Now, NewID: newID})
}

// newID is a UUIDv7, or random where the clock will not do.
func newID() string {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.NewString()
	}
	return id.String()
}

type openStore func(context.Context) (*store.Store, error)

func tokenCreateCmd(e *Env, open openStore) *cobra.Command {
	var scope string
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a token and print it, once",
		Long: `Creates a token and prints it. It cannot be shown again. Its scope is read, or
write (which may read too).

Exit codes: 0; 1 the database cannot be opened; 2 wrong flags.`,
		Example: "  debrief token create ci --scope write",
		Args:    between(1, 1, "a name for the token, such as ci"),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := clean(strings.TrimSpace(args[0]))
			if name == "" || len([]rune(name)) > 100 {
				return debrief.Errorf(debrief.Invalid, "", "a token's name has 1 to 100 characters")
			}
			sc, err := access.ParseScope(scope)
			if err != nil {
				return err
			}
			token, err := access.NewToken(rand.Reader)
			if err != nil {
				return err
			}
			s, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			t := store.Token{ID: newID(), Name: name, Hash: access.Hash(token), Scope: string(sc), Created: debrief.Instant(e.Now())}
			if err := s.SaveToken(cmd.Context(), t); err != nil {
				return err
			}
			fmt.Fprintf(e.Stderr, "debrief: %s token %s (%s); this is the only time it is shown:\n", sc, name, t.ID)
			fmt.Fprintln(e.Stdout, token)
			return nil
		},
	}
	c.Flags().StringVar(&scope, "scope", "write", "read or write")
	return c
}

func tokenListCmd(e *Env, open openStore) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the tokens, without their secrets",
		Long: `Lists the tokens: id, name, scope, when created and last used, whether revoked.

Exit codes: 0; 1 the database cannot be opened.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			tokens, err := s.Tokens(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				if tokens == nil {
					tokens = []store.Token{}
				}
				raw, err := json.Marshal(map[string]any{"tokens": tokens})
				if err != nil {
					return err
				}
				return printJSON(e.Stdout, raw)
			}
			if len(tokens) == 0 {
				fmt.Fprintln(e.Stdout, "No tokens. Make one with: debrief token create NAME")
				return nil
			}
			w := tabwriter.NewWriter(e.Stdout, 0, 0, 2, ' ', 0)
			day := func(what string, t time.Time) string {
				if t.IsZero() {
					return "never " + what
				}
				return what + " " + t.In(e.Now().Location()).Format("2006-01-02 15:04")
			}
			for _, t := range tokens {
				state := day("used", t.Used)
				if !t.Revoked.IsZero() {
					state = day("revoked", t.Revoked)
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Scope, day("created", t.Created), state)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return c
}

func tokenRevokeCmd(e *Env, open openStore) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID|NAME",
		Short: "Revoke a token for good",
		Long: `Revokes a token by its id, or by its name where only one token in use has it.

Exit codes: 0; 1 no such token, or the database cannot be opened.`,
		Args: between(1, 1, "the token's id or name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			tokens, err := s.Tokens(cmd.Context())
			if err != nil {
				return err
			}
			var named []store.Token
			for _, t := range tokens {
				if t.ID == args[0] {
					named = []store.Token{t}
					break
				}
				if t.Name == args[0] && t.Revoked.IsZero() {
					named = append(named, t)
				}
			}
			switch len(named) {
			case 0:
				return debrief.Errorf(debrief.NotFound, "", "no token in use is called %q", args[0]).WithHint("debrief token list shows them")
			case 1:
			default:
				return debrief.Errorf(debrief.Invalid, "", "%d tokens are called %q", len(named), args[0]).WithHint("give the id; debrief token list shows it")
			}
			if err := s.RevokeToken(cmd.Context(), named[0].ID); err != nil {
				return err
			}
			fmt.Fprintf(e.Stdout, "revoked %s (%s)\n", named[0].Name, named[0].ID)
			return nil
		},
	}
}
