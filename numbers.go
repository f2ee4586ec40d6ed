package debrief

import (
	"bytes"
	"math"
	"strconv"
)

// Numbers is a list of floats whose missing values (NaN) are null in JSON.
// Six significant digits are kept: a picture needs no more.
type Numbers []float64

// MarshalJSON writes NaN and infinities as null.
func (n Numbers) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 2+8*len(n))
	b = append(b, '[')
	for i, v := range n {
		if i > 0 {
			b = append(b, ',')
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			b = append(b, "null"...)
			continue
		}
		b = strconv.AppendFloat(b, v, 'g', 6, 64)
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads null as NaN. A page reads thousands of these numbers, so
// they are read in place, without a value in between for each.
func (n *Numbers) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if bytes.Equal(b, []byte("null")) {
		*n = nil
		return nil
	}
	if len(b) < 2 || b[0] != '[' || b[len(b)-1] != ']' {
		return Errorf(Invalid, "", "a list of numbers is needed")
	}
	b = bytes.TrimSpace(b[1 : len(b)-1])
	out := make(Numbers, 0, bytes.Count(b, []byte{','})+1)
	for len(b) > 0 {
		var item []byte
		item, b, _ = bytes.Cut(b, []byte{','})
		item = bytes.TrimSpace(item)
		if string(item) == "null" {
			out = append(out, math.NaN())
			continue
		}
		v, err := strconv.ParseFloat(string(item), 64)
		if err != nil {
			return Errorf(Invalid, "", "%q is not a number", item)
		}
		out = append(out, v)
	}
	*n = out
	return nil
}
