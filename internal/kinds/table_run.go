package kinds

import "github.com/debriefhq/debrief"

func infrastructureRules() []Rule {
	const k = debrief.KindInfrastructure
	return []Rule{
		{
			Name: "terraform", Kind: k,
			Paths: []string{"*.{tf,tofu,tfvars}", "*.tf.json", "*.tfvars.json", "terragrunt.hcl", "*.{nomad,pkr}.hcl", "*.{nomad,bicep}", "terraform/**/*.{hcl,tpl,tmpl,sh,yml,yaml,json}"},
			Doc:   "Terraform, OpenTofu, Terragrunt, Nomad, Packer, Bicep.", Source: "https://developer.hashicorp.com/terraform/language/files",
		},
		{
			Name: "containers", Kind: k,
			Paths: []string{"Dockerfile", "Dockerfile{.,-,_}*", "*.{Dockerfile,dockerfile}", "Containerfile*", ".dockerignore", "{docker-compose,docker-stack,compose}*.{yml,yaml}", "docker-bake.{hcl,json}", "docker/**/*.{sh,conf,yml,yaml,tmpl,cfg,ini}", "entrypoint.sh", "docker-entrypoint.sh", "Vagrantfile", "Earthfile"},
			Doc:   "Images and what starts them: Dockerfile, Containerfile, Compose.", Source: "https://docs.docker.com/reference/dockerfile/",
		},
		{
			Name: "kubernetes", Kind: k,
			Paths: []string{
				"{k8s,kubernetes,kube,kustomize,manifests,helm,charts,helmfile.d,argocd,argo-cd,flux,flux-system,gitops,istio}/**/*.{yml,yaml,json,tpl,tmpl,jsonnet,libsonnet,cue,txt}", "{Chart,kustomization,Kustomization,skaffold,helmfile}.{yml,yaml}", ".helmignore", "Tiltfile", "*.{jsonnet,libsonnet}", "{deploy,deployment,deployments}/**/*.{yml,yaml,tpl,tmpl,sh}",
			},
			Not: []string{"openapi*.{yml,yaml,json}", "package.json", "tsconfig*.json"},
			Doc: "Kubernetes: manifests, Helm charts, Kustomize, Argo CD, Flux, and what lies in a folder called deploy.", Source: "https://helm.sh/docs/topics/charts/",
		},
		{
			Name: "platforms", Kind: k,
			Paths: []string{
				"serverless.{yml,yaml,ts,js}", "{cdk,samconfig}.{json,toml}", "{cloudformation,cfn}/**/*.{yml,yaml,json}", "*.cfn.{yml,yaml,json}", "Pulumi*.{yml,yaml}", "Procfile*", "fly.toml", "fly.*.toml", "render.yaml", "railway.{json,toml}", "vercel.json", "netlify.toml", "wrangler.{toml,json,jsonc}", "app.yaml", "app.json", "heroku.yml",
				"{infra,infrastructure,terraform,iac,ops}/**/*.{ts,py,go,yml,yaml,json,sh,tpl,hcl}", "appspec.{yml,yaml}", "manifest.{yml,yaml}", ".platform/**", ".ebextensions/**", "firebase.json",
			},
			Not: []string{"{config,configs,conf,settings}/**/app.{yaml,json}", "infra{,structure}/**/package.json", "infra{,structure}/**/tsconfig.json"},
			Doc: "Platforms: Serverless, CDK, SAM, CloudFormation, Pulumi, Heroku, Fly, Vercel, Netlify, and what lies in a folder called infra.", Source: "https://docs.aws.amazon.com/cdk/v2/guide/home.html",
		},
		{
			Name: "machines", Kind: k,
			Paths: []string{
				"{ansible,playbooks,group_vars,host_vars}/**/*.{yml,yaml,j2,ini,cfg}", "roles/*/{tasks,handlers,defaults,vars,templates,meta}/**", "ansible.cfg", "*.{service,socket,timer}", "nginx*.conf", "nginx/**/*.{conf,template,tmpl}", "haproxy.cfg", "Caddyfile*", "{salt,pillar}/**/*.sls", "puppet/**/*.pp", "*.pp", "{cookbooks,recipes}/**/*.rb",
				"{grafana,dashboards}/**/*.json", "{prometheus,alertmanager}/**/*.{yml,yaml}", "{prometheus,alertmanager,*alerts,*.rules}.{yml,yaml}", "crontab", "cron.d/**", "contrib/systemd/**", "envoy*.{yml,yaml}",
			},
			Doc: "Machines and what stands around the service: Ansible, Salt, Puppet, systemd, nginx, Prometheus rules, dashboards.", Source: "https://docs.ansible.com/ansible/latest/tips_tricks/sample_setup.html",
		},
	}
}

func flagRules() []Rule {
	const k = debrief.KindFlag
	return []Rule{
		{
			Name: "flag-files", Kind: k,
			Paths: []string{
				"{feature_flags,feature-flags,featureflags,featureFlags,feature_toggles,feature-toggles}/**", "{feature_flags,feature-flags,featureflags,feature_toggles,feature-toggles,flags,toggles}.{yml,yaml,json,toml,properties}", "*.flagd.{json,yaml,yml}", "{flagd,flipt,features.flipt}*.{json,yml,yaml}", "*.features.{yml,yaml}", "features.{yml,yaml,toml}",
				"{feature_flags,feature-flags,feature_flag,featureflags,featureFlags,FeatureFlags,feature_toggles}.{go,py,rb,ts,js,java,kt,cs,php,rs,ex}", "{flags,toggles}/**/*.{json,yml,yaml,toml}", ".launchdarkly/**", "unleash/**/*.{json,yml,yaml}",
			},
			Doc: "Files in which flags are defined: GitLab's config/feature_flags, flagd, Flipt, lists of toggles in code.", Source: "https://docs.gitlab.com/development/feature_flags/",
		},
		{
			Name: "flag-lines", Kind: k,
			Paths: []string{"*.{go,py,rb,js,jsx,ts,tsx,java,kt,scala,cs,php,rs,ex,exs,swift,dart,vue,erb}"},
			Lines: []string{
				`(?i)\b(bool|string|int|float|json|number|object)_?variation(_?detail)?\s*\(`, `(?i)\b(get)?(boolean|bool|string|number|object)(flag)?(value|details)(with\w+)?\(\s*["']`, `(?i)\bis_?(feature_?)?(flag_?)?enabled\??\(?\s*\(?[:"']`, `\bFeature\.(enabled|disabled)\?\s*\(?\s*:`, `(?i)\bfeature_?(flags?|toggles?)\s*[.\[(]`, `(?i)\bflag_is_active\(|\bwaffle\.`, `(?i)\bfeature_?flags?\.[A-Z_]\w+`, `\bFlipper[.\[]`, `\bLaunchDarkly\b|\bldclient\.|\buse(Feature)?Flags?\(`,
			},
			Doc: "Lines that ask a flag's value through a known client: OpenFeature, LaunchDarkly, Unleash, Flipper, waffle, GitLab's Feature. Needs the lines, so a work tree.", Source: "https://openfeature.dev/specification/sections/flag-evaluation",
		},
	}
}

func configurationRules() []Rule {
	const k = debrief.KindConfiguration
	return []Rule{
		{
			Name: "settings", Kind: k,
			Paths: []string{
				"{config,configs,configuration,conf,settings,etc,cfg}/**/*.{yml,yaml,json,toml,ini,properties,env,conf,cfg,xml,edn,hocon,cue,php}", ".env", ".env.*", "*.env", ".envrc", "{application,bootstrap}{,-*,.*}.{yml,yaml,properties,conf}", "appsettings*.json", "{config,settings,configuration}{,.*,-*,_*}.{yml,yaml,json,toml,ini,properties,cfg,xml}",
				"*.{properties,ini,conf,cfg,hocon}", "{values,*-values,values-*,values.*}.{yml,yaml}", "logback*.xml", "log4j2*.{xml,properties,yml}", "web.config", "app.config", "Web.*.config", "*.example.{ini,yml,yaml,toml,env}",
			},
			Not: []string{"messages*.properties", "*_[a-z][a-z].properties"},
			Doc: "Files of settings, by their ending (properties, ini, conf), their name (config, settings, application, appsettings, values, .env) or their folder (config, conf, settings, etc).", Source: "https://docs.spring.io/spring-boot/reference/features/external-config.html",
		},
		{
			Name: "settings-code", Kind: k,
			Paths: []string{"settings.py", "settings/*.py", "config/{application,environment,boot,puma,routes}.rb", "config/environments/*.rb", "config/initializers/*.rb", "config/{config,dev,test,prod,runtime}.exs", "config/*.php"},
			Not:   []string{"__init__.py", "config/routes.rb"},
			Doc:   "Settings written as code: Django, Rails, Elixir, Laravel.", Source: "https://docs.djangoproject.com/en/stable/topics/settings/",
		},
	}
}
