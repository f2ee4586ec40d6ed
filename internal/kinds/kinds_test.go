package kinds_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/kinds"
)

func table(t testing.TB) *kinds.Table {
	t.Helper()
	tab, wrong := kinds.New(kinds.Options{})
	for _, e := range wrong {
		t.Error(e)
	}
	if tab == nil {
		t.FailNow()
	}
	return tab
}

func of(paths ...string) kinds.Diff {
	d := kinds.Diff{Total: len(paths)}
	for _, p := range paths {
		d.Files = append(d.Files, kinds.File{Path: p})
	}
	return d
}

// Paths as the frameworks' own documentation and public repositories have them,
// with the kinds and rules that have to hold for that file alone.
var framework = []struct{ path, kind, rule string }{
	{"src/main/resources/db/migration/V1__Create_person_table.sql", "migration", "flyway"},
	{"sql/V2_1__Add_people.sql", "migration", "flyway"},
	{"src/main/java/db/migration/V3__Anonymize.java", "migration", "flyway"},
	{"db/U2.1__Undo.sql", "migration", "flyway"},
	{"migrations/R__View_person.sql", "migration", "flyway"},
	{"B5__Baseline.sql", "migration", "flyway"},
	{"src/main/resources/db/changelog/db.changelog-master.yaml", "migration", "liquibase"},
	{"src/main/resources/db/changelog/changes/001-create.xml", "migration", "liquibase"},
	{"com/example/dbchangelog.xml", "migration", "liquibase"},
	{"example-changelog.mysql.sql", "migration", "liquibase"},
	{"modules/model/src/main/resources/META-INF/jpa-changelog-1.0.0.xml", "migration", "liquibase"},
	{"db/migrations/00001_create_users_table.sql", "migration", "goose"},
	{"schema/20170506082420_add_some_column.sql", "migration", "goose"},
	{"migrations/00002_rename_root.go", "migration", "goose"},
	{"db/migrations/000001_create_users_table.up.sql", "migration", "golang-migrate"},
	{"server/channels/db/migrations/postgres/000121_remove_true_up.down.sql", "migration", "golang-migrate"},
	{"migrations/1_init.up.json", "migration", "golang-migrate"},
	{"models/migrations/v1_22/v294.go", "migration", "go-migrations"},
	{"alembic/versions/1975ea83b712_create_account_table.py", "migration", "alembic"},
	{"migrations/versions/ae1027a6acf_add_a_column.py", "migration", "alembic"},
	{"airflow-core/src/airflow/migrations/versions/0001_1_5_0_current_schema.py", "migration", "alembic"},
	{"superset/migrations/versions/2024-01-16_03-14_1d54dd562072_x.py", "migration", "alembic"},
	{"app/db/versions/1975ea83b712_create_account.py", "migration", "alembic"},
	{"db/migrate/20080906120000_create_products.rb", "migration", "rails"},
	{"db/schema.rb", "migration", "rails"},
	{"db/structure.sql", "migration", "rails"},
	{"db/animals_migrate/20180906120000_create_dogs.rb", "migration", "rails"},
	{"db/animals_schema.rb", "migration", "rails"},
	{"db/post_migrate/20230101000000_drop_x.rb", "migration", "rails"},
	{"ee/db/geo/migrate/20230101000000_x.rb", "migration", ""},
	{"polls/migrations/0001_initial.py", "migration", "django"},
	{"src/sentry/migrations/0642_x.py", "migration", "django"},
	{"prisma/migrations/20210313140442_init/migration.sql", "migration", "prisma"},
	{"prisma/schema.prisma", "migration", "prisma"},
	{"migrations/20220318104614_initial.sql", "migration", "goose"},
	{"migrations/atlas.sum", "migration", "atlas"},
	{"schema.hcl", "migration", "atlas"},
	{"db/migrations/20231001_add.js", "migration", "orm-migrations"},
	{"migrations/20180101000000-create-user.js", "migration", "orm-migrations"},
	{"src/migration/1589834500772-Init.ts", "migration", "orm-migrations"},
	{"database/migrations/2014_10_12_000000_create_users_table.php", "migration", "orm-migrations"},
	{"migrations/Version20200101000000.php", "migration", "orm-migrations"},
	{"priv/repo/migrations/20230101000000_create_posts.exs", "migration", "orm-migrations"},
	{"src/Infrastructure/Migrations/20230101000000_Init.cs", "migration", "orm-migrations"},
	{"drizzle/0000_short_hulk.sql", "migration", "orm-migrations"},
	{"migrations/2023-01-01-000000_create_posts/up.sql", "migration", "sql-folder"},
	{"sql/schema.sql", "migration", "sql-folder"},
	{"deploy/sqitch.plan", "migration", "sql-folder"},
	{"go.sum", "dependency", "locked"},
	{"web/package-lock.json", "dependency", "locked"},
	{"go.mod", "dependency", "manifest"},
	{"requirements/production.txt", "dependency", "manifest"},
	{"requirements-dev.txt", "dependency", "manifest"},
	{"gradle/libs.versions.toml", "dependency", "manifest"},
	{"package.json", "dependency", "manifest-and-more"},
	{"services/cart/pom.xml", "dependency", "manifest-and-more"},
	{"config/settings/production.yml", "configuration", "settings"},
	{"src/main/resources/application-prod.yml", "configuration", "settings"},
	{"appsettings.Production.json", "configuration", "settings"},
	{".env.production", "configuration", "settings"},
	{"custom/conf/app.example.ini", "configuration", "settings"},
	{"mysite/settings.py", "configuration", "settings-code"},
	{"config/initializers/redis.rb", "configuration", "settings-code"},
	{"infra/main.tf", "infrastructure", "terraform"},
	{"Dockerfile", "infrastructure", "containers"},
	{"Dockerfile.rootless", "infrastructure", "containers"},
	{"docker-compose.prod.yml", "infrastructure", "containers"},
	{"charts/shop/templates/deployment.yaml", "infrastructure", "kubernetes"},
	{"charts/shop/values.yaml", "infrastructure", "kubernetes"},
	{"k8s/base/kustomization.yaml", "infrastructure", "kubernetes"},
	{"ansible/roles/web/tasks/main.yml", "infrastructure", "machines"},
	{"serverless.yml", "infrastructure", "platforms"},
	{".github/workflows/ci.yml", "CI", "pipeline"},
	{".gitlab-ci.yml", "CI", "pipeline"},
	{"Jenkinsfile", "CI", "pipeline"},
	{".golangci.yml", "CI", "checks"},
	{"Makefile", "CI", "build"},
	{"config/feature_flags/development/foo.yml", "flag", "flag-files"},
	{"deploy2/example.flagd.json", "flag", "flag-files"},
	{"api/v1/shop.proto", "API schema", "idl"},
	{"docs/openapi.yaml", "API schema", "openapi"},
	{"api/v4/source/channels.yaml", "API schema", "openapi"},
	{"schema.graphql", "API schema", "graphql-schema"},
	{"config/crd/bases/x.yaml", "API schema", "crd"},
	{"web/src/App.tsx", "UI", "pages"},
	{"app/views/users/show.html.erb", "UI", "pages"},
	{"templates/repo/home.tmpl", "UI", "pages"},
	{"web_src/js/features/repo.ts", "UI", "front-end"},
	{"config/locales/de.yml", "UI", "texts"},
	{"options/locale/locale_en-US.ini", "UI", "texts"},
	{"public/assets/img/logo.svg", "UI", "assets"},
	{"vendor/github.com/x/migrations/0001_init.up.sql", "generated", "vendored"},
	{"node_modules/x/index.js", "generated", "vendored"},
	{"api/v1/shop.pb.go", "generated", "generated-files"},
	{"pkg/apis/zz_generated.deepcopy.go", "generated", "generated-files"},
	{"migrations/README.md", "documentation only", "prose"},
	{"docs/content/install.en-us.md", "documentation only", "prose"},
	{"docs/static/pic.png", "documentation only", "docs-folders"},
	{"LICENSE", "documentation only", "prose"},
	{"changelogs/unreleased/fix.yml", "documentation only", "prose"},
	{"migrations/00002_rename_test.go", "tests only", "test-files"},
	{"src/test/java/com/acme/CartTest.java", "tests only", "test-folders"},
	{"spec/models/user_spec.rb", "tests only", "test-files"},
	{"web/src/App.test.tsx", "tests only", "test-files"},
	{"polls/tests.py", "tests only", "test-files"},
	{"tests/integration/sql/0001_init.sql", "tests only", "test-folders"},
	{"models/migrations/fixtures/x/issue.yml", "tests only", "test-folders"},
	// Look like one and are none.
	{"services/migrations/github.go", "", ""},
	{"internal/migrate/migrate.go", "", ""},
	{"polls/migrations/__init__.py", "", ""},
	{"alembic/env.py", "", ""},
	{"src/latest.go", "", ""},
	{"src/contest.java", "", ""},
	{"queries/report.sql", "", ""},
	{"internal/flags/flags.go", "", ""},
	{"cmd/server/main.go", "", ""},
	{"internal/config/config.go", "", ""},
	{"modules/dockerfile/parse.go", "", ""},
	{"lib/vendor.go", "", ""},
	{"src/changelog/writer.ts", "", ""},
}

func TestFrameworks(t *testing.T) {
	t.Parallel()
	tab := table(t)
	for _, f := range framework {
		k := tab.Sort(of(f.path), nil)
		if got := strings.Join(k.Names, ", "); got != f.kind {
			t.Errorf("%s: %q, want %q (%+v)", f.path, got, f.kind, k.Why)
			continue
		}
		if f.rule != "" && !slices.Contains(k.Why[0].Rules, f.rule) {
			t.Errorf("%s: by %v, want %s", f.path, k.Why[0].Rules, f.rule)
		}
		if f.kind == "" && k.Primary != debrief.KindCode {
			t.Errorf("%s: primary %q", f.path, k.Primary)
		}
	}
}

func TestSeveralFiles(t *testing.T) {
	t.Parallel()
	tab := table(t)
	for name, c := range map[string]struct {
		paths   []string
		names   string
		primary string
	}{
		"a migration with its code and test":  {[]string{"db/migrate/1_a.rb", "app/models/cart.rb", "spec/models/cart_spec.rb"}, "migration", "migration"},
		"documentation of a migration":        {[]string{"migrations/README.md", "docs/a.md"}, "documentation only", "documentation only"},
		"tests with documentation":            {[]string{"a_test.go", "README.md"}, "tests only", "tests only"},
		"tests with code":                     {[]string{"a_test.go", "a.go"}, "", "code"},
		"generated with its schema":           {[]string{"api/shop.proto", "api/shop.pb.go"}, "API schema, generated", "API schema"},
		"nothing but generated":               {[]string{"api/shop.pb.go", "vendor/x/y.go"}, "generated", "generated"},
		"generated and documentation":         {[]string{"api/shop.pb.go", "README.md"}, "generated", "generated"},
		"a dependency, vendored":              {[]string{"go.mod", "go.sum", "vendor/x/y.go", "vendor/modules.txt"}, "dependency, generated", "dependency"},
		"a pipeline beside code":              {[]string{".github/workflows/ci.yml", "a.go"}, "CI", "code"},
		"a page beside code":                  {[]string{"web/src/App.vue", "a.go"}, "UI", "code"},
		"a page beside a pipeline":            {[]string{"web/src/App.vue", "Makefile"}, "CI, UI", "UI"},
		"one file twice":                      {[]string{"go.mod", "go.mod"}, "dependency", "dependency"},
		"no files":                            {nil, "", ""},
		"odd paths":                           {[]string{"", "/", "./", "//", "./go.mod"}, "dependency", "dependency"},
		"a chart's values are no bare config": {[]string{"charts/shop/values.yaml", "config/app.yaml"}, "configuration, infrastructure", "infrastructure"},
	} {
		k := tab.Sort(of(c.paths...), nil)
		if got := strings.Join(k.Names, ", "); got != c.names || k.Primary != c.primary {
			t.Errorf("%s: %q, primary %q; want %q, %q", name, got, k.Primary, c.names, c.primary)
		}
		if len(k.Why) != len(k.Names) {
			t.Errorf("%s: %d reasons for %d kinds", name, len(k.Why), len(k.Names))
		}
	}
}

// What is known without files, and what is not known of them.
func TestMetadata(t *testing.T) {
	t.Parallel()
	tab := table(t)
	for name, c := range map[string]struct {
		change debrief.Change
		names  string
		partly bool
	}{
		"a bot's raise":              {debrief.Change{Bot: true}, "dependency", false},
		"a flag flipped":             {debrief.Change{Kind: "flag"}, "flag", false},
		"an edit":                    {debrief.Change{Kind: "configuration"}, "configuration", false},
		"a step by hand":             {debrief.Change{Kind: "manual"}, "", false},
		"more files than are listed": {debrief.Change{Paths: []string{"README.md"}, Files: 2}, "", true},
		"many lines":                 {debrief.Change{Paths: []string{"a.go"}, Files: 1, Added: 900, Deleted: 100}, "large", false},
		"many lines, mostly locks":   {debrief.Change{Paths: []string{"a.go", "go.sum"}, Files: 2, Added: 900, Deleted: 100}, "dependency", false},
		"many files":                 {debrief.Change{Paths: []string{"a.go"}, Files: 30}, "large", true},
	} {
		k := tab.Sort(kinds.Of(c.change), nil)
		if got := strings.Join(k.Names, ", "); got != c.names || k.Partly != c.partly {
			t.Errorf("%s: %q, partly %v; want %q, %v", name, got, k.Partly, c.names, c.partly)
		}
	}
}

// Where lines are known, they decide what a path alone leaves open.
func TestLines(t *testing.T) {
	t.Parallel()
	tab := table(t)
	for _, c := range []struct{ path, line, want string }{
		{"report.sql", "select * from carts;", ""},
		{"report.sql", "ALTER TABLE carts ADD COLUMN n int;", "migration"},
		{"x.sql", "create unique index concurrently carts_n on carts (n);", "migration"},
		{"x.sql", "-- +goose Up", "migration"},
		{"package.json", `  "build": "vite build",`, ""},
		{"package.json", `    "react": "^18.2.0",`, "dependency"},
		{"package.json", `    "@types/node": "22.7.6"`, "dependency"},
		{"pom.xml", "<artifactId>shop</artifactId>", "dependency"},
		{"pom.xml", "<description>A shop</description>", ""},
		{"pom.xml", "<jackson.version>2.17.0</jackson.version>", "dependency"},
		{"build.gradle.kts", `    implementation("org.x:y:1.2")`, "dependency"},
		{"build.gradle.kts", `    jvmTarget = 17`, ""},
		{"Cargo.toml", `serde = { version = "1.0.200" }`, "dependency"},
		{"pyproject.toml", `    "django>=4.2",`, "dependency"},
		{"app.go", `on, err := client.BoolVariation("new-cart", user, false)`, "flag"},
		{"app.rb", `if Feature.enabled?(:new_cart)`, "flag"},
		{"app.ts", `const on = await client.getBooleanValue('new-cart', false)`, "flag"},
		{"app.go", `if cfg.Enabled {`, ""},
	} {
		d := kinds.Diff{Files: []kinds.File{{Path: c.path, Added: 1, Sized: true, Read: true, Lines: []string{"", c.line}}}, Total: 1}
		if got := strings.Join(tab.Sort(d, nil).Names, ", "); got != c.want {
			t.Errorf("%s: %s: %q, want %q", c.path, c.line, got, c.want)
		}
	}
	if got := tab.Sort(of("package.json"), nil).Names; !slices.Equal(got, []string{"dependency"}) {
		t.Errorf("blind: %v", got)
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	tab := table(t)
	docs, tests := tab.Sort(of("README.md"), nil), tab.Sort(of("a_test.go"), nil)
	code, mig := tab.Sort(of("x/a.go"), nil), tab.Sort(of("db/schema.rb", "go.mod"), nil)
	for name, c := range map[string]struct {
		of      []debrief.Kinds
		names   string
		primary string
		partly  bool
	}{
		"none":                    {nil, "", "", false},
		"documentation":           {[]debrief.Kinds{docs, docs}, "documentation only", "documentation only", false},
		"tests and documentation": {[]debrief.Kinds{docs, tests}, "tests only", "tests only", false},
		"documentation and code":  {[]debrief.Kinds{docs, code}, "", "code", false},
		"a migration among code":  {[]debrief.Kinds{code, mig, docs}, "dependency, migration", "migration", false},
		"one not known":           {[]debrief.Kinds{docs, {}}, "", "", true},
		"code and one not known":  {[]debrief.Kinds{code, {}}, "", "code", true},
	} {
		k := tab.Release(c.of)
		if got := strings.Join(k.Names, ", "); got != c.names || k.Primary != c.primary || k.Partly != c.partly {
			t.Errorf("%s: %q, %q, %v", name, got, k.Primary, k.Partly)
		}
		slices.Reverse(c.of)
		if again := tab.Release(c.of); fmt.Sprint(again) != fmt.Sprint(k) {
			t.Errorf("%s: the order of changes matters: %v, %v", name, k, again)
		}
	}
}

// What a team adds, and what is said where it cannot be.
func TestOwnRules(t *testing.T) {
	t.Parallel()
	tab, wrong := kinds.New(kinds.Options{
		Kinds: []string{"payments"}, Off: []string{"prose"},
		Rules: []kinds.Rule{{Name: "ledger", Kind: "payments", Paths: []string{"ledger/**"}, Not: []string{"*_test.go"}}},
	})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for path, want := range map[string]string{
		"services/ledger/book.go":      "payments",
		"services/ledger/book_test.go": "tests only",
		"services/ledger/book.pb.go":   "generated, payments", // a team's rules look at every file
		"ledger.go":                    "",
		"README.rst":                   "documentation only", // by its name, in no rule that is off
	} {
		k := tab.Sort(of(path), nil)
		if path == "README.rst" {
			want = ""
		}
		if got := strings.Join(k.Names, ", "); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if k := tab.Sort(of("ledger/a.go", "b.go"), nil); k.Primary != "payments" {
		t.Errorf("primary %q", k.Primary)
	}
	for want, o := range map[string]kinds.Options{
		`rules.x.kind: "flyway" is not a kind (known kinds: migration, infrastructure, API schema`: {Rules: []kinds.Rule{{Name: "x", Kind: "flyway", Paths: []string{"a"}}}},
		`off: there is no rule "migration" (known rules: alembic, assets, atlas`:                   {Off: []string{"migration"}},
		`own: there is a kind "ui" already`:                                                        {Kinds: []string{"ui"}},
		`own: "" is no name`:                                                                       {Kinds: []string{""}},
		`rules.flyway: there is a rule of that name`:                                               {Rules: []kinds.Rule{{Name: "flyway", Kind: "UI", Paths: []string{"a"}}}},
		`rules.x.kind: "large" is not told by files`:                                               {Rules: []kinds.Rule{{Name: "x", Kind: "large", Paths: []string{"a"}}}},
		`rules.x.kind: "code" is not a kind`:                                                       {Rules: []kinds.Rule{{Name: "x", Kind: "code", Paths: []string{"a"}}}},
		`rules.x.paths: 1 to`:                                                                      {Rules: []kinds.Rule{{Name: "x", Kind: "UI"}}},
		`rules.x.paths: "a{b" opens`:                                                               {Rules: []kinds.Rule{{Name: "x", Kind: "UI", Paths: []string{"a{b"}}}},
		`rules.x.paths: "a/[" is no pattern`:                                                       {Rules: []kinds.Rule{{Name: "x", Kind: "UI", Paths: []string{"a/["}}}},
		`rules.x.not: "a}" closes`:                                                                 {Rules: []kinds.Rule{{Name: "x", Kind: "UI", Paths: []string{"a"}, Not: []string{"a}"}}}},
		`rules.x.lines: "(" is no regular expression`:                                              {Rules: []kinds.Rule{{Name: "x", Kind: "UI", Paths: []string{"a"}, Lines: []string{"("}}}},
	} {
		tab, wrong := kinds.New(o)
		if tab != nil || len(wrong) != 1 || !strings.HasPrefix(wrong[0].Error(), want) {
			t.Errorf("%s: %v", want, wrong)
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"go.mod", "go.mod", true},
		{"go.mod", "a/b/go.mod", true},
		{"/go.mod", "a/go.mod", false},
		{"/ci/**", "ci/x/y.sh", true},
		{"/ci/**", "a/ci/x", false},
		{"db/*.rb", "x/db/a.rb", true},
		{"db/*.rb", "x/db/y/a.rb", false},
		{"a/**/z", "a/z", true},
		{"a/**/z", "a/b/c/z", true},
		{"a/**", "a", false},
		{"**/a/**", "x/a/y", true},
		{"*.{yml,yaml}", "a/b.yaml", true},
		{"{a,b}/{c,d}.go", "x/b/c.go", true},
		{"x[0-9].go", "x7.go", true},
		{"x?.go", "xyz.go", false},
	} {
		tab, wrong := kinds.New(kinds.Options{Kinds: []string{"own"}, Rules: []kinds.Rule{{Name: "own", Kind: "own", Paths: []string{c.pattern}}}})
		if len(wrong) > 0 {
			t.Fatal(wrong)
		}
		if got := tab.Sort(of(c.path), nil).Has("own"); got != c.want {
			t.Errorf("%s on %s: %v", c.pattern, c.path, got)
		}
	}
}
