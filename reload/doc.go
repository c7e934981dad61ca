// Package reload proves the fixes by real reloads: it breaks a small Gin service as people break theirs, has gindoctor find the
// cause and mend it, and then edits a source file under the real air: the served answer must change. After that the undo must
// put each byte back. It is all test, under the build tag "reload": `make reload`.
//
// The broken projects are those of internal/broken, each with the check that is to be the cause; projects_test.go adds how the real
// air shows that something is wrong.
//
// The first run needs the module proxy; what was downloaded stays in the module cache.
package reload
