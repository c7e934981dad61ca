package air

import "github.com/gindoctor/gindoctor/target/tomldoc"

// Key is one setting that air knows.
type Key struct {
	Path  []string       // ["build", "cmd"]
	Kind  tomldoc.Kind   // of its value
	Also  []tomldoc.Kind // further kinds that it takes
	Since string         // the release that brought it
	Moved string         // where the setting is now, for one that newer releases have renamed
}

// Name is the key as TOML writes it: "build.cmd".
func (k Key) Name() string {
	name := k.Path[0]
	for _, part := range k.Path[1:] {
		name += "." + part
	}
	return name
}

func key(kind tomldoc.Kind, since string, path ...string) Key {
	return Key{Path: path, Kind: kind, Since: since}
}

// Keys lists every setting of air 1.67 with the release that brought it.
var Keys = append([]Key{
	key(tomldoc.String, "v1.0.1", "root"),
	key(tomldoc.String, "v1.0.1", "tmp_dir"),
	key(tomldoc.String, "v1.27.4", "testdata_dir"),
	key(tomldoc.Array, "v1.64.1", "env_files"),

	key(tomldoc.Array, "v1.46.0", "build", "pre_cmd"),
	key(tomldoc.String, "v1.0.1", "build", "cmd"),
	key(tomldoc.Array, "v1.46.0", "build", "post_cmd"),
	{Path: []string{"build", "bin"}, Kind: tomldoc.String, Since: "v1.0.1", Moved: "build.entrypoint"},
	{Path: []string{"build", "entrypoint"}, Kind: tomldoc.Array, Also: []tomldoc.Kind{tomldoc.String}, Since: "v1.63.2"},
	key(tomldoc.String, "v1.11.1", "build", "full_bin"),
	key(tomldoc.Array, "v1.30.0", "build", "args_bin"),
	key(tomldoc.String, "v1.0.1", "build", "log"),
	key(tomldoc.Array, "v1.0.1", "build", "include_ext"),
	key(tomldoc.Array, "v1.0.1", "build", "exclude_dir"),
	key(tomldoc.Array, "v1.12.0", "build", "include_dir"),
	key(tomldoc.Array, "v1.12.0", "build", "exclude_file"),
	key(tomldoc.Array, "v1.41.0", "build", "include_file"),
	key(tomldoc.Array, "v1.27.0", "build", "exclude_regex"),
	key(tomldoc.Bool, "v1.15.1", "build", "exclude_unchanged"),
	key(tomldoc.Bool, "v1.64.1", "build", "ignore_dangerous_root_dir"),
	key(tomldoc.Bool, "v1.27.0", "build", "follow_symlink"),
	key(tomldoc.Bool, "v1.43.0", "build", "poll"),
	key(tomldoc.Integer, "v1.43.0", "build", "poll_interval"),
	key(tomldoc.Integer, "v1.0.1", "build", "delay"),
	key(tomldoc.Bool, "v1.12.0", "build", "stop_on_error"),
	key(tomldoc.Bool, "v1.12.1", "build", "send_interrupt"),
	{Path: []string{"build", "kill_delay"}, Kind: tomldoc.String, Also: []tomldoc.Kind{tomldoc.Integer}, Since: "v1.12.1"},
	key(tomldoc.Bool, "v1.41.0", "build", "rerun"),
	key(tomldoc.Integer, "v1.41.0", "build", "rerun_delay"),

	key(tomldoc.String, "v1.66.0", "build", "rules", "name"),
	key(tomldoc.String, "v1.66.0", "build", "rules", "cmd"),
	key(tomldoc.Array, "v1.66.0", "build", "rules", "include_dir"),
	key(tomldoc.Array, "v1.66.0", "build", "rules", "include_ext"),
	key(tomldoc.Array, "v1.66.0", "build", "rules", "include_file"),
	key(tomldoc.Array, "v1.66.0", "build", "rules", "exclude_regex"),
	key(tomldoc.Integer, "v1.66.0", "build", "rules", "delay"),

	key(tomldoc.Bool, "v1.0.2", "log", "time"),
	key(tomldoc.Bool, "v1.41.0", "log", "main_only"),
	key(tomldoc.Bool, "v1.61.0", "log", "silent"),
	key(tomldoc.String, "v1.0.1", "color", "main"),
	key(tomldoc.String, "v1.0.1", "color", "watcher"),
	key(tomldoc.String, "v1.0.1", "color", "build"),
	key(tomldoc.String, "v1.0.1", "color", "runner"),
	key(tomldoc.String, "v1.0.1", "color", "app"),
	key(tomldoc.String, "v1.65.3", "color", "mode"),
	key(tomldoc.Bool, "v1.11.1", "misc", "clean_on_exit"),
	key(tomldoc.String, "v1.65.1", "misc", "startup_banner"),
	key(tomldoc.Bool, "v1.27.4", "screen", "clear_on_rebuild"),
	key(tomldoc.Bool, "v1.41.0", "screen", "keep_scroll"),
	key(tomldoc.Bool, "v1.52.0", "proxy", "enabled"),
	key(tomldoc.Integer, "v1.52.0", "proxy", "proxy_port"),
	key(tomldoc.Integer, "v1.52.0", "proxy", "app_port"),
	key(tomldoc.Integer, "v1.63.6", "proxy", "app_start_timeout"),
}, platformKeys()...)

// platformKeys are the keys of the tables for one system.
func platformKeys() []Key {
	var keys []Key
	for _, system := range []string{"windows", "darwin", "linux"} {
		for _, k := range []Key{
			key(tomldoc.Array, "v1.65.0", "pre_cmd"), key(tomldoc.String, "v1.65.0", "cmd"), key(tomldoc.Array, "v1.65.0", "post_cmd"),
			key(tomldoc.String, "v1.65.0", "bin"), key(tomldoc.String, "v1.65.0", "full_bin"), key(tomldoc.Array, "v1.65.0", "args_bin"),
			{Path: []string{"entrypoint"}, Kind: tomldoc.Array, Also: []tomldoc.Kind{tomldoc.String}, Since: "v1.65.0"},
		} {
			k.Path = append([]string{"build", system}, k.Path...)
			keys = append(keys, k)
		}
	}
	return keys
}
