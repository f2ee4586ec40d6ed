package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

func answerCmd(e *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "answer SURPRISE expected|surprising|not-ours|nothing-there",
		Short: "Answer a surprise",
		Long: `Answers a surprise by its id: expected, surprising, not-ours, or nothing-there.
Only the last counts against debrief's own precision.

Exit codes: 0; 1 no such surprise, or the server does not answer; 2 no such answer.`,
		Args: between(2, 3, "a surprise's id and an answer"),
		RunE: func(cmd *cobra.Command, args []string) error {
			answer, err := parseAnswer(strings.Join(args[1:], " "))
			if err != nil {
				return err
			}
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			var raw json.RawMessage
			err = within(cmd.Context(), readLimit, func(ctx context.Context) error {
				return r.do(ctx, "POST", "/api/v1/surprises/"+url.PathEscape(args[0])+"/answer", map[string]debrief.Answer{"answer": answer}, &raw)
			})
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(e.Stdout, raw)
			}
			var s debrief.Surprise
			if json.Unmarshal(raw, &s) == nil && s.Sentence != "" {
				fmt.Fprintf(e.Stdout, "%s: %s\n", answer, clean(s.Sentence))
				return nil
			}
			fmt.Fprintln(e.Stdout, answer)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}

func parseAnswer(s string) (debrief.Answer, error) {
	var known []string
	for _, a := range debrief.Answers() {
		if strings.ReplaceAll(s, "-", " ") == string(a) {
			return a, nil
		}
		known = append(known, strings.ReplaceAll(string(a), " ", "-"))
	}
	return "", debrief.Errorf(debrief.Invalid, "answer", "%q is not an answer", s).WithHint("one of: %s", strings.Join(known, ", "))
}
