// Package run holds the checks of the running server.
package run
