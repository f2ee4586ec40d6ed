package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/coach"
)

type writeFlags struct {
	file, gap             string
	finish, print, asJSON bool
	failed                bool
}

func writeCmd(e *Env) *cobra.Command {
	var f writeFlags
	c := &cobra.Command{
		Use:   "write [RELEASE|INCIDENT|DEBRIEF|latest]",
		Short: "Write a debrief: the boring part is there already",
		Long: `Opens the debrief about a release or an incident in $VISUAL or $EDITOR: the timeline, what
went well, what surprised, and the questions these facts raise are written already. What
you save is kept; where somebody else saved meanwhile, nothing is overwritten and your
text stays in a file here. Words that look at people instead of at the system are pointed
out, never refused.

A debrief ends with exactly one action (debrief action decide) and one gap:
` + gapNames() + `.

Exit codes: 0; 1 it was saved by somebody else meanwhile, or the server does not answer;
2 wrong input.`,
		Example: "  debrief write latest\n  debrief write latest --text notes.md --gap \"staging fidelity\" --finish",
		Args:    between(0, 1, "at most one release, incident or debrief"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			about := "latest"
			if len(args) == 1 {
				about = args[0]
			}
			return f.run(cmd.Context(), e, r, about)
		},
	}
	fs := c.Flags()
	fs.StringVar(&f.file, "text", "", "take the text from this file (- is standard input) instead of an editor")
	fs.StringVar(&f.gap, "gap", "", "tag the gap it shows")
	fs.BoolVar(&f.failed, "failed", false, "the release failed, though no ticket says so")
	fs.BoolVar(&f.finish, "finish", false, "finish it: its action and summary are posted once")
	fs.BoolVar(&f.print, "print", false, "print the text and change nothing")
	fs.BoolVar(&f.asJSON, "json", false, "print the API's answer")
	return c
}

func gapNames() string {
	var names []string
	for _, g := range debrief.Gaps() {
		names = append(names, string(g))
	}
	return strings.Join(names, ", ")
}

// debriefAt is the API's answer about one debrief.
type debriefAt struct {
	Debrief debrief.Debrief `json:"debrief"`
	Action  *debrief.Action `json:"action"`
	Asks    []coach.Ask     `json:"questions"`
	Advice  []coach.Advice  `json:"advice"`
}

func (f writeFlags) run(ctx context.Context, e *Env, r *reader, about string) error {
	at, raw, err := f.begin(ctx, r, about)
	if err != nil {
		return err
	}
	if f.print {
		if f.asJSON {
			return printJSON(e.Stdout, raw)
		}
		_, err := io.WriteString(e.Stdout, at.Debrief.Text)
		return err
	}
	text, where, err := f.text(ctx, e, at.Debrief)
	if err != nil {
		return err
	}
	edit := map[string]any{"version": at.Debrief.Version}
	if text != at.Debrief.Text {
		edit["text"] = text
	}
	if f.gap != "" {
		edit["gap"] = f.gap
	}
	if f.failed {
		edit["failed"] = true
	}
	path := "/api/v1/debriefs/" + url.PathEscape(at.Debrief.ID)
	if len(edit) > 1 {
		if raw, err = f.send(ctx, r, "PATCH", path, edit, &at); err != nil {
			return kept(err, where)
		}
		where.forget()
	}
	if f.finish {
		if raw, err = f.send(ctx, r, "POST", path+"/finish", map[string]any{"version": at.Debrief.Version}, &at); err != nil {
			return err
		}
	}
	if f.asJSON {
		return printJSON(e.Stdout, raw)
	}
	return f.tell(ctx, e, r, at)
}

func (f writeFlags) send(ctx context.Context, r *reader, method, path string, body any, at *debriefAt) (raw json.RawMessage, err error) {
	err = within(ctx, readLimit, func(ctx context.Context) error { return r.do(ctx, method, path, body, &raw) })
	if err == nil {
		*at = debriefAt{}
		err = json.Unmarshal(raw, at)
	}
	return raw, err
}

// begin finds the debrief by its own id, or by what it is about.
func (f writeFlags) begin(ctx context.Context, r *reader, about string) (at debriefAt, raw json.RawMessage, err error) {
	if about == "latest" {
		s, _, err := r.story(ctx, "latest", "")
		if err != nil {
			return at, nil, err
		}
		about = s.Release.ID
	}
	if raw, err = r.get(ctx, "/api/v1/debriefs/"+url.PathEscape(about), nil, &at); debrief.KindOf(err) != debrief.NotFound {
		return at, raw, err
	}
	raw, err = f.send(ctx, r, "POST", "/api/v1/debriefs", map[string]string{"about": about}, &at)
	return at, raw, err
}

// draftFile is where a person's text stands until it is saved.
type draftFile struct{ path string }

func (d draftFile) forget() {
	if d.path != "" {
		_ = os.Remove(d.path)
	}
}

// kept says where the text is that could not be saved.
func kept(err error, d draftFile) error {
	if d.path == "" {
		return err
	}
	return fmt.Errorf("%w\nyour text is in %s", err, d.path)
}

// text is what the person writes: from a file, or in their editor.
func (f writeFlags) text(ctx context.Context, e *Env, d debrief.Debrief) (string, draftFile, error) {
	switch {
	case f.file == "-":
		b, err := io.ReadAll(io.LimitReader(e.Stdin, 1<<20))
		return string(b), draftFile{}, err
	case f.file != "":
		path := f.file
		if !filepath.IsAbs(path) {
			path = filepath.Join(e.Dir, path)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return "", draftFile{}, debrief.Errorf(debrief.Invalid, "--text", "%w", err)
		}
		return string(b), draftFile{}, nil
	}
	editor := e.Getenv("VISUAL")
	if editor == "" {
		editor = e.Getenv("EDITOR")
	}
	if editor == "" {
		if f.gap != "" || f.finish || f.failed {
			return d.Text, draftFile{}, nil // only what flags say
		}
		return "", draftFile{}, debrief.Errorf(debrief.Invalid, "EDITOR", "no editor is set").WithHint("EDITOR=nano debrief write …, or give the text with --text FILE")
	}
	file := draftFile{filepath.Join(e.Dir, "debrief-"+d.ID[:min(len(d.ID), 12)]+".md")}
	if _, err := os.Stat(file.path); err == nil {
		return "", file, debrief.Errorf(debrief.Conflict, file.path, "a text that was not saved is there already").WithHint("save it with --text %s, or remove it", filepath.Base(file.path))
	}
	if err := os.WriteFile(file.path, []byte(d.Text), 0o600); err != nil {
		return "", file, err
	}
	// The editor's name may carry its own flags; the shell splits them, the file
	// comes as an argument that it never reads.
	cmd := exec.CommandContext(ctx, "sh", "-c", editor+` "$1"`, "sh", file.path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Dir = e.Stdin, e.Stdout, e.Stderr, e.Dir
	if err := cmd.Run(); err != nil {
		return "", file, kept(debrief.Errorf(debrief.Invalid, "EDITOR", "%s ended with %w; nothing was saved", editor, err), file)
	}
	b, err := os.ReadFile(file.path)
	if string(b) == d.Text {
		file.forget()
	}
	return string(b), file, err
}

// tell says how the debrief stands and where other words would help.
func (f writeFlags) tell(ctx context.Context, e *Env, r *reader, at debriefAt) error {
	d := at.Debrief
	state := "saved"
	if d.State == debrief.DebriefFinished {
		state = "finished"
	}
	fmt.Fprintf(e.Stdout, "%s: %s (version %d)\n", state, clean(d.Title), d.Version)
	var hints struct {
		Hints []coach.Hint `json:"hints"`
	}
	err := within(ctx, readLimit, func(ctx context.Context) error {
		return r.do(ctx, "POST", "/api/v1/wording", map[string]string{"text": d.Text}, &hints)
	})
	if err != nil {
		return err
	}
	for _, h := range hints.Hints {
		line := strings.Count(d.Text[:min(h.From, len(d.Text))], "\n") + 1
		fmt.Fprintf(e.Stdout, "line %d, “%s”: %s Rather: %s\n", line, clean(h.Found), h.Why, h.Better)
	}
	for _, a := range at.Advice {
		fmt.Fprintf(e.Stdout, "the action's %s: %s\n", strings.ReplaceAll(a.Field, "_", " "), a.Text)
	}
	if d.ActionID == "" {
		fmt.Fprintf(e.Stdout, "It still needs its one action: debrief action decide %s \"…\"\n", d.ID)
	}
	return nil
}
