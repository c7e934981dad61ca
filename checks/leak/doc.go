// Package leak holds the checks of what a running server never gives back: connections, descriptors, goroutines. What they say
// comes from package verdict, after a look of three seconds: `monitor` takes the time that proof needs.
package leak
