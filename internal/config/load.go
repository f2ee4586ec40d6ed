package config

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/debriefhq/debrief"
)

// maxFile bounds a configuration file: thousands of services fit.
const maxFile = 8 << 20

// Load reads the file at path (none where path is empty), lays the
// environment over it, reads the secrets kept in files, and checks
// everything. Its error holds every problem found, each with its place.
func Load(path string, getenv func(string) string, read func(string) ([]byte, error)) (Config, error) {
	cfg := Default()
	root, err := tree(path, read)
	if err != nil {
		return cfg, err
	}
	check := &checker{file: filepath.Base(path), origin: map[*yaml.Node]string{}, at: map[string]string{}, bad: map[*yaml.Node]bool{}}
	if root.Kind == yaml.MappingNode {
		overlay(root, reflect.TypeFor[Config](), "DEBRIEF", getenv, check.origin)
	}
	check.walk(root, reflect.TypeFor[Config](), "")
	problems := check.problems
	if check.prune(root, map[*yaml.Node]bool{}) {
		return cfg, errors.Join(problems...)
	}
	if err := root.Decode(&cfg); err != nil {
		return cfg, errors.Join(append(problems, debrief.Errorf(debrief.Invalid, check.file, "%w", err))...)
	}
	cfg.fill()
	cfg.remember(check.at)
	cfg.Kinds.remember(check.at)
	problems = append(problems, cfg.readSecrets(filepath.Dir(path), read, check.at)...)
	problems = append(problems, cfg.problems(check.at, check.follows)...)
	return cfg, errors.Join(problems...)
}

// tree parses the file into one mapping; an empty file is an empty mapping.
func tree(path string, read func(string) ([]byte, error)) (*yaml.Node, error) {
	empty := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if path == "" {
		return empty, nil
	}
	text, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, debrief.Errorf(debrief.NotFound, "", "there is no configuration file %s", path).
			WithHint("debrief init --prometheus URL writes one")
	}
	if err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "", "the configuration file cannot be read: %w", err)
	}
	if len(text) > maxFile {
		return nil, debrief.Errorf(debrief.TooLarge, path, "a configuration file has at most %d MiB", maxFile>>20)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return empty, nil
	} else if err != nil {
		return nil, debrief.Errorf(debrief.Invalid, filepath.Base(path), "%w", err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, debrief.Errorf(debrief.Invalid, filepath.Base(path), "one YAML document is expected; a second one begins after ---")
	}
	if len(doc.Content) != 1 {
		return empty, nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return empty, nil
	}
	return root, nil
}
