package target

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Editor is an editor that its files show to be used, with what it writes beside the files that are edited.
type Editor struct {
	Name string
	// By is the file that shows it: relative to the root where it lies in the project, else absolute.
	By        string
	InProject bool
	Writes    []Beside
}

// Beside is a kind of file that an editor writes beside the one that is edited.
type Beside struct {
	Prefix, Suffix string // around the name of the file that is edited
	Saving         bool   // it comes and goes with each save; else it lies there while the file is open or changed
	What           string // "a lock", "its swap file"
	Off            string // what keeps the editor from writing it
}

// Name is its name for a file.
func (b Beside) Name(base string) string { return b.Prefix + base + b.Suffix }

// maxSettings bounds a file of an editor's settings.
const maxSettings = 1 << 20

// Editors lists the editors that are used on the project, for all that files in it and in the user's home show. The error names
// settings that do not parse; the editors are those of the others.
func (t *Target) Editors(ctx context.Context) ([]Editor, error) {
	links, err := t.Links(ctx)
	if err != nil {
		return nil, err
	}
	var out []Editor
	if e, ok := t.emacs(links); ok {
		out = append(out, e)
	}
	if e, ok := t.vim(); ok {
		out = append(out, e)
	}
	e, ok, err := t.jetBrains(ctx)
	if ok {
		out = append(out, e)
	}
	return out, err
}

// settingsFile is a file of settings that is there.
type settingsFile struct {
	name      string // as Editor.By
	text      string
	inProject bool
}

// editorFiles reads those of some files that are there, the project's first.
func (t *Target) editorFiles(project, home []string) []settingsFile {
	var out []settingsFile
	for _, name := range project {
		if data, err := readSmall(filepath.Join(t.root, filepath.FromSlash(name)), maxSettings); err == nil {
			out = append(out, settingsFile{name, string(data), true})
		}
	}
	for _, name := range home {
		if data, err := readSmall(name, maxSettings); filepath.IsAbs(name) && err == nil {
			out = append(out, settingsFile{name, string(data), false})
		}
	}
	return out
}

func (t *Target) home(name string) string {
	if home := t.Getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, filepath.FromSlash(name))
	}
	return ""
}

// configHome is a name in the folder of the user's settings (XDG Base Directory Specification).
func (t *Target) configHome(name string) string {
	if dir := t.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, filepath.FromSlash(name))
	}
	return t.home(".config/" + name)
}

// The settings of Emacs, as its manual has them (Interlocking, Auto Save Files, Backup Names).
var (
	lispComment   = lazyregexp.New(`(?m);.*$`)
	noLocks       = lazyregexp.New(`create-lockfiles[\s.]+'?nil`)
	noAutoSave    = lazyregexp.New(`auto-save-default[\s.]+'?nil|auto-save-file-name-transforms|auto-save-mode[\s.]+-1`)
	noLispBackup  = lazyregexp.New(`make-backup-files[\s.]+'?nil|backup-directory-alist|backup-inhibited[\s.]+t`)
	emacsLockName = lazyregexp.New(`^.+@.+\.\d+(:\d+)?$`) // user@host.pid:boot
)

func (t *Target) emacs(links []Link) (Editor, bool) {
	files := t.editorFiles([]string{".dir-locals.el", ".dir-locals-2.el"},
		[]string{t.home(".emacs"), t.home(".emacs.el"), t.home(".emacs.d/init.el"), t.configHome("emacs/init.el")})
	e := Editor{Name: "Emacs"}
	all := ""
	for _, f := range files {
		if all == "" {
			e.By, e.InProject = f.name, f.inProject
		}
		all += lispComment.ReplaceAllString(f.text, "") + "\n"
	}
	for _, l := range links {
		if strings.HasPrefix(path.Base(l.Path), ".#") && emacsLockName.MatchString(l.Target) {
			e.By, e.InProject = l.Path, true // it is at work
			break
		}
	}
	locked := e.By != "" && strings.HasPrefix(path.Base(e.By), ".#")
	if e.By == "" || !locked && t.tamed() {
		return e, false
	}
	if locked || !noLocks.MatchString(all) {
		e.Writes = append(e.Writes, Beside{Prefix: ".#", What: "a lock", Off: "create-lockfiles nil"})
	}
	if !noAutoSave.MatchString(all) {
		e.Writes = append(e.Writes, Beside{Prefix: "#", Suffix: "#", What: "an autosave", Off: "auto-save-default nil"})
	}
	if !noLispBackup.MatchString(all) {
		e.Writes = append(e.Writes, Beside{Suffix: "~", What: "a backup", Off: "make-backup-files nil", Saving: true})
	}
	return e, true
}

// tamed tells whether Emacs comes with Doom or Spacemacs, which keep such files away from those that are edited.
func (t *Target) tamed() bool {
	for _, name := range []string{t.home(".doom.d"), t.configHome("doom"), t.home(".spacemacs"), t.home(".spacemacs.d")} {
		if name != "" && exists(name) {
			return true
		}
	}
	return false
}

// The settings of Vim and Neovim that keep a kind of file away (:help 'swapfile', 'directory', 'writebackup', 'backupdir').
var (
	vimComment = lazyregexp.New(`(?m)^\s*("|--).*$`)
	noSwap     = lazyregexp.New(`\bset?\w*\b.*\b(noswapfile|noswf|dir(ectory)?[\^+]?=)|\.(swapfile|directory)\s*=|updatecount=0`)
	noVimCopy  = lazyregexp.New(`\bset?\w*\b.*\b(nowritebackup|nowb|bdir|backupdir)\b|\.(writebackup|backupdir)\s*=`)
)

func (t *Target) vim() (Editor, bool) {
	vim := []string{t.home(".vimrc"), t.home(".vim/vimrc"), t.configHome("vim/vimrc")}
	neovim := []string{t.configHome("nvim/init.vim"), t.configHome("nvim/init.lua")}
	files := t.editorFiles([]string{".vimrc", ".exrc", ".nvimrc", ".nvim.lua"}, append(vim, neovim...))
	if len(files) == 0 {
		return Editor{}, false
	}
	e := Editor{Name: "Vim", By: files[0].name, InProject: files[0].inProject}
	all, plain := "", false
	for _, f := range files {
		all += vimComment.ReplaceAllString(f.text, "") + "\n"
		plain = plain || !strings.Contains(f.name, "nvim")
	}
	// Neovim keeps its swap files in a folder of its own.
	if plain && !noSwap.MatchString(all) {
		e.Writes = append(e.Writes, Beside{Prefix: ".", Suffix: ".swp", What: "its swap file", Off: "set noswapfile"})
	}
	if !noVimCopy.MatchString(all) {
		e.Writes = append(e.Writes, Beside{Suffix: "~", What: "a backup", Off: "set nowritebackup", Saving: true})
	}
	return e, true
}

// jetBrains reads whether GoLand or one of its kin saves by way of a second file (System Settings, "Use safe write"), which it
// does unless told otherwise.
func (t *Target) jetBrains(ctx context.Context) (Editor, bool, error) {
	e := Editor{Name: "a JetBrains IDE", By: ".idea", InProject: true}
	files := t.generalSettings(ctx)
	if !isDir(filepath.Join(t.root, ".idea")) {
		return e, false, nil // its settings at home do not show that it is used here
	}
	for _, name := range files {
		data, err := readSmall(name, maxSettings)
		if err != nil {
			continue
		}
		off, err := safeWriteOff(data)
		if err != nil {
			return e, false, fmt.Errorf("%s does not parse: %w", name, err)
		}
		if off {
			return e, true, nil
		}
	}
	const off = "Settings, Appearance & Behavior, System Settings: switch off safe write"
	e.Writes = []Beside{
		{Suffix: "___jb_tmp___", What: "a draft", Off: off, Saving: true},
		{Suffix: "___jb_old___", What: "a copy", Off: off, Saving: true},
	}
	return e, true, nil
}

// generalSettings are the files ide.general.xml of all JetBrains IDEs of this user.
func (t *Target) generalSettings(ctx context.Context) []string {
	dir := t.configHome("JetBrains")
	switch runtime.GOOS {
	case "darwin":
		dir = t.home("Library/Application Support/JetBrains")
	case "windows":
		dir = filepath.Join(t.Getenv("APPDATA"), "JetBrains")
	}
	found, err := filepath.Glob(filepath.Join(dir, "*", "options", "ide.general.xml"))
	if err != nil || !filepath.IsAbs(dir) || ctx.Err() != nil {
		return nil
	}
	return found
}

// safeWriteOff tells whether the settings say useSafeWrite is false.
func safeWriteOff(data []byte) (bool, error) {
	d := xml.NewDecoder(strings.NewReader(string(data)))
	off := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return off, nil
		}
		if err != nil {
			return false, err
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "option" {
			continue
		}
		attrs := map[string]string{}
		for _, a := range start.Attr {
			attrs[a.Name.Local] = a.Value
		}
		off = off || attrs["name"] == "useSafeWrite" && attrs["value"] == "false"
	}
}
