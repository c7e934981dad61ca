//go:build !unix

package external

import "os/exec"

// group does nothing: there are no process groups here. The executable itself is ended.
func group(*exec.Cmd) {}

func endGroup(*exec.Cmd) error { return nil }
