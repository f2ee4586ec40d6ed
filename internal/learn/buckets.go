package learn

// buckets sorts what a service's releases went through by step, without
// comparing: a million releases have many millions of steps.
type buckets[T any] struct {
	of   [][]T
	used []int32
}

func (b *buckets[T]) add(step int32, v T) {
	for int(step) >= len(b.of) {
		b.of = append(b.of, nil)
	}
	if len(b.of[step]) == 0 {
		b.used = append(b.used, step)
	}
	b.of[step] = append(b.of[step], v)
}

// empty calls fn with each step's, in the order in which they came, and begins
// anew. What fn is given is not to be kept.
func (b *buckets[T]) empty(fn func(step int32, all []T)) {
	for _, s := range b.used {
		fn(s, b.of[s])
		b.of[s] = b.of[s][:0]
	}
	b.used = b.used[:0]
}
