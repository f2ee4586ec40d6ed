package config

import (
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// overlay writes the environment into the tree, so that what a variable says
// is read, checked and reported exactly as if the file had said it. A variable
// is called after its path: looks.after is DEBRIEF_LOOKS_AFTER. Entries of
// maps are those the file names and those DEBRIEF_PROVIDERS=main,logs lists.
// Lists of blocks (a service's metrics) and tables of texts (a mapping's values)
// are said in the file only.
//
// One key has another name: DEBRIEF_URL tells the command line where its
// server is, which a machine that runs both must be able to say without
// changing what links in messages begin with.
func overlay(n *yaml.Node, t reflect.Type, prefix string, getenv func(string) string, origin map[*yaml.Node]string) {
	for _, k := range keysOf(t) {
		name := prefix + "_" + envName(k.name)
		if name == "DEBRIEF_URL" {
			name = "DEBRIEF_PUBLIC_URL"
		}
		switch {
		case k.typ.Kind() == reflect.Struct:
			under(n, k.name, func(sub *yaml.Node) { overlay(sub, k.typ, name, getenv, origin) })
		case k.typ.Kind() == reflect.Map && k.typ.Elem().Kind() != reflect.Struct: // names of a team's own
		case k.typ.Kind() == reflect.Map:
			under(n, k.name, func(entries *yaml.Node) {
				for _, entry := range entryNames(entries, getenv(name)) {
					under(entries, entry, func(sub *yaml.Node) {
						overlay(sub, k.typ.Elem(), name+"_"+envName(entry), getenv, origin)
					})
				}
			})
		case k.typ.Kind() == reflect.Slice && k.typ.Elem().Kind() == reflect.Struct:
		default:
			if text := getenv(name); text != "" {
				set(n, k.name, scalarOrList(text, k.typ, name, origin))
			}
		}
	}
}

func scalarOrList(text string, t reflect.Type, name string, origin map[*yaml.Node]string) *yaml.Node {
	if t.Kind() != reflect.Slice {
		v := plain(text, t)
		origin[v] = name
		return v
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	origin[list] = name
	for _, item := range strings.Split(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			v := plain(item, t.Elem())
			origin[v] = name
			list.Content = append(list.Content, v)
		}
	}
	return list
}

// plain is a scalar whose YAML type is resolved from its text where the key
// is no text itself: "no" is a fine token, and a fine boolean.
func plain(text string, t reflect.Type) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: text}
	if t.Kind() == reflect.String {
		n.Tag = "!!str"
	}
	return n
}

// under calls fn with the block below a key; a block that fn leaves empty is
// not added.
func under(n *yaml.Node, name string, fn func(*yaml.Node)) {
	if sub := child(n, name); sub != nil {
		if sub.Kind == yaml.AliasNode {
			sub = sub.Alias
		}
		if sub.Kind == yaml.ScalarNode && sub.Tag == "!!null" {
			*sub = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: sub.Line}
		}
		if sub.Kind == yaml.MappingNode {
			fn(sub)
		}
		return
	}
	sub := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if fn(sub); len(sub.Content) > 0 {
		set(n, name, sub)
	}
}

func child(n *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

func set(n *yaml.Node, name string, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			n.Content[i+1] = value
			return
		}
	}
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, value)
}

func entryNames(n *yaml.Node, listed string) []string {
	var list []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		list = append(list, n.Content[i].Value)
	}
	for _, name := range strings.Split(listed, ",") {
		if name = strings.TrimSpace(name); name != "" && child(n, name) == nil {
			list = append(list, name)
		}
	}
	return list
}

// envName is a key as an environment variable spells it.
func envName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}
