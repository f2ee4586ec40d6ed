package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/debriefhq/debrief"
)

//go:embed static
var staticFiles embed.FS

// asset is one embedded file under a name that holds its content's hash, so
// that a browser may keep it for ever.
type asset struct {
	body []byte
	kind string
}

type assets struct {
	byName map[string]asset  // style.0f3a….css
	named  map[string]string // style.css → /static/style.0f3a….css
}

func loadAssets() assets {
	a := assets{map[string]asset{}, map[string]string{}}
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		panic(err) // embedded: cannot happen in a binary that was built
	}
	for _, e := range entries {
		body, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(e.Name())
		hashed := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		kind := mime.TypeByExtension(ext)
		switch ext { // the machine's own table may say otherwise
		case ".js":
			kind = "text/javascript; charset=utf-8"
		case ".css":
			kind = "text/css; charset=utf-8"
		case ".svg":
			kind = "image/svg+xml"
		}
		a.byName[hashed] = asset{body, kind}
		a.named[e.Name()] = "/static/" + hashed
	}
	return a
}

func (s *site) static(w http.ResponseWriter, r *http.Request) {
	f, ok := s.assets.byName[r.PathValue("file")]
	if !ok {
		s.fail(w, r, debrief.Errorf(debrief.NotFound, "", "there is no such file"))
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(f.body)
}
