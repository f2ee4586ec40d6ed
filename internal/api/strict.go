package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/debriefhq/debrief"
)

// strict decodes JSON and names a field that is unknown or of a wrong type.
func strict(body []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return debrief.Errorf(debrief.Invalid, wrong.Field, "must not be a %s", wrong.Value)
		}
		// encoding/json has no type for this one.
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			return debrief.Errorf(debrief.Invalid, clipName(strings.Trim(name, `"`)), "unknown field")
		}
		return notJSON(err, dec.InputOffset())
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return debrief.Errorf(debrief.Invalid, "", "not JSON: something follows the end at byte %d", dec.InputOffset())
	}
	return nil
}
