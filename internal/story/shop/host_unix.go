//go:build unix

package shop

import (
	"net"
	"os"
	"syscall"
)

// inheritable is a listener's socket as a file for child processes.
// ln.File() would not do: handing its file over makes the socket blocking, for
// everybody who shares it. An older process then hangs in accept, and takes a
// request along when it stops.
func inheritable(ln *net.TCPListener) (*os.File, error) {
	raw, err := ln.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd int
	var dupErr error
	syscall.ForkLock.RLock()
	err = raw.Control(func(s uintptr) {
		if fd, dupErr = syscall.Dup(int(s)); dupErr == nil {
			syscall.CloseOnExec(fd)
		}
	})
	syscall.ForkLock.RUnlock()
	if err == nil {
		err = dupErr
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "listener"), nil
}
