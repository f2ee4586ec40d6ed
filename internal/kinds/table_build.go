package kinds

import "github.com/debriefhq/debrief"

func dependencyRules() []Rule {
	const k = debrief.KindDependency
	return []Rule{
		{
			Name: "locked", Kind: k,
			Paths: []string{
				"go.sum", "go.work.sum", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "deno.lock", "Pipfile.lock", "poetry.lock", "pdm.lock", "uv.lock", "pylock*.toml",
				"Gemfile.lock", "gems.locked", "Cargo.lock", "composer.lock", "mix.lock", "rebar.lock", "pubspec.lock", "Package.resolved", "Podfile.lock", "Cartfile.resolved", "gradle.lockfile", "buildscript-gradle.lockfile",
				"verification-metadata.xml", "packages.lock.json", "project.assets.json", "conan.lock", "flake.lock", "Chart.lock", ".terraform.lock.hcl", "MODULE.bazel.lock", "stack.yaml.lock", "cabal.project.freeze", "cpanfile.snapshot", "renv.lock", "Manifest.toml", "buf.lock",
			},
			Doc: "The file in which a package manager writes down the exact versions it chose.", Source: "https://docs.npmjs.com/cli/configuring-npm/package-lock-json",
		},
		{
			Name: "manifest", Kind: k,
			Paths: []string{
				"go.mod", "go.work", "requirements*.{txt,in}", "*-requirements.{txt,in}", "requirements/*.{txt,in}", "constraints*.txt", "Pipfile", "environment.{yml,yaml}", "Gemfile", "gems.rb", "*.gemspec", "composer.json", "mix.exs", "rebar.config", "pubspec.yaml",
				"Package.swift", "Podfile", "Cartfile", "libs.versions.toml", "Directory.Packages.props", "packages.config", "paket.dependencies", "paket.lock", "conanfile.{txt,py}", "vcpkg.json", "deps.edn", "project.clj", "build.sbt", "cpanfile", "*.cabal", "MODULE.bazel", "WORKSPACE",
				"WORKSPACE.bazel", "pnpm-workspace.yaml", "bower.json", "requirements.{yaml,yml}", ".gitmodules", "shard.yml", "dub.json", "elm.json", "rockspec", "*.rockspec", "DESCRIPTION",
			},
			Doc: "The file in which a project names what it needs.", Source: "https://go.dev/ref/mod#go-mod-file",
		},
		{
			Name: "manifest-and-more", Kind: k,
			Paths: []string{
				"package.json", "pyproject.toml", "setup.{py,cfg}", "Cargo.toml", "pom.xml", "*.pom", "build.gradle", "build.gradle.kts", "dependencies.gradle", "deps.bzl", "*.{csproj,fsproj,vbproj}", "Directory.Build.props", "deno.json", "jsr.json",
			},
			Lines: []string{
				`^[+\s]*"@?[\w./-]+"\s*:\s*"(\^|~|>=|<|=|v|npm:|workspace:|file:|git|github:|https?:|\*|latest)?[\w.*^~<>=| :/#@+-]*\d[\w.*-]*"`, `(?i)<(dependency|dependencies|parent|plugin|artifactId|groupId)>`, `(?i)<(Package|Project)(Reference|Version)\b`, `(?i)<[\w.-]+[.-]version>`,
				`(?i)\b(implementation|api|compileOnly|runtimeOnly|testImplementation|annotationProcessor|kapt|classpath|platform|enforcedPlatform)\s*[( ]`, `^\s*"?[A-Za-z0-9][\w.-]*(\[[\w,]+\])?\s*(~=|==|>=|<=|!=|<|>)\s*["'\d]`, `^\s*"?[A-Za-z0-9][\w.-]*"?\s*=\s*(\{|["'][\^~<>=*]|["']\d+(\.\d+)*["']\s*$)`, `^\s*["'][A-Za-z0-9][\w.-]*(\[[\w,]+\])?\s*([~^<>=!]=?[^"']*)?["'],?\s*$`, `^\s*id\(?\s*["'][\w.-]+["']\)?\s+version`,
			},
			Blind: true,
			Doc:   "Manifests that say more than dependencies. Where the lines are known one has to name a dependency; where they are not, it is taken for one.", Source: "https://docs.npmjs.com/cli/configuring-npm/package-json",
		},
	}
}

func ciRules() []Rule {
	const k = debrief.KindCI
	return []Rule{
		{
			Name: "pipeline", Kind: k,
			Paths: []string{
				".github/workflows/**", ".github/actions/**", "action.{yml,yaml}", ".gitlab-ci.{yml,yaml}", "*.gitlab-ci.{yml,yaml}", ".gitlab/ci/**", ".gitlab-ci/**", "Jenkinsfile*", "*.jenkinsfile", "*.Jenkinsfile", ".circleci/**", ".travis.yml", "azure-pipelines*.{yml,yaml}", ".azure-pipelines/**", ".azuredevops/**",
				".drone.{yml,yaml,jsonnet,star}", ".buildkite/**", "bitbucket-pipelines.yml", "appveyor.yml", ".appveyor.yml", ".woodpecker.{yml,yaml}", ".woodpecker/**", ".teamcity/**", "cloudbuild*.{yml,yaml,json}", "buildspec*.{yml,yaml}", ".cirrus.{yml,star}", ".semaphore/**", ".forgejo/workflows/**", ".gitea/workflows/**",
				"/ci/**/*.{yml,yaml,sh,groovy,json,toml,star,jsonnet}", "/.ci/**", "tekton/**/*.{yml,yaml}", ".tekton/**", "codemagic.yaml", "bors.toml", ".prow.yaml", "/.mergify.yml", ".goreleaser*.{yml,yaml}", ".zuul.d/**", ".zuul.{yml,yaml}",
			},
			Doc: "Pipelines: GitHub Actions, GitLab CI, Jenkins, CircleCI, Travis, Azure, Drone, Buildkite, Bitbucket, Woodpecker and others.", Source: "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax",
		},
		{
			Name: "checks", Kind: k,
			Paths: []string{
				".github/{dependabot,labeler,codecov,stale,release,auto_assign}*.{yml,yaml}", "renovate.json*", ".renovaterc*", ".github/renovate*", "{codecov,.codecov,.coveralls}.{yml,yaml}", ".pre-commit-config.yaml", ".golangci*.{yml,yaml,toml,json}", ".eslintrc*", "eslint.config.*", ".eslintignore", ".cspell*", "cspell.*", ".stylelintrc*", "stylelint.config.*",
				".prettierrc*", ".prettierignore", "prettier.config.*", ".editorconfig", ".rubocop*.yml", ".flake8", ".pylintrc", "pylintrc", "mypy.ini", "ruff.toml", ".ruff.toml", "tox.ini", "noxfile.py", ".markdownlint*", ".yamllint*", ".spectral.{yml,yaml}", ".hadolint.yaml", ".shellcheckrc", "sonar-project.properties",
				".lintstagedrc*", ".husky/**", "checkstyle*.xml", "phpstan*.neon*", "psalm*.xml", ".php-cs-fixer*", "biome.json*", "lefthook.{yml,yaml}", ".commitlintrc*", "commitlint.config.*", ".clang-format", ".clang-tidy", "clippy.toml", "rustfmt.toml", ".rustfmt.toml", "CODEOWNERS", ".github/ISSUE_TEMPLATE/**", ".gitleaks.toml", ".trivyignore", ".spelling", "typos.toml", "_typos.toml",
			},
			Doc: "What checks the code: linters, formatters, bots, coverage.", Source: "https://golangci-lint.run/docs/configuration/file/",
		},
		{
			Name: "editors", Kind: k,
			Paths: []string{".vscode/**", ".idea/**", ".devcontainer/**", ".zed/**", "*.code-workspace", ".gitignore", ".gitattributes", ".git-blame-ignore-revs", ".gitpod.*", ".ecrc", ".editorconfig-checker.json", ".envrc"},
			Doc:   "What editors and git read: it does not reach what runs.", Source: "https://code.visualstudio.com/docs/getstarted/settings",
		},
		{
			Name: "build", Kind: k,
			Paths: []string{
				"Makefile", "makefile", "GNUmakefile", "*.mk", "Taskfile*.{yml,yaml}", "justfile", "Justfile", "Rakefile", "CMakeLists.txt", "*.cmake", "BUILD", "BUILD.bazel", "*.bzl", ".bazelrc", "meson.build", "configure.ac", "Makefile.am", "webpack.*.{js,ts,cjs,mjs}", "vite.config.*", "rollup.config.*", "babel.config.*", ".babelrc*",
				"tsconfig*.json", "turbo.json", "nx.json", "lerna.json", "gulpfile.*", "Gruntfile.*", "esbuild.*", "magefile.go", "gradle.properties", "settings.gradle", "settings.gradle.kts", "gradle-wrapper.properties", "mvnw", "gradlew", "flake.nix", "default.nix", "shell.nix", ".nvmrc", ".node-version", ".tool-versions", ".python-version", ".ruby-version", ".go-version", ".java-version", "rust-toolchain*", "global.json", "snapcraft.yaml",
			},
			Doc: "What builds it: make, Bazel, bundlers, the versions of the tools.", Source: "https://www.gnu.org/software/make/manual/make.html",
		},
	}
}
