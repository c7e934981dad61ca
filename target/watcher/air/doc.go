// Package air knows air (github.com/air-verse/air) as exactly as the tool itself: where each version looks for its
// configuration, what it makes of it, and which saves it reacts to. It reads and decides; it has no opinion.
//
// The rules follow air's source: runner/config.go, runner/engine.go and runner/util.go of v1.67.4, and of the releases
// that version.go names. A differential test runs the real tool (differential_test.go).
package air
