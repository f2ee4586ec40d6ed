//go:build !unix

package shop

import (
	"net"
	"os"

	"github.com/debriefhq/debrief"
)

func inheritable(*net.TCPListener) (*os.File, error) {
	return nil, debrief.Errorf(debrief.Unavailable, "", "the sample shop needs a Unix: its processes share a socket")
}
