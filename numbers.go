package debrief

import (
	"bytes"
	"encoding/json"
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

// UnmarshalJSON reads null as NaN.
func (n *Numbers) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*n = nil
		return nil
	}
	var vs []*float64
	if err := json.Unmarshal(b, &vs); err != nil {
		return err
	}
	*n = make(Numbers, len(vs))
	for i, v := range vs {
		if v == nil {
			(*n)[i] = math.NaN()
		} else {
			(*n)[i] = *v
		}
	}
	return nil
}
