package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/loop"
)

// sourceCmd helps to connect a source: what a payload would become, and what
// the sender is to be given.
func sourceCmd(e *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "source",
		Short: "Try a source's payload, or print what its sender needs",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(sourceTestCmd(e), sourceTemplateCmd(e))
	return c
}

func sourceTestCmd(e *Env) *cobra.Command {
	var file string
	var headers []string
	c := &cobra.Command{
		Use:   "test NAME FILE",
		Short: "Show what a payload would become, without a server",
		Long: "Show what a payload would become. NAME is a source debrief knows (github, cdevents…)\n" +
			"or one your configuration maps; FILE holds the body as it is sent, - reads it from\n" +
			"standard input. Nothing is verified, sent or kept.\n\n" +
			"Exit codes: 0; 2 the payload or the configuration is wrong; 3 well-formed, and not for us.",
		Example: "  debrief source test rollouts payload.json\n  debrief source test github body.json --header 'X-GitHub-Event: deployment_status'",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := loadConfig(e, file)
			if err != nil {
				return err
			}
			sources, err := loop.Inbound(cfg)
			if err != nil {
				return err
			}
			src, err := sourceCalled(sources, args[0])
			if err != nil {
				return err
			}
			body, err := payloadFile(e, args[1])
			if err != nil {
				return err
			}
			events, err := try(e, src, headers, body)
			if debrief.KindOf(err) == debrief.Ignored && err != nil {
				return &ExitError{Code: 3, Message: "not for debrief: " + err.Error()}
			} else if err != nil {
				return err
			}
			out := json.NewEncoder(e.Stdout)
			out.SetIndent("", "  ")
			out.SetEscapeHTML(false)
			return out.Encode(events)
		},
	}
	c.Flags().StringVar(&file, "config", "", "configuration file (YAML); default: ./debrief.yaml where it is")
	c.Flags().StringArrayVar(&headers, "header", nil, "a header the payload came with, as 'Name: value'; may be repeated")
	return c
}

// try does what the server does with a verified request.
func try(e *Env, src ingest.Source, headers []string, body []byte) ([]debrief.Event, error) {
	r := ingest.Request{Header: map[string]string{}, Body: body, Received: debrief.Instant(e.Now()), Digest: "test"}
	for _, h := range headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return nil, debrief.Errorf(debrief.Invalid, "--header", "%q is no header", h).WithHint("write it as 'Name: value'")
		}
		r.Header[textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	if src.Open != nil {
		opened, err := src.Open(r.Header, body)
		if opened.Left > 0 {
			fmt.Fprintf(e.Stderr, "left out: %d\n", opened.Left)
		}
		if err != nil {
			return nil, err
		}
		r.Body = opened.Body
	}
	var err error
	if r.Key, err = src.Key(r); err != nil {
		return nil, err
	}
	return src.Parse(r)
}

func sourceTemplateCmd(e *Env) *cobra.Command {
	return &cobra.Command{
		Use:     "template NAME",
		Short:   "Print what the sender is to be given, such as Argo CD's notification template",
		Example: "  debrief source template argocd > argocd-notifications-cm.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			src, err := sourceCalled(ingest.Sources(), args[0])
			if err != nil {
				return err
			}
			if src.Template == "" {
				return debrief.Errorf(debrief.NotFound, "", "%s needs no template", src.Title).WithHint("docs/sources/%s.md says how to connect it", src.Name)
			}
			fmt.Fprint(e.Stdout, src.Template)
			return nil
		},
	}
}

func sourceCalled(sources []ingest.Source, name string) (ingest.Source, error) {
	var known []string
	for _, s := range sources {
		if s.Name == name {
			return s, nil
		}
		known = append(known, s.Name)
	}
	return ingest.Source{}, debrief.Errorf(debrief.NotFound, "source", "unknown source %q", name).WithHint("known sources: %s", strings.Join(known, ", "))
}

const maxPayloadFile = 25 << 20

func payloadFile(e *Env, name string) ([]byte, error) {
	from := e.Stdin
	if name != "-" {
		if !filepath.IsAbs(name) {
			name = filepath.Join(e.Dir, name)
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, debrief.Errorf(debrief.Invalid, "FILE", "%w", err)
		}
		defer f.Close()
		from = f
	}
	b, err := io.ReadAll(io.LimitReader(from, maxPayloadFile+1))
	if err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "FILE", "%w", err)
	}
	if len(b) > maxPayloadFile {
		return nil, debrief.Errorf(debrief.TooLarge, "FILE", "more than %d MiB", maxPayloadFile>>20)
	}
	return b, nil
}
