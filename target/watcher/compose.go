package watcher

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
)

// composeWatch: `docker compose watch` and `docker compose up --watch`. Compose files are there for other reasons too, so they
// do not show that it is meant to be used.
var composeWatch = &Tool{
	Name:     "docker compose watch",
	Command:  "docker compose watch",
	Programs: []string{"docker", "docker-compose"},
	Recognise: func(p host.Process, _ *host.Processes) bool {
		name := program(p)
		if name != "docker" && name != "docker-compose" || name == "docker" && !slices.Contains(p.Args, "compose") {
			return false
		}
		return slices.Contains(p.Args, "watch") || slices.Contains(p.Args, "up") && (slices.Contains(p.Args, "--watch") || slices.Contains(p.Args, "-w"))
	},
	Serves: func([]string) bool { return false }, // not on this host
	Place: func(args []string) (dir, config string) {
		return option(args, "project-directory"), option(args, "f", "file")
	},
	Watches: func(args []string) bool {
		var words []Word
		for _, a := range args {
			words = append(words, Word{Text: a, Known: true})
		}
		_, sub, ok := composeCommand(words)
		return ok && (sub.watch || sub.unsure != "")
	},
	Read: readComposeWatch,
}

// composeFlags are those in front of the sub-command.
var composeFlags = &flagSet{dialect: pflag, flags: []*flagSpec{
	{names: []string{"file", "f"}}, {names: []string{"project-directory"}}, {names: []string{"project-name", "p"}}, {names: []string{"profile"}},
	{names: []string{"env-file"}}, {names: []string{"ansi"}}, {names: []string{"progress"}}, {names: []string{"parallel"}},
	{names: []string{"compatibility"}, takes: takesNothing}, {names: []string{"dry-run"}, takes: takesNothing},
	{names: []string{"all-resources"}, takes: takesNothing}, {names: []string{"verbose"}, takes: takesNothing}, {names: []string{"help", "h"}, takes: takesNothing},
}}

// composeUpValues are the flags of `up` and `watch` that take a word; the others are switches.
var composeUpValues = []string{"--attach", "--exit-code-from", "--no-attach", "--pull", "--scale", "--timeout", "-t", "--wait-timeout", "--dry-run="}

// composeSub is a sub-command with what it is given.
type composeSub struct {
	watch    bool
	noBuild  *Word // of `up --no-build`, with which nothing can be rebuilt
	services []string
	unsure   string
}

// composeCommand parts the words behind `docker` or `docker-compose`.
func composeCommand(words []Word) (global *arguments, sub composeSub, ok bool) {
	if len(words) > 0 && words[0].Text == "compose" {
		words = words[1:]
	}
	global = composeFlags.parse("docker compose", words)
	if len(global.faults) > 0 || len(global.rest) == 0 || !slices.Contains([]string{"watch", "up"}, global.rest[0].Text) {
		return global, sub, false
	}
	sub.watch = global.rest[0].Text == "watch"
	rest := global.rest[1:]
	for i := 0; i < len(rest); i++ {
		w := rest[i]
		switch {
		case !w.Known:
			sub.unsure = "only the shell knows which services are watched"
		case slices.Contains(composeUpValues, w.Text):
			i++
		case w.Text == "--watch" || w.Text == "-w" || w.Text == "--watch=true":
			sub.watch = true
		case w.Text == "--no-build":
			sub.noBuild = &rest[i]
		case !strings.HasPrefix(w.Text, "-"):
			sub.services = append(sub.services, w.Text)
		}
	}
	return global, sub, true
}

// composeNames are the files that compose takes of itself in a folder, the one that wins first, and those that it lays over them.
var (
	composeNames     = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	composeOverrides = []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
)

// composeProject is what is read of the compose files.
type composeProject struct {
	*Setup
	sub      composeSub
	profiles []string
	dir      string // that paths are relative to
	services []*composeService
}

// composeService is a service as its files together have it.
type composeService struct {
	name  string
	parts []*value // of each file that has it
}

// get is the value of a key of the last file that has it.
func (c *composeService) get(key string) *value {
	for _, part := range slices.Backward(c.parts) {
		if v := part.get(key); v != nil {
			return v
		}
	}
	return nil
}

func readComposeWatch(start *Start) *Setup {
	s := &Setup{Start: start, Events: Events{NewFolders: true, NewFiles: true}}
	global, sub, ok := composeCommand(s.Words)
	if !ok || !sub.watch && sub.unsure == "" {
		return nil
	}
	p := &composeProject{Setup: s, sub: sub}
	if s.Unsure = sub.unsure; s.Unsure == "" {
		s.Unsure = global.hides("file", "project-directory", "profile")
	}
	if s.Unsure != "" {
		return s
	}
	for _, g := range global.all("profile") {
		p.profiles = append(p.profiles, g.value.Text)
	}
	files := p.files(global)
	if s.Unsure != "" || len(files) == 0 {
		return s
	}
	p.dir = filepath.Dir(files[0])
	if g := global.last("project-directory"); g != nil {
		p.dir = inFolder(s.Cwd, g.value.Text)
	}
	p.read(files)
	if s.Unsure == "" && !s.refused() {
		p.rules()
	}
	if s.Unsure != "" || s.refused() {
		s.Reactions = nil
	}
	return s
}

// files are the compose files that are read: those that are named, or those of the folder or of the next one above that has one.
func (p *composeProject) files(global *arguments) []string {
	var files []string
	for _, g := range global.all("file") {
		if g.value.Text == "-" {
			p.Unsure = "the compose file is piped in"
			return nil
		}
		files = append(files, inFolder(p.Cwd, g.value.Text))
	}
	if v, ok := p.Env("COMPOSE_FILE"); ok && v != "" && len(files) == 0 {
		for _, name := range filepath.SplitList(v) {
			files = append(files, inFolder(p.Cwd, name))
		}
	}
	dir := p.Cwd
	if g := global.last("project-directory"); g != nil {
		dir = inFolder(p.Cwd, g.value.Text)
	}
	for len(files) == 0 {
		files = p.filesOf(dir)
		if above := filepath.Dir(dir); above != dir && len(files) == 0 {
			dir = above
			continue
		}
		break
	}
	if len(files) == 0 {
		p.load(filepath.Join(p.Cwd, "compose.yaml"))
	}
	return files
}

func (p *composeProject) filesOf(dir string) []string {
	var files []string
	for _, names := range [][]string{composeNames, composeOverrides} {
		for _, name := range names {
			abs := filepath.Join(dir, name)
			if _, err := p.Files.Read(abs); err == nil {
				files = append(files, abs)
				break
			}
		}
		if len(files) == 0 {
			return nil
		}
	}
	return files
}

// read reads the files one over the other.
func (p *composeProject) read(files []string) {
	var first *ConfigFile
	for _, name := range files {
		doc := p.load(name)
		if first == nil {
			first = p.File
		}
		if doc == nil {
			continue
		}
		root, wrong := readYAML(doc)
		if wrong != nil {
			p.refuse(Fault{Kind: Syntax, Place: doc.place(wrong.at, doc.lineEnd(wrong.at)), Does: "docker compose ends: " + wrong.reason})
			continue
		}
		if root.get("include") != nil {
			p.Unsure = doc.file + " includes other files, which are not read here"
		}
		for _, m := range root.get("services").table() {
			p.service(m)
		}
	}
	p.File = first
	if p.Unsure == "" && first != nil && first.Err == nil && !p.refused() {
		p.choose()
	}
}

func (p *composeProject) service(m member) {
	if m.kind != tableValue {
		return
	}
	i := slices.IndexFunc(p.services, func(s *composeService) bool { return s.name == m.name })
	if i < 0 {
		i = len(p.services)
		p.services = append(p.services, &composeService{name: m.name})
	}
	p.services[i].parts = append(p.services[i].parts, m.value)
}

// choose keeps the services that are started: those that are named with what they depend on, or all but those of other profiles.
func (p *composeProject) choose() {
	wanted := map[string]bool{}
	var want func(name string)
	want = func(name string) {
		i := slices.IndexFunc(p.services, func(s *composeService) bool { return s.name == name })
		if i < 0 || wanted[name] {
			return
		}
		wanted[name] = true
		depends := p.services[i].get("depends_on")
		for _, item := range depends.list() {
			want(item.text)
		}
		for _, m := range depends.table() {
			want(m.name)
		}
	}
	for _, s := range p.services {
		profiles := s.get("profiles").list()
		enabled := len(profiles) == 0 || slices.Contains(p.profiles, "*") ||
			slices.ContainsFunc(profiles, func(v *value) bool { return slices.Contains(p.profiles, v.text) })
		if slices.Contains(p.sub.services, s.name) || len(p.sub.services) == 0 && enabled {
			want(s.name)
		}
	}
	p.services = slices.DeleteFunc(p.services, func(s *composeService) bool { return !wanted[s.name] })
	for _, s := range p.services {
		if s.get("extends") != nil {
			p.Unsure = "the service " + s.name + " extends another, which is not followed here"
		}
	}
}
