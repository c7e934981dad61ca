//go:build differential

package watcher

import (
	"testing"

	"github.com/gindoctor/gindoctor/target/watcher/air/airtest"
)

var realModd = fromModule("github.com/cortesi/modd", "v0.8.1", "github.com/cortesi/modd/cmd/modd", "modd")

func moddTrial(conf string, args ...string) trial {
	return trial{tool: modd, version: "v0.8.1", program: realModd, args: args, files: map[string]string{"proj/modd.conf": conf}}
}

func TestDifferentialModd(t *testing.T) {
	runTrials(t, []trial{
		moddTrial("**/*.go {\n  prep: {react}\n}\n"),
		moddTrial("*.go {\n  prep: {react}\n}\n"),
		moddTrial("** {\n  prep: {react}\n}\n"),
		moddTrial("** +noignore {\n  prep: {react}\n}\n"),
		moddTrial("** !**/*_test.go !vendor/** {\n  prep: {react}\n}\n"),
		moddTrial("**/*.go !*/** {\n  prep: {react}\n}\n"),
		moddTrial("**/*.go !sub !api/* !web/ {\n  prep: {react}\n}\n"),
		moddTrial("\"**/*.{go,tmpl,html}\" !'sub/**/?.go' {\n  prep: {react}\n}\n"),
		moddTrial("sub/** api/v[12]/*.go main* {\n  prep: {react}\n}\n"),
		moddTrial("**/[^a-m].go \"sp ace/*\" {\n  prep: {react}\n}\n"),
		moddTrial("./**/*.go main.go {\n  prep: {react}\n}\n"),
		moddTrial("sub/*/*.go linkout/deep/* {\n  prep: {react}\n}\n"),
		moddTrial("../lib/** **/x.go {\n  prep: {react}\n}\n"),
		moddTrial("**.go **main.c **/.*/** {\n  prep: {react}\n}\n"),
		moddTrial("main.go x.tmpl {\n  prep: {react}\n}\nsub/**/*.go {\n  indir: sub\n  prep: {react}\n}\n"),
		{tool: modd, version: "v0.8.1", program: realModd, args: []string{"--file=conf/dev.conf", "-n"},
			files: map[string]string{"proj/conf/dev.conf": "# c\n@ext = \"*.go\"\r\n\nsub/** { # all\n  prep +onchange : {react}\n}\n"}},
		{tool: modd, version: "v0.8.1", program: realModd, args: []string{"-fdev.conf"}, files: map[string]string{"proj/dev.conf": "**/*.go{prep: {react}\n}"}},
	})
}

func TestDifferentialModdRefusals(t *testing.T) {
	with := func(runs bool, conf string, args ...string) refusal { return refusal{moddTrial(conf, args...), runs} }
	tryRefusals(t, []refusal{
		with(false, "**/*.go { prep: {react} }\n"),
		with(false, "**/*.go\n"),
		with(false, "**/*.go {\n  daemon: {react} @v1\n}\n"),
		with(true, "**/*.go {\n  daemon: {react} \\@v1\n}\n"),
		with(true, "**/*.go {\n  daemon: {react} a@/b\n}\n"),
		with(true, "**/*.go {\n  prep: {react} @mods\n}\n"),
		with(false, "**/*.go {\n  build: {react}\n}\n"),
		with(false, "**/*.go {\n  prep +now: {react}\n}\n"),
		with(false, "**/*.go {\n  indir: sub\n  indir: sub\n  prep: {react}\n}\n"),
		with(false, "@a = 1\n@a = 2\n**/*.go {\n  prep: {react}\n}\n"),
		with(false, "@shell = zsh\n**/*.go {\n  prep: {react}\n}\n"),
		with(true, "@shell = sh\n**/*.go {\n  prep: '{react}'\n}\n"),
		with(false, "**/*.go {\n  prep: {react}\n}\n", "--watch"),
		with(false, "**/*.go {\n  prep: {react}\n}\n", "main.go"),
		with(true, "**/*.go {\n  prep: {react}\n}\n", "--no-noconf"),
	})
}

func TestDifferentialModdStop(t *testing.T) {
	for _, signal := range airtest.Sample([]string{"", " +sigterm", " +sigint", " +sigkill", " +sigusr1"}, 2) {
		tryStop(t, moddTrial("**/*.go {\n  daemon"+signal+": {react}\n}\n"), "proj/main.go")
	}
}
