package org

import (
	"slices"
	"strings"
)

// tree is how a service's repository is laid out. In its paths {m} stands for
// a module, {w} for a word and {n} for a number that grows. Tests lie beside
// what they test.
type tree struct {
	language string
	pages    bool   // it has a user interface
	folder   string // of a module
	code     []string
	kinds    map[string][]string
}

var trees = []tree{
	{
		language: "go", folder: "internal/{m}/", code: []string{"internal/{m}/{w}.go", "internal/{m}/{w}_test.go"},
		kinds: map[string][]string{
			Migration: {"db/migrations/{n}_{w}.up.sql", "db/migrations/{n}_{w}.down.sql"}, Dependency: {"go.mod", "go.sum"},
			Configuration: {"config/production.yaml"}, Infrastructure: {"deploy/terraform/{w}.tf"}, APISchema: {"api/proto/{m}.proto"},
			Flag: {"config/feature_flags/{w}.yaml"}, Generated: {"internal/{m}/{w}.pb.go"}, CI: {".github/workflows/ci.yml"},
		},
	},
	{
		language: "ruby", pages: true, folder: "packs/{m}/", code: []string{"packs/{m}/app/{w}.rb", "packs/{m}/spec/{w}_spec.rb"},
		kinds: map[string][]string{
			Migration: {"db/migrate/2024{n}_{w}.rb", "db/schema.rb"}, Dependency: {"Gemfile", "Gemfile.lock"},
			Configuration: {"config/environments/production.rb"}, Infrastructure: {"terraform/{w}.tf"}, APISchema: {"graph/schema.graphql"},
			Flag: {"config/feature_flags/{w}.yml"}, UI: {"packs/{m}/views/{w}.html.erb", "packs/{m}/views/{m}.css"},
			Generated: {"packs/{m}/app/{w}.pb.rb"}, CI: {".gitlab-ci.yml"},
		},
	},
	{
		language: "python", folder: "apps/{m}/", code: []string{"apps/{m}/{w}.py", "apps/{m}/test_{w}.py"},
		kinds: map[string][]string{
			Migration: {"apps/{m}/migrations/{4}_{w}.py"}, Dependency: {"pyproject.toml", "poetry.lock"},
			Configuration: {"settings/production.yaml"}, Infrastructure: {"deploy/terraform/{w}.tf"}, APISchema: {"openapi/{m}.yaml"},
			Flag: {"feature_flags/{w}.yaml"}, Generated: {"apps/{m}/{w}_pb2.py"}, CI: {".github/workflows/test.yml"},
		},
	},
	{
		language: "typescript", pages: true, folder: "src/{m}/", code: []string{"src/{m}/{w}.ts", "src/{m}/{w}.test.ts"},
		kinds: map[string][]string{
			Migration: {"prisma/migrations/2024{n}_{w}/migration.sql"}, Dependency: {"package.json", "package-lock.json"},
			Configuration: {"config/production.json"}, Infrastructure: {"k8s/deployment.yaml"}, APISchema: {"api/schema.graphql"},
			Flag: {"feature-flags/{w}.json"}, UI: {"src/{m}/{W}.tsx", "src/{m}/{w}.css"},
			Generated: {"src/{m}/{w}.generated.ts"}, CI: {".circleci/config.yml"},
		},
	},
	{
		language: "rust", folder: "src/{m}/", code: []string{"src/{m}/{w}.rs", "src/{m}/tests.rs"},
		kinds: map[string][]string{
			Migration: {"migrations/2024{n}_{w}.sql"}, Dependency: {"Cargo.toml", "Cargo.lock"},
			Configuration: {"config/production.toml"}, Infrastructure: {"deploy/terraform/{w}.tf"}, APISchema: {"proto/{m}.proto"},
			Flag: {"feature_flags/{w}.toml"}, Generated: {"src/{m}/generated/{w}.rs"}, CI: {".github/workflows/ci.yml"},
		},
	},
}

var pathWords = []string{
	"orders", "totals", "lookup", "store", "client", "handler", "worker", "format", "parser", "limits", "report", "status", "items", "pages", "token", "state",
}

// fill puts a module, a word and a number into a path.
func fill(path, module, word string, n int) string {
	if !strings.Contains(path, "{") {
		return path
	}
	long := "000000" + number(n)
	return strings.NewReplacer("{m}", module, "{w}", word, "{W}", strings.ToUpper(word[:1])+word[1:],
		"{n}", long[len(long)-6:], "{4}", long[len(long)-4:]).Replace(path)
}

// module is the folder a module lies in.
func (t *tree) module(name string) string { return strings.Replace(t.folder, "{m}", name, 1) }

// folders are the modules that a kind's own files lie in, beside those of the code.
func (t *tree) folders(kind string) (out []string) {
	for _, p := range t.kinds[kind] {
		if kind == Generated || strings.HasPrefix(p, t.folder) {
			continue // written by a program, or in the module itself
		}
		if m := moduleOf(p); !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// moduleOf is the folder a path stands for: its first two.
func moduleOf(path string) string {
	parts := strings.Split(path, "/")
	dirs := parts[:len(parts)-1]
	if len(dirs) == 0 {
		return "(top)"
	}
	return strings.Join(dirs[:min(2, len(dirs))], "/") + "/"
}

// countFiles is how many files a change touches: two for each module (some code
// and its test), and those of its kinds.
func (sim *simulation) countFiles(c *change) int {
	n := 0
	for _, k := range c.kinds {
		n += len(sim.s.tree.kinds[k])
		if k == Large {
			n += largeFiles
		}
	}
	return n + len(sim.s.tree.code)*len(c.modules)
}

// replaceModule puts a module into the words of a title.
func replaceModule(title, module string) string { return strings.Replace(title, "%s", module, 1) }
