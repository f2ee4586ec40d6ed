package config

import (
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/debriefhq/debrief"
)

// maxSecret bounds a file that holds a secret: a longer one is another file.
const maxSecret = 64 << 10

// readSecrets puts what the *_file keys name beside them, and makes every
// file name relative to the configuration's folder, so that it does not
// matter where debrief was started.
func (c *Config) readSecrets(dir string, read func(string) ([]byte, error), at map[string]string) []error {
	r := &secretReader{dir: dir, read: read, at: at}
	for name, p := range c.Providers {
		path := join("providers", name)
		r.load(path+".password", &p.Password, &p.PasswordFile)
		r.load(path+".token", &p.Token, &p.TokenFile)
		p.CAFile = r.beside(p.CAFile)
		c.Providers[name] = p
	}
	for _, s := range c.Services {
		for i := range s.Logs {
			s.Logs[i].File = r.beside(s.Logs[i].File)
		}
	}
	r.load("chat.webhook", &c.Chat.Webhook, &c.Chat.WebhookFile)
	for name, s := range c.Sources {
		path := join("sources", name)
		r.load(path+".secret", &s.Secret, &s.SecretFile)
		r.load(path+".token", &s.Token, &s.TokenFile)
		c.Sources[name] = s
	}
	return r.problems
}

type secretReader struct {
	dir      string
	read     func(string) ([]byte, error)
	at       map[string]string
	problems []error
}

func (r *secretReader) beside(file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(r.dir, file)
}

func (r *secretReader) load(path string, secret, file *string) {
	if *file == "" {
		return
	}
	*file = r.beside(*file)
	where := placed(r.at, path+"_file")
	if *secret != "" {
		r.problems = append(r.problems, debrief.Errorf(debrief.Invalid, where, "both this and the key without _file are set").WithHint("keep one"))
		return
	}
	text, err := r.read(*file)
	switch {
	case err != nil:
		r.problems = append(r.problems, debrief.Errorf(debrief.Invalid, where, "cannot be read: %w", err))
	case len(text) > maxSecret:
		r.problems = append(r.problems, debrief.Errorf(debrief.Invalid, where, "%s is larger than a secret can be (%d KiB)", *file, maxSecret>>10))
	case strings.TrimSpace(string(text)) == "":
		r.problems = append(r.problems, debrief.Errorf(debrief.Invalid, where, "%s is empty", *file))
	default:
		*secret = strings.TrimSpace(string(text))
	}
}

// Redacted is a copy that can be shown to anybody.
func (c Config) Redacted() Config {
	c.DB = debrief.Mask(c.DB)
	c.URL = debrief.Mask(c.URL)
	c.Chat = c.Chat.redacted()
	providers := make(map[string]Provider, len(c.Providers))
	for name, p := range c.Providers {
		providers[name] = p.redacted()
	}
	c.Providers = providers
	sources := make(map[string]Source, len(c.Sources))
	for name, s := range c.Sources {
		sources[name] = s.redacted()
	}
	c.Sources = sources
	return c
}

func (p Provider) redacted() Provider {
	p.URL = debrief.Mask(p.URL)
	hide(&p.Password, &p.Token)
	return p
}

func (c Chat) redacted() Chat {
	hide(&c.Webhook) // the address of an incoming webhook is its secret
	return c
}

func (s Source) redacted() Source {
	hide(&s.Secret, &s.SecretOld, &s.Token)
	return s
}

func hide(secrets ...*string) {
	for _, s := range secrets {
		if *s != "" {
			*s = "***"
		}
	}
}

// String is the configuration as YAML, without its secrets. The blocks that
// hold secrets have it too, so that no way of printing them shows any.
func (c Config) String() string { return text(c.Redacted()) }

// String is the block as YAML, without its secrets.
func (p Provider) String() string { return text(p.redacted()) }

// String is the block as YAML, without its secrets.
func (c Chat) String() string { return text(c.redacted()) }

// String is the block as YAML, without its secrets.
func (s Source) String() string { return text(s.redacted()) }

// GoString keeps %#v from showing secrets.
func (c Config) GoString() string { return c.String() }

// GoString keeps %#v from showing secrets.
func (p Provider) GoString() string { return p.String() }

// GoString keeps %#v from showing secrets.
func (c Chat) GoString() string { return c.String() }

// GoString keeps %#v from showing secrets.
func (s Source) GoString() string { return s.String() }

func text(v any) string {
	b, err := yaml.Marshal(v)
	if err != nil {
		return "configuration that cannot be printed: " + err.Error()
	}
	return string(b)
}
