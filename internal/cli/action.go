package cli

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/coach"
	"github.com/debriefhq/debrief/internal/tell"
)

func actionCmd(e *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "action",
		Short: "Decide a debrief's one action, and follow it until it is done",
		Long: `Each debrief decides exactly one action; a team has one in progress, the others wait in
line. Without a subcommand the line is listed.

Exit codes: 0; 1 the server refuses or does not answer; 2 wrong input.`,
		Args: cobra.NoArgs,
	}
	var service, state string
	var asJSON bool
	c.Flags().StringVar(&service, "service", "", "only this service's")
	c.Flags().StringVar(&state, "state", "", "only those: in progress, waiting, done, dropped")
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := newReader(cmd.Context(), e)
		if err != nil {
			return err
		}
		q := url.Values{"limit": {strconv.Itoa(200)}}
		for k, v := range map[string]string{"service": service, "state": state} {
			if v != "" {
				q.Set(k, v)
			}
		}
		var page struct {
			Actions []debrief.Action `json:"actions"`
		}
		raw, err := r.get(cmd.Context(), "/api/v1/actions", q, &page)
		if err != nil {
			return err
		}
		return printed(e, raw, asJSON, func() error { return tell.TerminalActions(terminal(e), page.Actions) })
	}
	c.AddCommand(decideCmd(e), actionShowCmd(e), endCmd(e, "done", debrief.ActionDone, "It is done; the next in line begins"),
		endCmd(e, "drop", debrief.ActionDropped, "It will not be done; its debrief may decide another one"), postponeCmd(e))
	return c
}

type actionAt struct {
	Action debrief.Action `json:"action"`
	Advice []coach.Advice `json:"advice"`
}

// tellAction says how an action stands now, and what it still lacks.
func tellAction(e *Env, raw json.RawMessage, asJSON bool) error {
	if asJSON {
		return printJSON(e.Stdout, raw)
	}
	var at actionAt
	if err := json.Unmarshal(raw, &at); err != nil {
		return err
	}
	return tell.TerminalAction(terminal(e), at.Action, adviceOf(at.Advice))
}

func adviceOf(list []coach.Advice) (lines []string) {
	for _, a := range list {
		lines = append(lines, strings.ReplaceAll(a.Field, "_", " ")+": "+a.Text)
	}
	return lines
}

func postAction(ctx context.Context, e *Env, method, path string, body any, asJSON bool) error {
	r, err := newReader(ctx, e)
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := within(ctx, readLimit, func(ctx context.Context) error { return r.do(ctx, method, path, body, &raw) }); err != nil {
		return err
	}
	return tellAction(e, raw, asJSON)
}

func decideCmd(e *Env) *cobra.Command {
	var scope, doneWhen, owner, starts, due, promise, link string
	var asJSON bool
	c := &cobra.Command{
		Use:   "decide DEBRIEF SENTENCE",
		Short: "Decide the one action of a debrief",
		Long: `Gives a debrief its one action: a verb and a useful outcome. A second is refused. What it
still lacks is said, and nothing of that refused.

A promise is checked on later releases by itself: MEASURE [of SUBJECT] under|at
most|over|at least NUMBER over the next N releases [with KIND]. Measures:
` + measureNames() + `.

Exit codes: 0; 1 the debrief has its action already, or the server does not answer; 2
wrong input.`,
		Example: `  debrief action decide 3f2a "Copy production's rows into staging each night, so that migrations show their time" \
    --owner Kim --due 2026-12-04 --promise "step ratio of migrate under 3 over the next 3 releases with migration"`,
		Args: between(2, 2, "a debrief's id and a sentence"),
		RunE: func(cmd *cobra.Command, args []string) error {
			body := map[string]any{"title": args[1], "scope": scope, "done_when": doneWhen, "owner": owner, "promise": promise, "url": link}
			for k, v := range map[string]string{"starts_at": starts, "due_at": due} {
				at, err := dayOf(e, "--"+strings.TrimSuffix(k, "_at"), v)
				if err != nil {
					return err
				}
				if !at.IsZero() {
					body[k] = at
				}
			}
			return postAction(cmd.Context(), e, "POST", "/api/v1/debriefs/"+url.PathEscape(args[0])+"/action", body, asJSON)
		},
	}
	fs := c.Flags()
	fs.StringVar(&scope, "scope", "", "what is in, and what is not")
	fs.StringVar(&doneWhen, "done-when", "", "how one can tell that it is done")
	fs.StringVar(&owner, "owner", "", "who does it; the only name that is kept")
	fs.StringVar(&starts, "starts", "", "its first day, 2026-11-30")
	fs.StringVar(&due, "due", "", "its last day, 2026-12-04")
	fs.StringVar(&promise, "promise", "", "what later releases will show")
	fs.StringVar(&link, "url", "", "the issue it is followed in")
	fs.BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}

func measureNames() string {
	var names []string
	for _, m := range debrief.Measures() {
		names = append(names, m.ID)
	}
	return strings.Join(names, ", ")
}

// dayOf reads a day, or a whole moment.
func dayOf(e *Env, flag, v string) (time.Time, error) {
	if v == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, v); err == nil {
		return at, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, v, e.Now().Location())
	if err != nil {
		return at, debrief.Errorf(debrief.Invalid, flag, "%q is not a day", v).WithHint("write 2026-12-04")
	}
	return at, nil
}

func actionShowCmd(e *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show ACTION",
		Short: "Show an action: how it stands, and what later releases showed",
		Long:  "Shows an action.\n\nExit codes: 0; 1 no such action, or the server does not answer; 2 wrong input.",
		Args:  between(1, 1, "an action's id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return postAction(cmd.Context(), e, "GET", "/api/v1/actions/"+url.PathEscape(args[0]), nil, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}

func endCmd(e *Env, use string, as debrief.ActionState, short string) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   use + " ACTION",
		Short: short,
		Long:  short + ".\n\nExit codes: 0; 1 it has ended already, or the server does not answer; 2 wrong input.",
		Args:  between(1, 1, "an action's id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return postAction(cmd.Context(), e, "POST", "/api/v1/actions/"+url.PathEscape(args[0])+"/end", map[string]debrief.ActionState{"as": as}, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}

func postponeCmd(e *Env) *cobra.Command {
	var to, reason string
	var asJSON bool
	c := &cobra.Command{
		Use:   "postpone ACTION --to DAY --reason SENTENCE",
		Short: "Put an action off, for one reason; it is counted",
		Long: `Puts an action off. That is allowed, and the monthly review shows what keeps being put
off and what happened meanwhile.

Exit codes: 0; 1 it has ended, or the server does not answer; 2 wrong input.`,
		Args: between(1, 1, "an action's id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := dayOf(e, "--to", to)
			if err != nil {
				return err
			}
			if at.IsZero() {
				return debrief.Errorf(debrief.Invalid, "--to", "until when?").WithHint("--to 2026-12-04")
			}
			return postAction(cmd.Context(), e, "POST", "/api/v1/actions/"+url.PathEscape(args[0])+"/postpone", map[string]any{"to": at, "reason": reason}, asJSON)
		},
	}
	fs := c.Flags()
	fs.StringVar(&to, "to", "", "its new last day, 2026-12-04")
	fs.StringVar(&reason, "reason", "", "what is in the way")
	fs.BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}
