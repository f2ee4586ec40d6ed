package kinds_test

import (
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
