package kinds

import "github.com/debriefhq/debrief"

func apiRules() []Rule {
	const k = debrief.KindAPISchema
	return []Rule{
		{
			Name: "idl", Kind: k,
			Paths: []string{"*.{proto,thrift,avsc,avdl,avpr,fbs,capnp,smithy,wsdl,xsd,raml,graphqls,tsp,webidl,ksy}"},
			Doc:   "Languages made for interfaces and messages: Protocol Buffers, Thrift, Avro, FlatBuffers, Cap'n Proto, Smithy, WSDL, XML Schema, RAML, TypeSpec.", Source: "https://protobuf.dev/programming-guides/proto3/",
		},
		{
			Name: "graphql-schema", Kind: k,
			Paths: []string{"{schema,schemas,*.schema,*-schema,*_schema,typeDefs,typedefs}.{graphql,gql}", "{schema,schemas,graph}/**/*.{graphql,gql}", "graphql/schema*.{json,graphql}"},
			Doc:   "GraphQL schemas. Other .graphql files are mostly questions a client asks.", Source: "https://graphql.org/learn/schema/",
		},
		{
			Name: "openapi", Kind: k,
			Paths: []string{
				"{openapi,swagger,asyncapi}*.{yml,yaml,json,tmpl}", "*{openapi,swagger,asyncapi}.{yml,yaml,json}", "{openapi,swagger,asyncapi,api-spec,apispec,api_spec,api-schema,oas}/**/*.{yml,yaml,json,tmpl}", "{api,apis}/**/*.{openapi,swagger}.*", "api/**/source/*.{yml,yaml}", "/api/{,v[0-9]*/}*.{yml,yaml}", "*.postman_collection.json",
			},
			Not: []string{"openapi-generator*.{yml,yaml,json}", "openapitools.json"},
			Doc: "OpenAPI, Swagger and AsyncAPI documents.", Source: "https://spec.openapis.org/oas/latest.html",
		},
		{
			Name: "crd", Kind: k,
			Paths: []string{"{crd,crds}/**/*.{yml,yaml}", "*{_crd,-crd,.crd}.{yml,yaml}", "apis/**/*_types.go", "api/v[0-9]*/*_types.go"},
			Doc:   "Kubernetes resources of one's own: their definitions and the types these are made from.", Source: "https://book.kubebuilder.io/cronjob-tutorial/new-api.html",
		},
	}
}

func uiRules() []Rule {
	const k = debrief.KindUI
	return []Rule{
		{
			Name: "pages", Kind: k,
			Paths: []string{
				"*.{css,scss,sass,less,styl,pcss,html,htm,xhtml,vue,svelte,astro,jsx,tsx,erb,haml,slim,hbs,handlebars,mustache,ejs,pug,jade,twig,liquid,njk,jinja,jinja2,cshtml,razor,xaml,axaml,storyboard,xib,qml,ftl,ftlh,jsp,jspx,gsp,gohtml,heex,leex,eex,templ,blade.php,phtml}",
				"*.blade.php", "templates/**/*.{tmpl,tpl,html,txt}", "views/**/*.{tmpl,tpl,php,rb,ex}", "tailwind.config.*",
			},
			Not: []string{"docker/**", "{helm,charts,k8s,kubernetes,manifests,deploy,ansible,roles}/**/*.{tpl,tmpl,html,txt}"},
			Doc: "Pages, components, templates and styles.", Source: "https://developer.mozilla.org/en-US/docs/Learn_web_development",
		},
		{
			Name: "front-end", Kind: k,
			Paths: []string{"{frontend,front-end,webapp,web_src,webui,web-ui,ui,www,client-app,web-app,javascripts,stimulus}/**/*.{js,mjs,ts,dart,elm,coffee}", "{web,site}/{src,app,js,static,assets}/**/*.{js,mjs,ts}", "{assets,static,public}/{js,javascript,javascripts,scripts}/**/*.{js,mjs,ts}", "app/{javascript,assets}/**/*.{js,ts,coffee}", "res/{layout,drawable,values,menu,anim,navigation}*/*.xml"},
			Not:   []string{"ui/**/api/**/*.d.ts"},
			Doc:   "Scripts that lie where a user interface is kept: frontend, webapp, web_src, ui, assets.", Source: "https://guides.rubyonrails.org/asset_pipeline.html",
		},
		{
			Name: "assets", Kind: k,
			Paths: []string{"{public,static,assets,images,img,icons,fonts,resources,media,web,webapp,ui,frontend}/**/*.{svg,png,jpg,jpeg,gif,webp,avif,ico,woff,woff2,ttf,otf,eot,mp3,mp4}"},
			Doc:   "Pictures, fonts and sounds that are served.", Source: "https://docs.djangoproject.com/en/stable/howto/static-files/",
		},
		{
			Name: "texts", Kind: k,
			Paths: []string{"{locale,locales,i18n,l10n,lang,langs,languages,translations,intl,_locales,messages}/**/*.{json,yml,yaml,ini,po,pot,properties,xml,ts,js,php,rb,toml,xlf,xliff,arb,strings,ftl}", "*.{po,pot,xlf,xliff,arb,strings,stringsdict,resx}", "{messages,Messages}*.properties", "values-*/strings.xml", "Resources*.resx"},
			Doc:   "Texts in users' languages.", Source: "https://www.gnu.org/software/gettext/manual/gettext.html",
		},
	}
}
