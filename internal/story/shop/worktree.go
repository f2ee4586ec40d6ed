package shop

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/debriefhq/debrief"
)

// commits is what a developer of the shop wrote, release by release: the file
// touched, the title, what stands in it.
func commits(version string) [][3]string {
	switch version {
	case "v1.41":
		return [][3]string{
			{"schema.sql", "The shop's tables", strings.Join(schema, ";\n") + ";\n" + strings.Join(indexes, ";\n") + ";\n"},
			{"checkout.sql", "Loyal customers pay one per cent less", boughtLines + "\n"},
		}
	case "v1.42", "v1.42-twin":
		index := ""
		if version == "v1.42-twin" {
			index = bought("order_events") + ";\n"
		}
		return [][3]string{
			{"migrations/0042_documents.sql", "Keep what was sold as documents", "create table order_history …;\n" + bought("order_history") + ";\ncreate table order_events …;\n" + index},
			{"checkout.sql", "Checkout asks the documents what was bought before", boughtDocuments + "\n"},
		}
	case "v1.43":
		return [][3]string{{"migrations/0043_index.sql", "The index that the documents lacked", bought("order_events") + ";\n"}}
	}
	return nil
}

// Commit writes a release into the shop's own work tree, which is made where
// there is none, and returns the commit. It needs git.
func Commit(ctx context.Context, dir, version string) (string, error) {
	git := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir, "-c", "user.name=Sample Shop", "-c", "user.email=shop@example.invalid", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		out, err := cmd.Output()
		if err != nil {
			return "", debrief.Errorf(debrief.Unavailable, "", "git %s: %w", args[0], err)
		}
		return strings.TrimSpace(string(out)), nil
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
		if _, err := git("init", "-q"); err != nil {
			return "", err
		}
	}
	for _, c := range commits(version) {
		path := filepath.Join(dir, c[0])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, []byte(c[2]), 0o644); err != nil {
			return "", err
		}
		if _, err := git("add", "."); err != nil {
			return "", err
		}
		if _, err := git("commit", "-q", "-m", c[1]); err != nil {
			return "", err
		}
	}
	return git("rev-parse", "HEAD")
}
