package api

import "net/http"

// traces receives spans like any webhook and answers as OTLP/HTTP asks for:
// 200, and an empty response in the encoding of the request. Spans that are not
// for us are no failure of the sender's, so they are not called rejected; how
// many were left out is in the metrics.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
func (a *API) traces(w http.ResponseWriter, r *http.Request) {
	if _, err := a.hook(r.Context(), &hookIn{request: request{r: r, w: w}, Source: "otlp"}); err != nil {
		a.fail(w, r, err)
		return
	}
	if kind := r.Header.Get("Content-Type"); kind == "application/x-protobuf" {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(http.StatusOK) // an empty message has no bytes
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}
