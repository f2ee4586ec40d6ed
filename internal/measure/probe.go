package measure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Target is what the built-in probe asks.
type Target struct {
	Name    string
	URL     string
	Timeout time.Duration
}

// Probing is what one request of the probe found.
type Probing struct {
	At      time.Time
	Took    time.Duration // from asking to the last byte read
	Status  int           // 0: there was no answer
	Problem Problem       // empty: answered below 400
	Expires time.Time     // of the certificate; zero without TLS
}

// OK says whether the answer was one a user could have used.
func (p Probing) OK() bool { return p.Problem == NoProblem }

// Problem is the kind of failure of a probe.
type Problem string

const (
	NoProblem   Problem = ""
	NotResolved Problem = "name not resolved"
	NotReached  Problem = "not reached"
	TimedOut    Problem = "timed out"
	BadTLS      Problem = "certificate not valid"
	BadStatus   Problem = "error status"
	CutOff      Problem = "answer cut off"
	NotAllowed  Problem = "address not allowed"
)

// problems are numbered by their place in stored chunks: only ever append.
var problems = []Problem{NoProblem, NotResolved, NotReached, TimedOut, BadTLS, BadStatus, CutOff, NotAllowed}

// probeBody is how much of an answer is read: the time to the end of a large
// download says little about a service.
const probeBody = 1 << 20

// Prober asks targets by HTTP, each time over a new connection, as a new user
// would come. It follows no redirect: an answer of 302 is an answer.
type Prober struct {
	client *http.Client
	now    func() time.Time
}

// NewProber makes a prober for targets the configuration names.
func NewProber(targets []Target, ca []byte, now func() time.Time) (*Prober, error) {
	var named []string
	for _, t := range targets {
		named = append(named, t.URL)
	}
	client, err := Client(ClientOptions{Named: named, CA: ca, KeepRedirect: true})
	if err != nil {
		return nil, err
	}
	if tr, ok := client.Transport.(*http.Transport); ok {
		tr.DisableKeepAlives = true
	}
	return &Prober{client, now}, nil
}

// Probe asks once. Whatever happens is a finding, never an error.
func (p *Prober) Probe(ctx context.Context, t Target) Probing {
	if t.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.Timeout)
		defer cancel()
	}
	out := Probing{At: p.now()}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{TLSHandshakeDone: func(s tls.ConnectionState, _ error) {
		if len(s.PeerCertificates) > 0 {
			out.Expires = s.PeerCertificates[0].NotAfter.UTC().Truncate(time.Second)
		}
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.URL, nil)
	if err != nil {
		out.Problem = NotReached
		return out
	}
	req.Header.Set("User-Agent", "debrief-probe")
	res, err := p.client.Do(req)
	if err != nil {
		out.Took, out.Problem = p.now().Sub(out.At), problemOf(err)
		var invalid *tls.CertificateVerificationError
		if errors.As(err, &invalid) && len(invalid.UnverifiedCertificates) > 0 {
			out.Expires = invalid.UnverifiedCertificates[0].NotAfter.UTC().Truncate(time.Second)
		}
		return out
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, probeBody))
	out.Took, out.Status = p.now().Sub(out.At), res.StatusCode
	switch {
	case err != nil && problemOf(err) == TimedOut:
		out.Problem = TimedOut
	case err != nil:
		out.Problem = CutOff
	case res.StatusCode >= 400:
		out.Problem = BadStatus
	}
	return out
}

func problemOf(err error) Problem {
	var (
		dns     *net.DNSError
		timeout interface{ Timeout() bool }
		unknown x509.UnknownAuthorityError
		invalid *tls.CertificateVerificationError
		host    x509.HostnameError
		record  tls.RecordHeaderError
		asked   *url.Error
	)
	switch {
	case debrief.KindOf(err) == debrief.Forbidden:
		return NotAllowed
	case errors.As(err, &invalid), errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &record):
		return BadTLS
	case errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	case errors.As(err, &dns):
		return NotResolved
	case errors.As(err, &asked) && (strings.Contains(asked.Err.Error(), "tls:") || errors.Is(asked.Err, http.ErrSchemeMismatch)):
		return BadTLS
	}
	return NotReached
}
