package config

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/debriefhq/debrief"
)

// The known keys are read from the struct tags, so that there is one list of
// them and none to keep in step with it.

var durationType = reflect.TypeFor[time.Duration]()

type key struct {
	name  string
	index int
	typ   reflect.Type
}

// keysOf lists a block's keys in the order the struct names them.
func keysOf(t reflect.Type) []key {
	var ks []key
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		ks = append(ks, key{name, i, f.Type})
	}
	return ks
}

// checker walks a YAML tree beside the type it will be decoded into, and
// collects every problem, so that a person can mend them all at once.
type checker struct {
	file     string
	origin   map[*yaml.Node]string // what set a node that is not from the file
	at       map[string]string     // path → where it was said
	bad      map[*yaml.Node]bool   // keys and values that cannot be read
	lost     []string              // their paths: nothing else is said of what they leave out
	problems []error
}

func (c *checker) place(n *yaml.Node) string {
	if from, ok := c.origin[n]; ok {
		return from
	}
	return fmt.Sprintf("%s:%d", c.file, n.Line)
}

func (c *checker) problem(n *yaml.Node, path, format string, args ...any) {
	c.bad[n] = true
	c.lost = append(c.lost, path)
	c.problems = append(c.problems, debrief.Errorf(debrief.Invalid, c.place(n)+": "+path, format, args...))
}

// prune takes out of the tree what cannot be read, so that the rest can be
// checked in the same round. A list is taken out whole: without one of its
// items the others would be counted wrongly. It reports whether n itself has to go.
func (c *checker) prune(n *yaml.Node, seen map[*yaml.Node]bool) bool {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if c.bad[n] || seen[n] {
		return c.bad[n]
	}
	seen[n] = true
	switch n.Kind {
	case yaml.MappingNode:
		var kept []*yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !c.bad[n.Content[i]] && !c.prune(n.Content[i+1], seen) {
				kept = append(kept, n.Content[i], n.Content[i+1])
			}
		}
		n.Content = kept
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if c.prune(item, seen) {
				c.bad[n] = true
			}
		}
	}
	return c.bad[n]
}

// follows reports whether a problem at path may only come from something that
// could not be read: from a key of the same entry, or from an entry that others
// name. Outside of entries the default stands in, and nothing follows.
func (c *checker) follows(path string) bool {
	for _, lost := range c.lost {
		entry := strings.SplitN(lost, ".", 3)
		if len(entry) < 2 || entry[0] != "providers" && entry[0] != "services" && entry[0] != "sources" {
			if lost == "" || lost == entry[0] && (lost == "providers" || lost == "services") {
				return true
			}
			continue
		}
		parent := lost[:strings.LastIndexAny(lost, ".[")]
		rest, below := strings.CutPrefix(path, parent)
		if below && !strings.ContainsAny(strings.TrimPrefix(rest, "."), ".[") {
			return true
		}
		if entry[0] == "providers" && strings.HasSuffix(path, ".provider") {
			return true
		}
	}
	return false
}

func (c *checker) walk(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	c.at[path] = c.place(n)
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return // "key:" with nothing behind it: the default holds
	}
	switch {
	case t == durationType:
		c.duration(n, path)
	case t.Kind() == reflect.Struct:
		c.block(n, t, path)
	case t.Kind() == reflect.Map:
		c.names(n, t, path)
	case t.Kind() == reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			c.problem(n, path, "a list is expected, as in [a, b]")
			return
		}
		for i, item := range n.Content {
			c.walk(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		c.scalar(n, t, path)
	}
}

func (c *checker) block(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind != yaml.MappingNode {
		c.problem(n, path, "a block of keys is expected: %s", names(keysOf(t)))
		return
	}
	keys := keysOf(t)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if name.Tag == "!!merge" {
			continue // "<<": what it brings in was checked where it stands
		}
		sub := join(path, name.Value)
		if seen[name.Value] {
			c.problem(name, sub, "said twice")
			continue
		}
		seen[name.Value] = true
		found := false
		for _, k := range keys {
			if k.name == name.Value {
				c.walk(value, k.typ, sub)
				found = true
			}
		}
		if !found {
			c.problem(name, sub, "unknown key%s; known here: %s", didYouMean(name.Value, keys), names(keys))
		}
	}
}

func (c *checker) names(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind != yaml.MappingNode {
		c.problem(n, path, "a block with one name per entry is expected")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if name.Tag == "!!merge" {
			continue
		}
		sub := join(path, name.Value)
		switch {
		case strings.TrimSpace(name.Value) == "":
			c.problem(name, sub, "an entry needs a name")
		case seen[name.Value]:
			c.problem(name, sub, "said twice")
		default:
			seen[name.Value] = true
			c.walk(value, t.Elem(), sub)
		}
	}
}

// duration rewrites "28d" into what the decoder reads, and refuses bare
// numbers, which it would take for nanoseconds.
func (c *checker) duration(n *yaml.Node, path string) {
	if n.Kind != yaml.ScalarNode {
		c.problem(n, path, "a duration is expected, for example 30s, 5m, 24h or 28d")
		return
	}
	d, err := ParseDuration(n.Value)
	if err != nil {
		c.problem(n, path, "%s", err)
		return
	}
	n.Value, n.Tag = d.String(), "!!str"
}

func (c *checker) scalar(n *yaml.Node, t reflect.Type, path string) {
	word := map[reflect.Kind]string{
		reflect.String: "a text", reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Float64: "a number",
	}[t.Kind()]
	if n.Kind != yaml.ScalarNode {
		c.problem(n, path, "%s is expected", word)
		return
	}
	if err := n.Decode(reflect.New(t).Interface()); err != nil {
		c.problem(n, path, "%q is not %s", n.Value, word)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func names(keys []key) string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.name
	}
	sort.Strings(list)
	return strings.Join(list, ", ")
}

// didYouMean names the key that differs least, where it differs little.
func didYouMean(name string, keys []key) string {
	best, least := "", 2
	if len(name) > 5 {
		least = 3
	}
	for _, k := range keys {
		if d := distance(strings.ToLower(name), k.name); d < least {
			best, least = k.name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance counts the letters to change, add or drop between two short words.
func distance(a, b string) int {
	if max(len(a), len(b)) > 40 {
		return 40
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, above+1, row[j]+1)
			diagonal = above
		}
	}
	return row[len(b)]
}
