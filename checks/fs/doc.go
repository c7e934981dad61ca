// Package fs holds the checks of files, links, filesystems and editors: what lies between a save and the watcher.
package fs
