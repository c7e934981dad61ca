package stage

import "fmt"

// SignalName knows no signals: there are none here.
func SignalName(name string) (string, error) {
	return "", fmt.Errorf("%q: Windows has no signals", name)
}
