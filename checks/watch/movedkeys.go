package watch

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// move is a setting in the place where air has it.
type move struct {
	section, key, value string
	same                bool // the same key, in another section: nothing is guessed
	over                bool // it takes the place of what stands there
}

// moved says where air has what an unknown key means; nothing where that is not certain. The sections are those that articles
// and copied files invent.
func moved(a *airFile, e tomldoc.Entry) []move {
	section, key := strings.Join(e.Path[:len(e.Path)-1], "."), e.Path[len(e.Path)-1]
	switch section {
	case "kill", "build.kill", "signal":
		return movedKill(key, e.Value)
	case "watch", "watcher", "build.watch", "reload":
		if m := movedWatch(a, key, e.Value); m != nil {
			return m
		}
	}
	if section == "log" && slices.Contains([]string{"color", "colour", "colors"}, key) && e.Value.Kind == tomldoc.Bool && a.Version.AtLeast("v1.65.3") {
		mode := map[string]string{"true": "always", "false": "never"}[e.Value.Text]
		return []move{{section: "color", key: "mode", value: quoted(mode)}}
	}
	// A key of [build] that stands somewhere else.
	path := []string{"build", key}
	if k, table, ok := air.Known(path); ok && !table && section != "build" && a.Version.AtLeast(k.Since) && a.Takes(path, a.Raw(e.Value.Span)) {
		return []move{{section: "build", key: key, value: a.Raw(e.Value.Span), same: true}}
	}
	return nil
}

func movedKill(key string, v tomldoc.Value) []move {
	switch strings.ToLower(key) {
	case "signal", "kill_signal", "sig":
		if strings.Contains(strings.ToUpper(v.Text), "KILL") {
			return nil
		}
		return []move{{section: "build", key: "send_interrupt", value: "true", over: true}}
	case "delay", "timeout", "kill_delay", "kill_timeout":
		text := v.Text
		if v.Kind == tomldoc.Integer {
			text += "ms"
		}
		return []move{{section: "build", key: "kill_delay", value: quoted(text), over: true}}
	}
	return nil
}

func movedWatch(a *airFile, key string, v tomldoc.Value) []move {
	if v.Kind != tomldoc.Array {
		return nil
	}
	items := texts(v)
	switch key {
	case "exclude_dirs", "exclude_dir", "ignore", "ignore_dirs", "exclude", "excludes":
		return []move{{section: "build", key: "exclude_dir", value: list(cleaned(items))}}
	case "include_dirs", "dirs", "paths", "include_dir":
		if slices.Equal(cleaned(items), []string{"."}) {
			return nil // all of the root is watched anyway
		}
		return []move{{section: "build", key: "include_dir", value: list(cleaned(items))}}
	case "include_files", "include_file", "extensions", "exts", "include_exts":
		if looksLikeExtensions(v) {
			return []move{{section: "build", key: "include_ext", value: list(bare(items))}}
		}
		if strings.HasPrefix(key, "include_file") && !slices.Contains(items, ".") {
			return []move{{section: "build", key: "include_file", value: list(cleaned(items))}}
		}
	}
	return nil
}

func texts(v tomldoc.Value) []string {
	var out []string
	for _, i := range v.Items {
		if i.Kind == tomldoc.String {
			out = append(out, i.Text)
		}
	}
	return out
}

// cleaned are folders as air compares them: without ./ in front.
func cleaned(items []string) []string {
	var out []string
	for _, s := range items {
		if t := strings.TrimSuffix(strings.TrimPrefix(s, "./"), "/"); t != "" {
			s = t
		}
		out = append(out, s)
	}
	return out
}

func bare(items []string) []string {
	var out []string
	for _, s := range items {
		out = append(out, strings.TrimLeft(s, "*."))
	}
	return out
}

// looksLikeExtensions tells whether a list holds extensions: ".go", "*.html".
func looksLikeExtensions(v tomldoc.Value) bool {
	items := texts(v)
	return len(items) > 0 && !slices.ContainsFunc(items, func(s string) bool {
		return !(strings.HasPrefix(s, ".") && len(s) > 1 || strings.HasPrefix(s, "*.")) || strings.ContainsAny(s, "/")
	})
}

func moveHelp(moves []move) string {
	var parts []string
	for _, m := range moves {
		parts = append(parts, m.key+" = "+m.value+" under ["+m.section+"]")
	}
	return "write " + strings.Join(parts, " and ")
}

// sectionHelp says where air has what a section was to do.
func sectionHelp(s *section) string {
	switch s.path[0] {
	case "kill", "signal":
		return `under [build]: send_interrupt = true, and kill_delay = "500ms" for the time it may take; the signal is SIGINT, no other`
	case "watch", "watcher", "reload":
		return "under [build]: include_dir, include_ext, include_file, exclude_dir, exclude_regex"
	case "env", "environment":
		return `env_files = [".env"] at the top (from 1.64.1), or full_bin = "NAME=value ./tmp/main" under [build]`
	case "run", "serve", "runner":
		return "under [build]: entrypoint, args_bin, full_bin"
	case "hooks":
		return "under [build]: pre_cmd, post_cmd"
	}
	return "take the section out; `air init` in an empty folder writes a file with every setting there is"
}

// keyHelp says what there is in place of an invented key.
func keyHelp(section, key string) string {
	switch {
	case section == "build" && slices.Contains([]string{"include", "watch", "watch_ext", "extensions"}, key):
		return "include_ext lists extensions, include_dir folders, include_file files"
	case section == "build" && slices.Contains([]string{"exclude", "ignore"}, key):
		return "exclude_dir lists folders, exclude_file files, exclude_regex patterns"
	case section == "build" && strings.HasPrefix(key, "watch_dir"):
		return "include_dir lists the folders to watch; without it all of the root is"
	case section == "proxy":
		return "[proxy] has enabled, proxy_port, app_port and app_start_timeout"
	case section == "log":
		return "[log] has time, main_only and silent"
	case section == "color":
		return "[color] has main, watcher, build, runner, app and mode"
	case section == "" && slices.Contains([]string{"run", "serve", "ignore", "hooks"}, key):
		return "air's own settings for that stand under [build]: cmd, entrypoint, exclude_dir, pre_cmd"
	}
	return ""
}
