//go:build !unix

package cli

import (
	"os"
	"os/exec"
)

var (
	ignoredPipe os.Signal
	terminate   = os.Kill
)

func passedOn() []os.Signal           { return []os.Signal{os.Interrupt} }
func asksToStop(os.Signal) bool       { return true }
func fromTerminal(os.Signal) bool     { return true } // the console sends it to every process
func exitCode(s *os.ProcessState) int { return s.ExitCode() }

func detach(*exec.Cmd) {}
