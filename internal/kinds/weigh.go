package kinds

import (
	"fmt"
	"slices"

	"github.com/debriefhq/debrief"
)

// weighed is what of a diff somebody wrote by hand for what runs.
type weighed struct {
	code    int // files that no rule claims
	written int // files that are no tests, documentation, locks or generated
	lines   int // of those, where sizes of single files are known
	sized   bool
	foreign bool // others were among them, so the change's own size says little
	touched []touched
}

// touched is a module some of whose code was changed, and the files that hold it.
type touched struct {
	module string
	files  []string
}

func (w *weighed) add(t *Table, f *File, held []int, screen string) {
	locked, claimed := false, false
	for _, i := range held {
		r := &t.rules[i]
		locked = locked || r.Name == "locked"
		claimed = claimed || screen == "" || r.own
	}
	if screen != "" || locked {
		w.foreign = true
		return
	}
	if !claimed {
		w.code++
	}
	w.written++
	w.lines += f.Added + f.Deleted
	w.sized = w.sized || f.Sized
	m := debrief.Module(f.Path)
	if m == debrief.ModuleTop || !isCode(f.Path) {
		return // what lies at the top has nothing in common; texts and manifests say little of a module
	}
	if n := len(w.touched); n == 0 || w.touched[n-1].module != m {
		w.touched = append(w.touched, touched{module: m})
	}
	last := &w.touched[len(w.touched)-1]
	last.files = append(last.files, f.Path)
}

// weigh says whether the change is large.
func (w *weighed) weigh(t *Table, d Diff, found map[string]*tally) {
	n, known := w.lines, w.sized
	if !known && !w.foreign {
		n, known = d.Added+d.Deleted, true
	}
	files := w.written
	if !w.foreign {
		files = max(files, d.Total)
	}
	if known && n >= t.limits.Lines || files >= t.limits.Files {
		a := &tally{rules: map[string]bool{"size": true}, says: count(files, "file")}
		if known {
			a.says = fmt.Sprintf("%s in %s", count(n, "line"), count(files, "file"))
		}
		found[debrief.KindLarge] = a
	}
}

// modules joins what was met apart: files come sorted by path, and folders of a
// module may lie between those of another.
func (w *weighed) modules() []touched {
	slices.SortStableFunc(w.touched, func(a, b touched) int {
		if a.module < b.module {
			return -1
		} else if a.module > b.module {
			return 1
		}
		return 0
	})
	var out []touched
	for _, m := range w.touched {
		if n := len(out); n > 0 && out[n-1].module == m.module {
			out[n-1].files = append(out[n-1].files, m.files...)
			continue
		}
		out = append(out, m)
	}
	return out
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// codeEndings are the endings of files that tests can run.
var codeEndings = []string{".go", ".py", ".rb", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".java", ".kt", ".scala", ".groovy", ".cs", ".fs", ".vb", ".php", ".rs", ".c", ".cc", ".cpp", ".h", ".hpp", ".m", ".mm", ".swift", ".dart", ".ex", ".exs", ".erl", ".clj", ".hs", ".ml", ".lua", ".pl", ".pm", ".vue", ".svelte", ".elm", ".zig", ".nim", ".cr", ".jl", ".r", ".R"}

func isCode(path string) bool {
	for i := len(path) - 1; i >= 0 && path[i] != '/'; i-- {
		if path[i] == '.' {
			return slices.Contains(codeEndings, path[i:])
		}
	}
	return false
}
