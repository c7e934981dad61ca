package server

import (
	"slices"

	"github.com/gindoctor/gindoctor/target/host"
)

// silent are programs that never listen on a port of their own: one that holds a listening socket was given it by its parent.
var silent = []string{"sh", "bash", "dash", "zsh", "ash", "ksh", "sleep", "tail", "cat", "tee", "less", "more", "head", "grep", "sed",
	"awk", "mawk", "gawk", "find", "xargs", "sort", "make", "env", "nohup", "timeout", "time", "watch", "yes", "true", "git", "tar",
	"gzip", "zip", "rsync", "cp", "mv", "dd", "inotifywait", "convert", "wkhtmltopdf", "pdftotext", "pg_dump", "mysqldump"}

// inherited tells whether a process merely got a listening socket from the one that opened it: it is a program that never
// listens, or a descendant of another holder of the same socket. Whether that one still lives shows in the other holders.
func (s *Snapshot) inherited(scope Scope, p host.Process, held []host.Listener) bool {
	if slices.Contains(silent, program(p)) {
		return true
	}
	for _, q := range s.Processes.Ancestors(p) {
		for _, l := range held {
			if q.PID != 1 && slices.Contains(l.Holders, q.PID) {
				return true
			}
		}
	}
	return false
}
