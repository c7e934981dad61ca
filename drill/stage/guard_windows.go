package stage

import (
	"errors"
	"os"
)

// guard and janitor are not reached: Set refuses to set a stage here.
func guard(string, []string) int { return 2 }

func janitor(string) int { return 2 }

func holdLock(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func sweep(string) {}

func endMarked(string) {}
