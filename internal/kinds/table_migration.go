package kinds

import "github.com/debriefhq/debrief"

// migrationRules tell migrations by where the frameworks put them and how they
// name them. A folder called migrations alone says little: services/migrations
// may as well move repositories from one host to another.
func migrationRules() []Rule {
	const k = debrief.KindMigration
	return []Rule{
		{
			Name: "flyway", Kind: k,
			Paths: []string{"V[0-9]*__*.{sql,java,kt,conf}", "U[0-9]*__*.sql", "B[0-9]*__*.sql", "R__*.{sql,java,kt}", "db/migration/**/*.sql", "db/callback/*.sql"},
			Doc:   "Flyway: versioned (V), undo (U), baseline (B) and repeatable (R) migrations, and what lies in its default folder db/migration.", Source: "https://documentation.red-gate.com/fd/migrations-184127470.html",
		},
		{
			Name: "liquibase", Kind: k,
			Paths: []string{
				"db/changelog/**/*.{xml,yaml,yml,json,sql}", "{db.changelog,dbchangelog,db-changelog}*.{xml,yaml,yml,json,sql}", "*changelog*.{mysql,mariadb,postgresql,oracle,mssql,h2,sqlite,db2}.sql",
				"{changelog,changeLog,ChangeLog}{.,-,_}{master,root,main}*.{xml,yaml,yml,json}", "liquibase/**/*.{xml,yaml,yml,json,sql}", "*{changelog,changeLog}*.xml", "*.changelog.{yaml,yml,json,sql}",
			},
			Not: []string{"liquibase/**/{pom,liquibase-docker}.xml", "liquibase.properties", "docker-compose*.{yml,yaml}", "appcast.xml", "metainfo/**"},
			Doc: "Liquibase: changelogs in XML, YAML, JSON and formatted SQL.", Source: "https://docs.liquibase.com/concepts/changelogs/home.html",
		},
		{
			Name: "goose", Kind: k,
			Paths: []string{"[0-9][0-9][0-9]*_*.sql", "{migrations,migration,migrate,goose}/**/[0-9][0-9][0-9]*_*.go"},
			Not:   []string{"*_test.go"},
			Doc:   "goose: SQL files whose name begins with a number of at least three digits and an underscore, in any folder; Go files of that name in a folder of migrations.", Source: "https://pressly.github.io/goose/",
		},
		{
			Name: "golang-migrate", Kind: k,
			Paths: []string{"*.{up,down}.{sql,json,cql,cypher}", "[0-9]*_*.{up,down}.*"},
			Doc:   "golang-migrate and those who name alike (morph, bun, node-pg-migrate with SQL): {version}_{title}.up.{ending} and .down.", Source: "https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md",
		},
		{
			Name: "go-migrations", Kind: k,
			Paths: []string{"migrations/**/v[0-9]*.go", "migrations/**/[0-9]*.go", "models/migrations/**/*.go"},
			Not:   []string{"*_test.go", "migrations/base/*.go", "migrations/migrationtest/*.go", "doc.go"},
			Doc:   "Migrations written in Go and called by a number or a version, as with xorm and gormigrate.", Source: "https://gitea.com/xorm/xorm",
		},
		{
			Name: "alembic", Kind: k,
			Paths: []string{"alembic/**/versions/**/*.py", "alembic/versions/**/*.py", "migrations/versions/**/*.py", "alembic_migrations/**/*.py", "versions/" + hex12 + "_*.py"},
			Not:   []string{"__init__.py", "env.py"},
			Doc:   "Alembic and Flask-Migrate: scripts in the versions folder; elsewhere such as are called by a revision of twelve hexadecimal digits.", Source: "https://alembic.sqlalchemy.org/en/latest/tutorial.html",
		},
		{
			Name: "rails", Kind: k,
			Paths: []string{"db/**/*migrate/**/*.rb", "db/{schema,*_schema}.rb", "db/{structure,*_structure}.sql"},
			Doc:   "Rails: db/migrate and, with several databases, db/NAME_migrate; the schema that follows from them.", Source: "https://guides.rubyonrails.org/active_record_migrations.html",
		},
		{
			Name: "django", Kind: k,
			Paths: []string{"migrations/[0-9][0-9][0-9][0-9]_*.py"},
			Doc:   "Django: numbered modules in an app's package migrations.", Source: "https://docs.djangoproject.com/en/stable/topics/migrations/",
		},
		{
			Name: "prisma", Kind: k,
			Paths: []string{"migrations/*/migration.sql", "*.prisma", "prisma/migrations/migration_lock.toml"},
			Doc:   "Prisma Migrate: migrations/TIME_NAME/migration.sql, and the schema they are made from.", Source: "https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/migration-histories",
		},
		{
			Name: "atlas", Kind: k,
			Paths: []string{"atlas.sum", "schema.hcl", "*.{my,pg,lt,ms,ch,rs}.hcl", "schema.{my,pg,lt}.sql"},
			Doc:   "Atlas: the sum of a folder of migrations changes with each of them; schemas in HCL.", Source: "https://atlasgo.io/concepts/migration-directory-integrity",
		},
		{
			Name: "orm-migrations", Kind: k,
			Paths: []string{
				"{migrations,migration}/**/[0-9]*{_,-}*.{js,cjs,mjs,ts,php,exs,rb,cs}", "migrations/Version[0-9]*.php", "Migrations/**/[0-9]*_*.cs", "*ModelSnapshot.cs", "database/migrations/**/*.php",
				"repo/migrations/**/*.exs", "drizzle/**/[0-9]*_*.sql", "drizzle/meta/*.json", "migrations/meta/_journal.json",
			},
			Not: []string{"*.{test,spec}.{js,ts}", "*.d.ts"},
			Doc: "Sequelize, Knex, TypeORM, MikroORM, Laravel, Doctrine, Ecto, Entity Framework, Drizzle: numbered files in a folder of migrations.", Source: "https://sequelize.org/docs/v6/other-topics/migrations/",
		},
		{
			Name: "sql-folder", Kind: k,
			Paths: []string{
				"{migrations,migration,migrate,migrates,schema,schemas,ddl,upgrade,upgrades,patches,deltas,delta,updates}/**/*.sql", "{db,database,sql}/{deploy,revert,verify,update,upgrade,patch}/**/*.sql", "sqitch.plan",
				"{schema,structure,ddl,create_tables}.sql", "*{_,-,.}schema.sql", "{migrations,migration}/**/{up,down}.{sql,cql}", "*.cql",
			},
			Not: []string{"seeds/**", "query.sql", "queries/**"},
			Doc: "Plain SQL in a folder that says so (migrations, schema, ddl, upgrades…), and files that hold a schema.", Source: "https://sqitch.org/docs/manual/sqitchtutorial/",
		},
		{
			Name: "sql-lines", Kind: k,
			Paths: []string{"*.sql"},
			Lines: []string{`(?i)^\s*(create|alter|drop|rename|truncate)\s+(or\s+replace\s+)?(unique\s+|temporary\s+|materialized\s+|global\s+)?(table|index|view|column|type|schema|sequence|trigger|function|constraint|extension|database)\b`, `(?i)^\s*--\s*(liquibase formatted sql|changeset|\+goose|\+migrate|migrate:(up|down))`},
			Doc:   "Any other SQL file of which a line that changed defines or alters something. Needs the lines, so a work tree.", Source: "https://www.postgresql.org/docs/current/ddl.html",
		},
	}
}

const (
	hex   = "[0-9a-f]"
	hex12 = hex + hex + hex + hex + hex + hex + hex + hex + hex + hex + hex + hex
)
