package main

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/gindoctor/gindoctor/report"
)

// streams is how a command meets the world: the report goes to out; progress, questions and complaints to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
	inTTY    bool // a person can answer
	errTTY   bool
	outTTY   bool
	look     report.Options // how wide and colourful out is
	environ  []string
}

// system connects the real streams.
func system() *streams {
	environ := os.Environ()
	return &streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		inTTY:   term.IsTerminal(int(os.Stdin.Fd())),
		errTTY:  term.IsTerminal(int(os.Stderr.Fd())),
		outTTY:  term.IsTerminal(int(os.Stdout.Fd())),
		look:    report.Detect(os.Stdout, environ),
		environ: environ,
	}
}
