package learn

// words numbers strings in the order in which they come.
type words struct {
	names []string
	ids   map[string]int32
}

func (w *words) of(name string) int32 {
	if id, ok := w.ids[name]; ok {
		return id
	}
	if w.ids == nil {
		w.ids = map[string]int32{}
	}
	// What is kept must not hold the whole text it was cut from.
	name = string([]byte(name))
	id := int32(len(w.names))
	w.names = append(w.names, name)
	w.ids[name] = id
	return id
}

func (w *words) find(name string) (int32, bool) {
	id, ok := w.ids[name]
	return id, ok
}

// group is what a feature is a feature of.
type group uint8

const (
	ofKind group = iota
	ofStrategy
	ofModule
	ofHour
)

// groupNames tell findings about things of one name apart.
var groupNames = [...]string{ofKind: "kind", ofStrategy: "strategy", ofModule: "module", ofHour: "hour"}

// everywhere: the feature means the same in all services.
const everywhere = -1

// feature is one thing a release can have.
type feature struct {
	group   group
	service int32 // whose, or everywhere
	name    string
}

// features numbers them.
type features struct {
	list []feature
	ids  map[feature]int32
}

func (f *features) of(g group, service int32, name string) int32 {
	if id, ok := f.ids[feature{g, service, name}]; ok {
		return id
	}
	if f.ids == nil {
		f.ids = map[feature]int32{}
	}
	key := feature{g, service, string([]byte(name))}
	id := int32(len(f.list))
	f.list = append(f.list, key)
	f.ids[key] = id
	return id
}

// arena keeps many short strings in one piece of memory: a million of them
// apart would be looked at one by one whenever memory is cleared up.
type arena struct {
	text []byte
	ends []uint32
}

func (a *arena) add(s string) int32 {
	a.text = append(a.text, s...)
	a.ends = append(a.ends, uint32(len(a.text)))
	return int32(len(a.ends) - 1)
}

func (a *arena) at(i int32) string {
	from := uint32(0)
	if i > 0 {
		from = a.ends[i-1]
	}
	return string(a.text[from:a.ends[i]])
}
