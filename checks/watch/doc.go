// Package watch holds the checks of the watcher and its configuration.
package watch
