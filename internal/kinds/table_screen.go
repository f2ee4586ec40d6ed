package kinds

import "github.com/debriefhq/debrief"

func generatedRules() []Rule {
	const k = debrief.KindGenerated
	return []Rule{
		{
			Name: "vendored", Kind: k,
			Paths: []string{"vendor/**", "node_modules/**", "third_party/**", "third-party/**", "thirdparty/**", "vendored/**", "bower_components/**", "Godeps/**", "_vendor/**", "Pods/**", ".yarn/{releases,plugins,cache,sdks}/**", "external/**/vendor/**"},
			Not:   []string{"{app,resources,public,static}/**/vendor/*.{js,css}"},
			Doc:   "Copies of others' code.", Source: "https://go.dev/ref/mod#vendoring",
		},
		{
			Name: "generated-files", Kind: k,
			Paths: []string{
				"*.pb.{go,cc,h,rb,swift}", "*.pb.gw.go", "*.pb.validate.go", "*_grpc.pb.go", "*.connect.go", "*_pb2.py", "*_pb2_grpc.py", "*_pb2.pyi", "*_pb.{js,ts,d.ts}", "*_pb.d.ts", "*_grpc_pb.{js,d.ts}", "*.twirp.go", "*_{gen,generated}.go", "*.{gen,generated}.{go,ts,tsx,js,py,java,kt,cs,swift,rs,graphql}", "zz_generated*", "generated.{go,ts,js,py,proto}",
				"{generated,__generated__,autogen,auto-generated,gen-go,gen-py}/**", "*.g.{dart,cs}", "*.freezed.dart", "*.{designer,Designer}.cs", "*.g.i.cs", "bindata.go", "*_string.go", "*_easyjson.go", "*_vfsdata.go", "wire_gen.go", "*.sql.go", "mock_*.go", "*_mock.go", "mocks/**/*.go", "*.min.{js,css}", "*.{js,css,mjs}.map", "*.bundle.js", "{dist,build,target}/**/*.{js,css,map,class,jar}", "*.snap.new",
				"parser.out", "y.tab.{c,h}", "*.tab.{c,h}", "schema.generated.*", "graphql.schema.json", "openapi_generated.go", "docs/docs.go", "*.swagger.json",
			},
			Not: []string{"build/{config,scripts,webpack}*.js"},
			Doc: "What a program wrote, by the names programs give: protoc, stringer, mockgen, sqlc, GraphQL code generators, minifiers, bundlers.", Source: "https://pkg.go.dev/cmd/go#hdr-Generate_Go_files_by_processing_source",
		},
	}
}

func testRules() []Rule {
	const k = debrief.KindTestsOnly
	return []Rule{
		{
			Name: "test-files", Kind: k,
			Paths: []string{
				"*_test.{go,py,rb,exs,dart,cc,cpp,c,ts,js,clj,ml,zig}", "test_*.{py,rb,c,cc,cpp}", "*.{test,spec,tests,e2e,cy,stories,bench}.{js,jsx,ts,tsx,mjs,cjs,vue,mts}", "*.{test-d,test_helper}.ts", "*_{spec,unittest}.{rb,cc,js,lua}", "*{Test,Tests,TestCase,IT,ITCase,Spec,Specs,Suite,Benchmark}.{java,kt,scala,groovy}", "*{Test,Tests,TestCase}.{php,cs,swift,vb,fs,m,mm}",
				"conftest.py", "{jest,vitest,karma,playwright,cypress,wdio}.{config,conf,setup}.*", "*.{bats,feature}", "phpunit*.xml*", "pytest.ini", "*.snap", "*_test_helper.rb", "{test,spec}_helper.rb", "*_test.txtar", "tests.{py,rs}", "test.{js,ts,py,go,sh}", "*-test.{js,ts,tsx,jsx,sh,lisp}",
			},
			Doc: "Files that test frameworks run, by their names.", Source: "https://pkg.go.dev/cmd/go#hdr-Test_packages",
		},
		{
			Name: "test-folders", Kind: k,
			Paths: []string{
				"{test,tests,testing,Tests,__tests__,__mocks__,__snapshots__,__fixtures__,spec,specs,e2e,e2e-tests,cypress,playwright,testdata,test_data,test-data,testutil,testutils,testhelpers,test-utils,test_helpers,testlib,testsuite,testsuites,integration-tests,integration_tests,acceptance,benches,androidTest}/**", "src/{test,testFixtures,integrationTest,it}/**",
				"{test,tests,spec}_{support,utils,helpers}/**", "*.{Tests,Test,UnitTests,IntegrationTests}/**", "fixtures/**/*.{yml,yaml,json,sql,csv,xml,txt,go,js,ts,html}", "migrations/migrationtest/*.go",
			},
			Not: []string{"testing/{src,main}/**", "spec/openapi/**", "{spec,specs}/**/*.{proto,md}", "{spec,specs}/*.{yaml,yml,json}"},
			Doc: "What lies in a folder of tests, of test data or of helpers for tests.", Source: "https://maven.apache.org/guides/introduction/introduction-to-the-standard-directory-layout.html",
		},
	}
}

func documentationRules() []Rule {
	const k = debrief.KindDocsOnly
	return []Rule{
		{
			Name: "prose", Kind: k,
			Paths: []string{
				"*.{md,markdown,mdx,rst,adoc,asciidoc,textile,org,pod,rdoc,mdown}", "{README,Readme,readme,CHANGELOG,CHANGES,ChangeLog,HISTORY,NEWS,RELEASES,CONTRIBUTING,LICENSE,LICENCE,COPYING,NOTICE,AUTHORS,MAINTAINERS,OWNERS,CONTRIBUTORS,CREDITS,SECURITY,SUPPORT,CODE_OF_CONDUCT,CITATION,THANKS,TODO,ROADMAP,DCO,PATENTS,VERSIONING}{,.*,-*}",
				".mailmap", ".all-contributorsrc", "{changelogs,changelog.d,.changes,.changeset,newsfragments,releasenotes,release-notes,.chloggen}/**/*.{yml,yaml,md,txt,rst,json}", ".changelog/*.txt", "*.{1,5,7,8}.md", "llms*.txt",
			},
			Not: []string{"migrations/**/*.org", "LICENSE.{go,py,js,ts}", "{SECURITY,TODO,SUPPORT,NEWS,HISTORY}.{go,py,rb,js,ts,java,php}"},
			Doc: "Prose by its ending or its name, and fragments of release notes.", Source: "https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-readmes",
		},
		{
			Name: "docs-folders", Kind: k,
			Paths: []string{"{docs,doc,documentation,Documentation,docs-site,docsite,guides,man,manpages,adr,rfcs,wiki,javadoc}/**"},
			Not: []string{
				"{openapi,swagger,asyncapi}*.{yml,yaml,json}", "*{openapi,swagger}.{yml,yaml,json}", "*.{proto,graphqls,avsc,wsdl,xsd,sql}", "{src,internal,pkg,lib,app,cmd}/**/{docs,doc,guides,wiki}/**/*.{go,py,rb,js,ts,tsx,java,kt,cs}", "{src,lib,app}/**/{docs,doc,guides,wiki}/**/*.{php,rs,vue,swift,tmpl,html,jsx}", "{templates,views,web,web_src,webapp,ui,frontend,routers,services,models,modules}/**/{docs,doc,guides,wiki,man}/**",
			},
			Doc: "What lies in a folder of documentation, its pictures and its site included, where it is not inside the code.", Source: "https://www.sphinx-doc.org/en/master/usage/quickstart.html",
		},
		{
			Name: "examples", Kind: k,
			Paths: []string{"/{examples,example,samples,sample,demo,demos}/**"},
			Doc:   "Examples at the top of a repository: they show and do not run in production.", Source: "https://go.dev/blog/examples",
		},
	}
}
