// Package mod holds the checks of go.mod, go.sum, go.work and vendor against the imports. One file per check.
package mod
