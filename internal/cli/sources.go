package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief/internal/loop"
)

func sourcesCmd(e *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "sources [SOURCE]",
		Short: "Show who tells debrief what, and what became of it",
		Long: `Lists the sources that were heard or are set up: when something last came, and how
much was recorded, ignored, rejected, given up or not believed. With a source's
name: the reasons, and its newest deliveries with their masked payloads.

Exit codes: 0; 1 no such source, or the server does not answer.`,
		Args: between(0, 1, "a source's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return showSource(cmd.Context(), e, r, args[0], asJSON)
			}
			var page struct {
				Sources []loop.SourceState `json:"sources"`
			}
			raw, err := r.get(cmd.Context(), "/api/v1/sources", nil, &page)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(e.Stdout, raw)
			}
			return listSources(e, page.Sources)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	c.AddCommand(parseAgainCmd(e))
	return c
}

func listSources(e *Env, list []loop.SourceState) error {
	w := tabwriter.NewWriter(e.Stdout, 0, 0, 2, ' ', 0)
	var unset []string
	shown := 0
	for _, s := range list {
		switch {
		case s.Heard():
			fmt.Fprintf(w, "%s\t%s\t%s\n", clean(s.Name), moment(e, s.Last), became(s))
		case s.Hook == "":
			continue
		case s.Configured:
			fmt.Fprintf(w, "%s\t%s\t%s\n", clean(s.Name), "silent so far", "sends to "+clean(s.Hook))
		default:
			unset = append(unset, clean(s.Name))
			continue
		}
		shown++
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if shown == 0 {
		fmt.Fprintln(e.Stdout, "Nothing has come yet. debrief sources NAME says how to connect one.")
	}
	if len(unset) > 0 {
		fmt.Fprintf(e.Stdout, "Not connected: %s\n", strings.Join(unset, ", "))
	}
	return nil
}

func showSource(ctx context.Context, e *Env, r *reader, name string, asJSON bool) error {
	var s loop.SourceState
	raw, err := r.get(ctx, "/api/v1/sources/"+url.PathEscape(name), url.Values{"each": {strconv.Itoa(3)}}, &s)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(e.Stdout, raw)
	}
	fmt.Fprintf(e.Stdout, "%s\n", clean(s.Title))
	if !s.Last.IsZero() || s.Refused > 0 {
		fmt.Fprintf(e.Stdout, "Last heard %s: %s.\n", moment(e, s.Last), became(s))
	} else {
		fmt.Fprintln(e.Stdout, "Nothing has come yet.")
	}
	fmt.Fprintf(e.Stdout, "Proven so far: %s.\n", clean(s.Proven))
	if s.Hook != "" {
		state := "not set"
		if s.Configured {
			state = "set"
		}
		fmt.Fprintf(e.Stdout, "It sends to %s%s; its secret (%s) is %s.\n", r.client.base, clean(s.Hook), clean(s.Variable), state)
	}
	fmt.Fprintf(e.Stdout, "How to connect it: %s\n", clean(s.Doc))
	for _, p := range s.Polls {
		said := "read"
		if p.Problem != "" {
			said = clean(p.Problem)
		}
		fmt.Fprintf(e.Stdout, "\nasked  %s  last %s\n  %s\n", clean(p.Repository), moment(e, p.At), said)
	}
	for _, f := range s.Refusals {
		fmt.Fprintf(e.Stdout, "\nnot believed  %d×  last %s\n  %s\n", f.N, moment(e, f.Last), clean(f.Reason))
	}
	for _, d := range s.Deliveries {
		fmt.Fprintf(e.Stdout, "\n%s  %s  %s\n", clean(d.State), moment(e, d.Received), clean(d.Key))
		if d.Reason != "" {
			fmt.Fprintf(e.Stdout, "  %s\n", clean(strings.SplitN(d.Reason, "\n", 2)[0]))
		}
		fmt.Fprint(e.Stdout, payload(d.Body))
	}
	return nil
}

// payload is a masked body, indented, at most twenty lines of it.
func payload(body string) string {
	const most = 20
	if body == "" {
		return "  (the payload is not kept)\n"
	}
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "  ", "  ") != nil {
		return ""
	}
	lines := strings.Split(b.String(), "\n")
	left := len(lines) - most
	lines = lines[:min(len(lines), most)]
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	out := "  " + strings.Join(lines, "\n") + "\n"
	if left > 0 {
		out += fmt.Sprintf("  … %d more lines; --json gives all\n", left)
	}
	return out
}

// became says what became of what a source brought.
func became(s loop.SourceState) string {
	var parts []string
	for _, p := range []struct {
		n    int
		says string
	}{
		{s.Accepted, "recorded"},
		{s.Open, "waiting"},
		{s.Ignored, "ignored"},
		{s.Rejected, "rejected"},
		{s.Dead, "could not be recorded"},
		{s.Refused, "not believed"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.says))
		}
	}
	if n := len(s.Polls); n > 0 {
		asked := things(n, "repository", "repositories") + " asked"
		if stuck := s.Stuck(); stuck > 0 {
			asked += fmt.Sprintf(", %d in vain", stuck)
		}
		parts = append(parts, asked)
	}
	return strings.Join(parts, ", ")
}

func moment(e *Env, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.In(e.Now().Location()).Format("2006-01-02 15:04")
}

func parseAgainCmd(e *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "parse-again [SOURCE]",
		Short: "Read kept deliveries once more, after an upgrade",
		Long: `Has the server read a source's kept deliveries once more (of all sources, where none
is named), as this version and its configuration read them, and replay dead
letters. What is told alike stays untouched, what is told otherwise is
replaced; asking twice changes nothing.

Exit codes: 0 asked for; 1 no such source, or the server does not answer.`,
		Args: between(0, 1, "a source's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			names := args
			if len(names) == 0 {
				var page struct {
					Sources []loop.SourceState `json:"sources"`
				}
				if _, err := r.get(cmd.Context(), "/api/v1/sources", nil, &page); err != nil {
					return err
				}
				for _, s := range page.Sources {
					if !s.Last.IsZero() {
						names = append(names, s.Name)
					}
				}
			}
			for _, name := range names {
				var asked struct {
					Kept int `json:"kept"`
				}
				if err := r.client.do(cmd.Context(), "POST", "/api/v1/sources/"+url.PathEscape(name)+"/parse-again", nil, &asked); err != nil {
					return err
				}
				fmt.Fprintf(e.Stdout, "%s: %d deliveries are read again as far as they are kept\n", clean(name), asked.Kept)
			}
			if len(names) == 0 {
				fmt.Fprintln(e.Stdout, "Nothing has come yet, so there is nothing to read again.")
			}
			return nil
		},
	}
}
