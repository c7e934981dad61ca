package restart

import (
	"fmt"
	"os"
)

func send(_ *os.Process, signal string) error {
	return fmt.Errorf("%s: Windows has no signals", signal)
}
