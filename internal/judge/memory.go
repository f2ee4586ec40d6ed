package judge

// A Memory answers one question after another in the same memory, which saves a
// loop over many questions the time to find it and to clear it away. The zero
// value is ready; it is not for two goroutines at once.
type Memory struct {
	floats slab[float64]
	ints   slab[int32]
}

// slab hands out parts of one piece of memory.
type slab[T any] struct {
	all  []T
	used int
}

// again frees what was handed out, and has room for as much next time.
func (s *slab[T]) again() {
	if s.used > len(s.all) {
		s.all = make([]T, s.used+s.used/4)
	}
	s.used = 0
}

// of is n zeros; where there is no room left they are found elsewhere.
func (s *slab[T]) of(n int) []T {
	s.used += n
	if s.used > len(s.all) {
		return make([]T, n)
	}
	out := s.all[s.used-n : s.used : s.used]
	clear(out)
	return out
}
