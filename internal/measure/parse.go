package measure

import "strconv"

// The conversions do not allocate: strconv keeps no reference to its input,
// so short words stay on the stack.

func parseFloat(b []byte) (float64, error) { return strconv.ParseFloat(string(b), 64) }

func parseInt(b []byte) (int64, error) { return strconv.ParseInt(string(b), 10, 64) }
