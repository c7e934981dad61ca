package watch

import "runtime"

// goos is the system that air runs on: this one.
const goos = runtime.GOOS
