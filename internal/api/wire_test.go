package api_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// wire posts over connections that stay open, as a sender on a machine of its
// own would: it shares the server's cores here, and net/http's client costs
// them as much as the server does.
type wire struct {
	host string
	idle chan *line
}

type line struct {
	net.Conn
	in  *bufio.Reader
	out []byte
}

func newWire(url string, most int) *wire {
	return &wire{host: strings.TrimPrefix(url, "http://"), idle: make(chan *line, most)}
}

func (w *wire) take() (*line, error) {
	select {
	case l := <-w.idle:
		return l, nil
	default:
	}
	c, err := net.Dial("tcp", w.host)
	if err != nil {
		return nil, err
	}
	return &line{Conn: c, in: bufio.NewReader(c)}, nil
}

// post sends a body of JSON and reads the whole answer.
func (w *wire) post(path string, body []byte) (status int, answer []byte, err error) {
	l, err := w.take()
	if err != nil {
		return 0, nil, err
	}
	b := append(l.out[:0], "POST "+path+" HTTP/1.1\r\nHost: "+w.host+"\r\nContent-Type: application/json\r\nContent-Length: "...)
	b = append(strconv.AppendInt(b, int64(len(body)), 10), "\r\n\r\n"...)
	l.out = append(b, body...)
	if _, err = l.Write(l.out); err != nil {
		return 0, nil, err
	}
	res, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return 0, nil, err
	}
	if answer, err = io.ReadAll(res.Body); err != nil || res.Close {
		return res.StatusCode, answer, l.Close()
	}
	select {
	case w.idle <- l:
	default:
		err = l.Close()
	}
	return res.StatusCode, answer, err
}

// hangUp closes the connections that nobody uses.
func (w *wire) hangUp() {
	for {
		select {
		case l := <-w.idle:
			_ = l.Close()
		default:
			return
		}
	}
}
